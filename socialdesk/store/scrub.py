"""Leaving no trace in the database's own files of what was erased.

SQLite keeps old pages in its write-ahead log until a checkpoint, and may leave stale bytes in a
page it rearranged. So after an erasure the log is emptied, the files are searched for what was
erased, and if anything is found the database is rewritten (VACUUM) and searched again.
PostgreSQL keeps dead rows until their tables are rewritten, which locks them: that is left to a
quiet hour. Its archived log segments, and backups made before, are out of reach here; what they
hold is unreadable once the master key that wrapped the contact's key is rotated and destroyed.
"""

import mmap
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, text

from socialdesk.store.gate import WritersGate

TRIES = 5
PAUSE_SECONDS = 0.2
TABLES = (
    "vault_key",
    "contact_identity",
    "conversation",
    "message",
    "message_word",
    "assessment",
    "reply",
    "thrive",
    "escalation",
    "quarantined",
)


def scrub(engine: Engine, traces: Sequence[bytes] | None) -> bool:
    """Clear the database's files of `traces` and return whether none is left.

    Args:
        traces: bytes that must be found nowhere; None where they are no longer known, and the
            database is rewritten to be sure.

    Returns:
        False also where readers kept the log from being emptied. On PostgreSQL, whose tables are
        locked while they are rewritten: True once they were, which only None asks for.
    """
    database = engine.url.database
    if engine.dialect.name == "postgresql" and traces is None:
        rewrite_tables(engine)
        return True
    if engine.dialect.name != "sqlite" or not database:
        return False
    path = Path(database)
    with WritersGate(path).passed():
        if traces is not None and _checkpointed(engine) and not found_in(path, traces):
            return True
        _run(engine, "PRAGMA temp_store=FILE")
        _run(engine, "VACUUM")
        return _checkpointed(engine) and not found_in(path, traces or ())


def rewrite_tables(engine: Engine) -> None:
    """Rewrite PostgreSQL's tables that held personal data, and what it sampled of them."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))


def found_in(database: Path, traces: Sequence[bytes]) -> bool:
    """Say whether any of `traces` stands in the database file or one beside it."""
    return any(_holds(path, traces) for path in sorted(database.parent.glob(f"{database.name}*")))


def _holds(path: Path, traces: Sequence[bytes]) -> bool:
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(trace) >= 0 for trace in traces)


def _checkpointed(engine: Engine) -> bool:
    """Empty the write-ahead log into the database; False where readers stay in the way."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        if _run(engine, "PRAGMA wal_checkpoint(TRUNCATE)") == 0:
            return True
    return False


def _run(engine: Engine, statement: str) -> int:
    """Run a statement outside any transaction; return the first number it answers, or 0."""
    connection = engine.raw_connection()
    try:
        row = connection.cursor().execute(statement).fetchone()
        return int(row[0]) if row else 0
    finally:
        connection.close()
