"""Checkpoints on the way through a log: each is held against the tree when the pass reaches it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge

from sqlalchemy import Connection

from socialdesk.audit.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from socialdesk.audit.history import KeyHistory
from socialdesk.audit.log import AuditLog, driver_sql
from socialdesk.audit.note import NoteKey, parse_note
from socialdesk.core.errors import AuditError

_READ = (
    "SELECT size, note FROM log_checkpoint WHERE force_id = ? AND size > ? ORDER BY size LIMIT 100"
)
KEPT_WITH_THE_LOG = "kept with the log"
GIVEN = "given"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A checkpoint not yet proven: the size it speaks of, its note, and where it came from."""

    size: int
    note: str
    source: str


@dataclass(slots=True)
class Marks:
    """The checkpoints of one log in order of size, and what they say about it."""

    log: AuditLog
    anchors: Sequence[NoteKey]
    history: KeyHistory
    waiting: Iterator[Mark]
    problems: list[str]
    proven: int = 0
    covered: int = 0
    newest: str | None = None
    next: Mark | None = None
    _bad: set[str] = field(default_factory=set)

    def advance(self) -> None:
        """Turn to the next checkpoint."""
        self.next = next(self.waiting, None)

    def hold_against(self, size: int, root: bytes) -> bool:
        """Compare every checkpoint of `size` with the tree; say whether there was a good one."""
        good = False
        while self.next is not None and self.next.size <= size:
            mark = self.next
            self.advance()
            found = self._opened(mark)
            if found is None:
                continue
            if found.root != root:
                self.problems.append(
                    f"the first {size} entries are not those signed in the checkpoint of that size"
                )
                continue
            self.proven += mark.note != self.newest
            good, self.covered, self.newest = True, size, mark.note
        return good

    def beyond(self, size: int) -> int:
        """Return the largest size that a genuine checkpoint beyond the log's end speaks of."""
        largest = size
        while self.next is not None:
            mark = self.next
            self.advance()
            if self._opened(mark) is not None:
                largest = max(largest, mark.size)
        return largest

    def _opened(self, mark: Mark) -> Checkpoint | None:
        lineage = {note for key in self.history.log_keys for note in key.notes}
        foreign = [key for key in self.anchors if key not in lineage]
        try:
            found = open_checkpoint(mark.note, [*self.history.log_keys_at(mark.size), *foreign])
        except AuditError as error:
            self.problems.append(self._refusal(mark, lineage, error))
            return None
        if found.origin != self.log.origin:
            self.problems.append(f"a checkpoint is of another log, {found.origin}")
            return None
        return found

    def _refusal(self, mark: Mark, lineage: set[NoteKey], error: AuditError) -> str:
        try:
            open_checkpoint(mark.note, list(lineage))
        except AuditError:
            return f"the checkpoint of {mark.size} entries {mark.source}: {error.what}"
        return (
            f"the checkpoint of {mark.size} entries {mark.source} is signed by a log key that was "
            "retired by then, or not yet in use"
        )


def read_marks(
    log: AuditLog,
    connection: Connection,
    anchors: Sequence[NoteKey],
    history: KeyHistory,
    saved: Iterable[str],
) -> Marks:
    """Return the checkpoints kept with the log and those given, in order of size."""
    problems: list[str] = []
    given = sorted(_parsed((GIVEN, note) for note in saved if note.strip()), key=_by_size)
    kept = _parsed_rows(log, connection, problems)
    marks = Marks(log, anchors, history, merge(kept, given, key=_by_size), problems)
    marks.advance()
    return marks


def _by_size(mark: Mark) -> int:
    return mark.size


def _parsed(notes: Iterable[tuple[str, str]]) -> Iterator[Mark]:
    for source, note in notes:
        yield Mark(parse_checkpoint(parse_note(note)[0]).size, note, source)


def _parsed_rows(log: AuditLog, connection: Connection, problems: list[str]) -> Iterator[Mark]:
    after = -1
    while True:
        rows = connection.exec_driver_sql(
            driver_sql(connection, _READ), (log.force_id, after)
        ).all()
        for size, note in rows:
            try:
                [mark] = _parsed([(KEPT_WITH_THE_LOG, note)])
            except AuditError as error:
                problems.append(f"the checkpoint of {size} entries kept with the log: {error.what}")
                continue
            if mark.size != size:
                problems.append(f"the checkpoint kept for {size} entries speaks of {mark.size}")
            else:
                yield mark
        if not rows:
            return
        after = rows[-1][0]
