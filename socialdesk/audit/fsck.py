"""The nightly check: rehash everything and compare all that should agree; keep what came of it.

Compared: entries, signatures, key history and tree (`verify_log`), the signer's memory, what each
witness cosigned last, and the published tiles where the log is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.log import AuditLog
from socialdesk.audit.note import NoteKey, parse_note
from socialdesk.audit.publish import CHECKPOINT, file_content
from socialdesk.audit.tiles import TILE, tile_path, tile_widths
from socialdesk.audit.verify import verify_log
from socialdesk.core.errors import AuditError
from socialdesk.store.tables import LogCheck
from socialdesk.store.transaction import Store

MAX_PROBLEM = 1000


@dataclass(frozen=True, slots=True)
class Outside:
    """What lies outside the database and must agree with it.

    Attributes:
        notes: checkpoints kept elsewhere: the signer's memory, what witnesses cosigned.
        published: the folder the log is published to, where it is.
    """

    keys: Sequence[NoteKey]
    notes: Sequence[str]
    published: Path | None = None


def check_log(log: AuditLog, store: Store, outside: Outside) -> LogCheck:
    """Check everything, keep the result with the log, and return it."""
    with store.reading() as session:
        connection = session.connection()
        try:
            verdict = verify_log(log, connection, outside.keys, outside.notes)
            size, problems = verdict.size, verdict.problems
            if verdict.unchecked and not problems:
                problems = [verdict.unchecked]
            if outside.published is not None and not problems:
                problems += published_faults(log, connection, outside.published)
        except (AuditError, LookupError) as error:
            size, problems = log.head(connection).size, [str(error)]
    return keep_check(log, store, size, problems)


def keep_check(log: AuditLog, store: Store, size: int, problems: Sequence[str]) -> LogCheck:
    """Keep what a check of the log came to, for the health line; return it."""
    check = LogCheck(
        force_id=log.force_id,
        made_at=store.clock.now(),
        size=size,
        good=not problems,
        problem="; ".join(problems)[:MAX_PROBLEM],
    )
    with store.bookkeeping() as session:
        return session.merge(check)


def published_faults(log: AuditLog, connection: Connection, folder: Path) -> list[str]:
    """Return what is wrong with the published files: each must be what the log would write."""
    path = folder / CHECKPOINT
    if not path.exists():
        return [f"nothing is published in {folder}"]
    checkpoint = parse_checkpoint(parse_note(path.read_text("utf-8"))[0])
    if log.root(connection, checkpoint.size) != checkpoint.root:
        return ["the published checkpoint is not of this log"]
    for level, full, part in tile_widths(checkpoint.size):
        for position in range(full + bool(part)):
            width = TILE if position < full else part
            for place in (level, None) if level == 0 else (level,):
                name = tile_path(place, position, width)
                file = folder / name
                wanted = file_content(log, connection, place, position, width)
                if not file.exists() or file.read_bytes() != wanted:
                    return [f"the published file {name} is missing or not what the log holds"]
    return []
