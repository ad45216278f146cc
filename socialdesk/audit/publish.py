"""Publishing (C2SP tlog-tiles): the log as plain files that any static web server can hand out.

Tiles first, the checkpoint last: whoever reads the checkpoint finds all that it covers. A full
tile never changes; a partial one is replaced by the next and removed once it is full.
"""

import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.log import AuditLog
from socialdesk.audit.merkle import verify_consistency
from socialdesk.audit.note import parse_note
from socialdesk.audit.tiles import TILE, tile_path, tile_widths
from socialdesk.core.errors import AuditError

CHECKPOINT = "checkpoint"


def publish(log: AuditLog, connection: Connection, note: str, folder: Path) -> int:
    """Bring `folder` up to the signed checkpoint `note`; return how many files were written.

    Raises:
        AuditError: what is published there already is not a beginning of this log.
    """
    target = parse_checkpoint(parse_note(note)[0])
    before = _published_size(log, connection, folder, target.size, target.root)
    written = 0
    for level, position, width in _changed(before, target.size):
        content = file_content(log, connection, level, position, width)
        if _write(folder / tile_path(level, position, width), content):
            written += 1
        if width == TILE:
            whole = folder / tile_path(level, position)
            shutil.rmtree(whole.with_name(f"{whole.name}.p"), ignore_errors=True)
    _write(folder / CHECKPOINT, note.encode(), replace=True)
    return written + 1


def _published_size(
    log: AuditLog, connection: Connection, folder: Path, size: int, root: bytes
) -> int:
    path = folder / CHECKPOINT
    if not path.exists():
        return 0
    there = parse_checkpoint(parse_note(path.read_text("utf-8"))[0])
    if there.size <= size and there.origin == log.origin:
        proof = log.consistency_proof(connection, there.size, size)
        if verify_consistency(there.size, size, proof, there.root, root):
            return there.size
    raise AuditError(
        f"{folder} holds a checkpoint of {there.size} entries that this log does not extend.",
        todo="Keep that folder as evidence, and run `socialdesk audit verify`.",
    )


def _changed(before: int, size: int) -> Iterator[tuple[int | None, int, int]]:
    """Yield (level, position, width) of each file that grows from `before` to `size` entries."""
    done = before
    for level, full, part in tile_widths(size):
        for position in range(done // TILE, full + bool(part)):
            width = TILE if position < full else part
            yield level, position, width
            if level == 0:
                yield None, position, width
        done //= TILE


def file_content(
    log: AuditLog, connection: Connection, level: int | None, position: int, width: int
) -> bytes:
    """Return what a published tile holds: `width` hashes, or entries where `level` is None."""
    if level is not None:
        return b"".join(log.tile(connection, level, position)[:width])
    start = position * TILE
    bodies = [body for _seq, body in log.entries(connection, start, start + width)]
    return b"".join(struct.pack(">H", len(body)) + body for body in bodies)


def _write(path: Path, content: bytes, *, replace: bool = False) -> bool:
    """Write a file whole or not at all, durable on return; leave one that is there already."""
    if path.exists() and not replace:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return True
