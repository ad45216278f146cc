import ast
import base64
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from sqlmodel import select

import socialdesk
from socialdesk.audit.verify import verify_log
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import VaultError
from socialdesk.core.settings import Settings
from socialdesk.core.shipped import shipped
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query, parse_query
from socialdesk.store.rotation import rotate_master
from socialdesk.store.tables import LogEntry, Message, VaultKey
from tests.desks import START, hear, post, reopened


@pytest.fixture
def desk(any_desk: Desk) -> Desk:
    """Every promise here holds on both databases."""
    return any_desk


STEPS = ("stage", "rewrapped", "record", "commit", "settle")


def rotate(desk: Desk) -> int:
    service = desk.service("vault")
    return rotate_master(desk.store, desk.vault, service, "person:1", "yearly")


def reads(desk: Desk, officer: Officer) -> list[str]:
    found = order(desk, officer, parse_query("zanzibar"))
    return [line.gist for line in lines(desk, officer, found).values()]


def test_after_a_rotation_all_is_read_and_found_as_before_and_no_text_was_touched(
    desk: Desk, officer: Officer
) -> None:
    hear(desk, *(post(f"zanzibar {n}", handle=f"h{n}") for n in range(30)))
    with desk.store.reading() as session:
        before = [(row.sealed_text, row.sealed_raw) for row in session.exec(select(Message))]
        wrapped = set(session.exec(select(VaultKey.wrapped)))
    old = (desk.home.keys / "vault.key").read_bytes()
    said = reads(desk, officer)
    assert len(said) == 30
    assert rotate(desk) == 30
    assert (desk.home.keys / "vault.key").read_bytes() != old
    assert not (desk.home.keys / "vault.key.next").exists()
    again = reopened(desk, SetClock(START))
    assert reads(again, officer) == reads(desk, officer) == said
    note = desk.signer().sign(desk.store)
    with desk.store.reading() as session:
        rows = session.exec(select(Message)).all()
        assert before == [(row.sealed_text, row.sealed_raw) for row in rows]
        assert not wrapped & set(session.exec(select(VaultKey.wrapped)))
        bodies = session.exec(select(LogEntry.body)).all()
    with desk.store.reading() as session:
        public = list(desk.signer().keys.public)
        assert verify_log(desk.log, session.connection(), public, [note]).good
    assert sum(b'"subject":"vault:northshire"' in body for body in bodies) == 1
    again.store.engine.dispose()


def test_a_service_that_runs_through_a_rotation_seals_under_the_fresh_key(
    desk: Desk, officer: Officer
) -> None:
    running = reopened(desk, SetClock(START))
    hear(running, post("zanzibar before"))
    rotate(desk)
    hear(running, post("zanzibar after", handle="sam"))
    rotate(desk)
    later = reopened(desk, SetClock(START))
    assert len(reads(later, officer)) == 2
    for one in (running, later):
        one.store.engine.dispose()


CRASH = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from socialdesk.store import rotation
from socialdesk.store.master import FileMaster
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import Vault
from tests.desks import make_desk

def die(*_a, **_k):
    os.kill(os.getpid(), signal.SIGKILL)

desk = make_desk(Path(sys.argv[1]), None, sys.argv[3])
step = sys.argv[2]
if step == "stage":
    stage = FileMaster.stage
    FileMaster.stage = lambda self: (stage(self), die())
elif step == "rewrapped":
    rotation._rewrap = die
elif step == "record":
    Transaction.record = die
elif step == "commit":
    event.listen(desk.store.engine, "commit", die)
elif step == "settle":
    calls = []
    settle = FileMaster.settle
    FileMaster.settle = lambda self, key: (calls.append(1), len(calls) > 1 and die())
