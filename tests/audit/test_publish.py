import base64
import struct
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from socialdesk.audit.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from socialdesk.audit.fsck import published_faults
from socialdesk.audit.note import parse_note
from socialdesk.audit.publish import publish
from socialdesk.audit.signer import load_log_keys
from socialdesk.core.errors import AuditError
from tests.audit.logs import ORIGIN, Book, fill


def number(n: int) -> str:
    """C2SP tlog-tiles: groups of three digits, all but the last with an x."""
    text = f"{n % 1000:03d}"
    while n >= 1000:
        n //= 1000
        text = f"x{n % 1000:03d}/{text}"
    return text


def read_entries(folder: Path, size: int) -> list[bytes]:
    """Read the published entries as a stranger would, from the specification alone."""
    found: list[bytes] = []
    while len(found) < size:
        width = min(256, size - len(found))
        part = "" if width == 256 else f".p/{width}"
        data = (folder / "tile" / "entries" / f"{number(len(found) // 256)}{part}").read_bytes()
        while data:
            (length,) = struct.unpack_from(">H", data)
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    return found


def read_root(folder: Path, size: int) -> bytes:
    """Compute the root from the published tiles alone, level by level."""
    level, hashes, count = 0, [b""], size
    rows: list[list[bytes]] = []
    while count:
        hashes = []
        while len(hashes) < count:
            width = min(256, count - len(hashes))
            part = "" if width == 256 else f".p/{width}"
            path = folder / "tile" / str(level) / f"{number(len(hashes) // 256)}{part}"
            data = path.read_bytes()
            assert len(data) == 32 * width
            hashes += [data[at : at + 32] for at in range(0, len(data), 32)]
        rows.append(hashes)
        level, count = level + 1, count // 256
    for below, above in pairwise(rows):
        for index, whole in enumerate(above):
            assert root_of(below[index * 256 : index * 256 + 256]) == whole
    return root_of(rows[0])


def root_of(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:])).digest()


def put(book: Book, folder: Path) -> int:
    note = book.sign()
    with book.store.reading() as session:
        return publish(book.log, session.connection(), note, folder)


def check(book: Book, folder: Path) -> None:
    there = parse_checkpoint(parse_note((folder / "checkpoint").read_text("utf-8"))[0])
    entries = read_entries(folder, there.size)
    with book.store.reading() as session:
        assert entries == [b for _s, b in book.log.entries(session.connection(), 0, there.size)]
    assert read_root(folder, there.size) == there.root
    assert root_of([sha256(b"\x00" + entry).digest() for entry in entries]) == there.root


def test_a_stranger_reads_back_the_log_and_its_root_as_it_grows(book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "web"
    for count in (3, 250, 1, 256, 40):
        book.act(count)
        put(book, folder)
        check(book, folder)
    assert put(book, folder) == 1


def test_a_full_tile_replaces_its_partials_and_is_not_written_again(
    book: Book, tmp_path: Path
) -> None:
    folder = tmp_path / "web"
    book.act(100)
    put(book, folder)
    assert (folder / "tile/0/000.p/102").exists()
    book.act(300)
    put(book, folder)
    assert not (folder / "tile/0/000.p").exists()
    before = (folder / "tile/0/000").stat().st_mtime_ns
    book.act(1)
    put(book, folder)
    assert (folder / "tile/0/000").stat().st_mtime_ns == before
    assert list(folder.rglob(".*")) == []


def test_a_long_log_is_published_under_paths_of_every_form(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _handle: None)
    folder, size = tmp_path / "web", 256 * 1001 + 9
    with book.store.engine.connect() as connection, connection.begin() as scratch:
        for table in ("log_entry", "log_tile", "log_head"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        fill(connection, book.log, size)
        whole = Checkpoint(ORIGIN, size, book.log.root(connection, size))
        note = sign_checkpoint(whole, load_log_keys(book.home, ORIGIN), book.clock.now())
        publish(book.log, connection, note, folder)
        scratch.rollback()
    for path in ("tile/0/999", "tile/0/x001/000", "tile/0/x001/001.p/9", "tile/1/003.p/233",
                 "tile/2/000.p/3", "tile/entries/x001/001.p/9"):  # fmt: skip
        assert (folder / path).exists(), path
    assert read_root(folder, size) == whole.root
    assert read_entries(folder, size)[-1] == b"%d" % (size - 1)


def test_a_folder_that_holds_another_history_is_not_overwritten(book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "web"
    book.act(5)
    put(book, folder)
    text = (folder / "checkpoint").read_text("utf-8")
    root = text.split("\n")[2]
    (folder / "checkpoint").write_text(text.replace(root, base64.b64encode(bytes(32)).decode()))
    book.act()
    with pytest.raises(AuditError, match="does not extend"):
        put(book, folder)


def test_the_check_finds_a_published_file_that_was_changed(book: Book, tmp_path: Path) -> None:
    folder = tmp_path / "web"
    book.act(300)
    put(book, folder)
    with book.store.reading() as session:
        assert published_faults(book.log, session.connection(), folder) == []
    for name in ("tile/entries/000", "tile/0/000", "tile/0/001.p/46"):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + b"?")
        with book.store.reading() as session:
            [fault] = published_faults(book.log, session.connection(), folder)
        assert name in fault
        path.write_bytes(content)
