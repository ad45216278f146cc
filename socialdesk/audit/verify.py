"""Verify a whole log: recompute everything, trust nothing stored, name the first bad entry.

What a good verdict proves: the entries are those that were signed, in that order, none changed,
removed or put between, up to the newest checkpoint given. What it cannot prove: that an entry was
true when written, or that an act nobody logged did not happen. One pass, in memory that does not
grow with the log.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, select
from sqlmodel import col

from socialdesk.audit.entry import entry_time
from socialdesk.audit.history import KeyHistory
from socialdesk.audit.keys import key_name
from socialdesk.audit.log import EPOCH, AuditLog, Head, driver_sql
from socialdesk.audit.marks import read_marks
from socialdesk.audit.merkle import EMPTY_ROOT
from socialdesk.audit.note import NoteKey
from socialdesk.audit.reader import Reader
from socialdesk.audit.tiles import tile_widths
from socialdesk.audit.walk import Walk
from socialdesk.store.tables import Person

HOLDS, DOES_NOT_HOLD, CANNOT_BE_CHECKED = 0, 1, 2
_COUNT_TILES = "SELECT count(*) FROM log_tile WHERE force_id = ?"


@dataclass(slots=True)
class Verdict:
    """What verification found.

    Attributes:
        covered: size of the newest signed checkpoint that the log agrees with.
        newest: that checkpoint's note.
        problems: what is wrong, the earliest first; empty for a log that holds.
        unchecked: why the log could not be checked against anything signed, if so.
        notices: lawful, and worth knowing.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT
    checkpoints: int = 0
    covered: int = 0
    newest: str | None = None
    clock_behind: int = 0
    officers_checked: int = 0
    officers_skipped: int = 0
    problems: list[str] = field(default_factory=list)
    unchecked: str | None = None
    notices: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """0: the log holds; 1: it does not; 2: it cannot be checked."""
        if self.problems:
            return DOES_NOT_HOLD
        return CANNOT_BE_CHECKED if self.unchecked else HOLDS

    @property
    def good(self) -> bool:
        """Whether the log holds."""
        return self.status == HOLDS


def verify_log(
    log: AuditLog,
    connection: Connection,
    keys: Sequence[NoteKey],
    saved: Iterable[str] = (),
    progress: Callable[[int], None] = lambda _done: None,
    *,
    skip_officers: bool = False,
) -> Verdict:
    """Verify a log in its database against its keys and saved checkpoints.

    Args:
        connection: a fresh transaction, so that PostgreSQL can show one state throughout.
        keys: the log's verifier keys, as someone outside keeps them.
        saved: signed checkpoints kept outside the database (the signer's, a witness's, a file).
        progress: called now and then with the number of entries read.
        skip_officers: leave officers' signatures unchecked and say how many.

    Raises:
        AuditError: a checkpoint given is not one.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    history = KeyHistory(log.origin)
    marks = read_marks(log, connection, keys, history, saved)
    start = Reader(log.origin, log.force_id.encode(), history, skip_officers)
    walk = Walk(log, connection, marks, start)
    fault = walk.fault(progress)
    reader, edge = walk.reader, walk.edge
    verdict = Verdict(
        size=edge.size,
        root=edge.root(),
        clock_behind=reader.behind,
        officers_checked=reader.officers_checked,
        officers_skipped=reader.officers_skipped,
        notices=history.notices,
    )
    if fault is not None:
        marks.problems.append(fault)
    else:
        _check_end(walk, verdict)
    verdict.problems = marks.problems
    verdict.checkpoints, verdict.covered, verdict.newest = marks.proven, marks.covered, marks.newest
    verdict.unchecked = _unchecked(keys, history, verdict)
    return verdict


def _check_end(walk: Walk, verdict: Verdict) -> None:
    log, connection, reader = walk.log, walk.connection, walk.reader
    problems = walk.marks.problems
    newest = walk.marks.beyond(verdict.size)
    if newest > verdict.size:
        problems.append(
            f"entry {verdict.size} is missing: a checkpoint signed for {newest} entries exists, "
            f"the log holds {verdict.size}: its tail was cut"
        )
    if verdict.size == 0:
        problems.append("the log is empty: there is nothing to verify")
    if reader.batch:
        problems.append(f"entry {verdict.size - 1}: the batch it belongs to was never signed")
    problems += filter(None, (walk.tile_fault(*tile) for tile in walk.edge.open_tiles()))
    count = connection.exec_driver_sql(
        driver_sql(connection, _COUNT_TILES), (log.force_id,)
    ).scalar_one()
    if count != _tiles_expected(verdict.size):
        problems.append("the stored tree holds tiles that no entry made")
    problems += _head_faults(log.head(connection), verdict, reader)
    problems += _person_faults(log, connection, reader.history)


def _tiles_expected(size: int) -> int:
    """Return how many tiles a log of `size` keeps: full ones, and the open ones above level 0."""
    return sum(full + bool(level and part) for level, full, part in tile_widths(size))


def _head_faults(head: Head, verdict: Verdict, reader: Reader) -> list[str]:
    if head.size != verdict.size:
        place = min(head.size, verdict.size)
        return [f"entry {place}: the head says {head.size} entries, {verdict.size} are there"]
    found = []
    moment = entry_time(EPOCH + timedelta(microseconds=head.last_us)).encode()
    if verdict.size and moment != reader.time:
        found.append(f"entry {verdict.size - 1}: the head says another time for it")
    log_keys = reader.history.log_keys
    for kind, name, known in (
        ("service", head.service_key, reader.history.keys_of("service")),
        ("log", head.log_key, [key.name for key in log_keys]),
    ):
        if name and name not in known:
            found.append(f"the head names a {kind} key {name} that the log does not know in use")
    return found


def _person_faults(log: AuditLog, connection: Connection, history: KeyHistory) -> list[str]:
    """Compare the keys kept with people with those that the log introduced for them."""
    rows = connection.execute(
        select(col(Person.id), col(Person.public_key)).where(col(Person.force_id) == log.force_id)
    )
    found = []
    for person_id, public_key in rows:
        try:
            name = key_name(base64.b64decode(public_key, validate=True))
        except (binascii.Error, ValueError):
            name = "unreadable"
        in_use = history.keys_of(f"person:{person_id}")
        if name not in (in_use or history.retired) and (in_use or public_key):
            found.append(
                f"the public key kept for person {person_id} is not the one the log introduced: "
                "it was swapped"
            )
    return found


def _unchecked(keys: Sequence[NoteKey], history: KeyHistory, verdict: Verdict) -> str | None:
    if not keys:
        return "No key of the log is at hand: give one with --key."
    segments: list[set[NoteKey]] = []
    for key in history.log_keys:
        if not segments or not key.endorsed:
            segments.append(set())
        segments[-1].update(key.notes)
    if any(not segment.intersection(keys) for segment in segments):
        return (
            "The keys given are not this log's own: another log's key was given, or the log was "
            "rebuilt from scratch under a key of its own, or its key was replaced after a theft."
        )
    if verdict.covered == 0:
        return (
            "No signed checkpoint covers any of it: a log rebuilt from scratch would look the "
            "same. Give one kept elsewhere with --checkpoint."
        )
    return None