rotation.rotate_master(desk.store, desk.vault, desk.service("vault"), "person:1", "crash")
"""


@pytest.mark.fault
@pytest.mark.parametrize("step", STEPS)
def test_a_rotation_killed_at_any_step_loses_nothing(
    desk: Desk, officer: Officer, step: str
) -> None:
    hear(desk, *(post(f"zanzibar {n}", handle=f"h{n}") for n in range(3)))
    desk.store.engine.dispose()
    url = desk.store.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(desk.home.root), step, url], check=False
    )
    assert done.returncode == -signal.SIGKILL
    again = reopened(desk, SetClock(START))
    assert len(reads(again, officer)) == 3
    hear(again, post("zanzibar after", handle="new"))
    assert rotate(again) == 4
    last = reopened(desk, SetClock(START))
    assert len(reads(last, officer)) == 4
    assert not (desk.home.keys / "vault.key.next").exists()
    again.store.engine.dispose()
    last.store.engine.dispose()


def test_a_lost_master_key_is_named_and_no_new_one_takes_its_place(desk: Desk) -> None:
    path = desk.home.keys / "vault.key"
    path.unlink()
    with pytest.raises(VaultError, match="not at hand"):
        reopened(desk)
    assert not path.exists()


def test_a_damaged_or_open_master_key_is_refused(desk: Desk) -> None:
    path = desk.home.keys / "vault.key"
    content = path.read_bytes()
    path.write_bytes(content[:5])
    with pytest.raises(VaultError, match="5 bytes instead of 32"):
        reopened(desk)
    path.write_bytes(content)
    path.chmod(0o644)
    with pytest.raises(VaultError, match="Others can read"):
        reopened(desk)


def open_from(home: Path, kept_in: str) -> Desk:
    settings = Settings(home=home, config=shipped("config"), master_key_from=kept_in)
    return open_desk(settings, SetClock(START))


def test_the_master_key_comes_from_the_environment_and_rotates_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(VaultError, match="SOCIALDESK_MASTER_KEY"):
        open_from(tmp_path, "environment")
    first, second = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    monkeypatch.setenv("SOCIALDESK_MASTER_KEY", first)
    desk = open_from(tmp_path, "environment")
    hear(desk, post("hello"))
    monkeypatch.setenv("SOCIALDESK_MASTER_KEY_NEXT", second)
    assert rotate(desk) == 1
    monkeypatch.delenv("SOCIALDESK_MASTER_KEY_NEXT")
    with pytest.raises(VaultError, match="not at hand"):
        open_from(tmp_path, "environment")
    monkeypatch.setenv("SOCIALDESK_MASTER_KEY", second)
    open_from(tmp_path, "environment")
    assert not (tmp_path / "keys" / "vault.key").exists()


def test_the_master_key_comes_from_the_keyring_and_rotates_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[tuple[str, str], str] = {}
    ring = ModuleType("keyring")
    ring.get_password = lambda service, name: kept.get((service, name))  # type: ignore[attr-defined]
    ring.set_password = lambda service, name, text: kept.update({(service, name): text})  # type: ignore[attr-defined]
    ring.delete_password = lambda service, name: kept.pop((service, name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    desk = open_from(tmp_path, "keyring")
    hear(desk, post("hello"))
    (before,) = kept.values()
    assert rotate(desk) == 1
    (after,) = kept.values()
    assert after != before
    open_from(tmp_path, "keyring")


def test_without_the_keyring_package_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(VaultError, match="not installed"):
        open_from(tmp_path, "keyring")


def test_sealed_text_is_opened_for_readers_by_the_vault_alone() -> None:
    root = Path(socialdesk.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "unseal"
    }
    assert found == {
        os.path.join("store", "vault.py"),  # noqa: PTH118 a relative name in a set
        os.path.join("queue", "rekeying.py"),  # noqa: PTH118 sealed again at once, shown to nobody
    }


def test_nothing_is_opened_without_an_entry(desk: Desk, officer: Officer) -> None:
    hear(desk, post("hello"))
    with desk.store.reading() as session:
        before = desk.log.size(session)
    lines(desk, officer, order(desk, officer, Query()))
    with desk.store.reading() as session:
        assert desk.log.size(session) == before + 1
