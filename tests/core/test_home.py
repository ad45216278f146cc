import threading
from pathlib import Path

import pytest

from socialdesk.core.backoff import backoff
from socialdesk.core.errors import HomeError
from socialdesk.core.home import Home, create_private, write_private
from socialdesk.core.lock import only_one


def test_folders_and_files_are_closed_to_others(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    write_private(home.keys / "a.key", b"secret")
    assert home.keys.stat().st_mode & 0o077 == 0
    assert (home.keys / "a.key").stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HomeError, match="--home DIR"):
        Home(tmp_path / "file" / "home").prepare()


def test_many_starting_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path, made = tmp_path / "keys" / "master", []
    threads = [
        threading.Thread(target=lambda n=n: made.append(create_private(path, bytes([n]) * 32)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.count(True) == 1
    assert len(set(path.read_bytes())) == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["master"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_private(tmp_path / "f", b"old")
    write_private(tmp_path / "f", b"new")
    assert (tmp_path / "f").read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def test_only_one_holds_the_lock_and_it_is_free_afterwards(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "lock", "The demo"),
        pytest.raises(HomeError, match="The demo is running"),
        only_one(tmp_path / "lock", "The demo", wait_seconds=0),
    ):
        pass
    with only_one(tmp_path / "lock", "The demo", wait_seconds=0):
        pass


def test_waiting_doubles_is_jittered_and_has_a_ceiling() -> None:
    for failures in range(1, 60):
        ceiling = min(300.0, 2.0 * 2.0 ** min(failures - 1, 30))
        waits = [backoff(failures, 2.0) for _ in range(20)]
        assert all(ceiling / 2 <= wait <= ceiling for wait in waits)
        assert len(set(waits)) > 1
