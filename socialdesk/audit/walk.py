"""One pass over a log from its first entry: reader, tree and checkpoints keep step.

It goes by strides that end where a tile is filled or a checkpoint speaks, so what is wrong is told
in the order of the entries, whether a stride was read as a page or entry by entry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from socialdesk.audit.log import AuditLog, driver_sql
from socialdesk.audit.marks import Marks
from socialdesk.audit.merkle import leaf_hash, leaf_hashes
from socialdesk.audit.reader import Reader
from socialdesk.audit.tiles import TILE, Edge

_READ_TILE = "SELECT hashes FROM log_tile WHERE force_id = ? AND level = ? AND position = ?"

Rows = Sequence[tuple[int, bytes]]


@dataclass(slots=True)
class Walk:
    """How far the pass has come, and what it knows there.

    Attributes:
        edge: the tree over the entries found good so far.
    """

    log: AuditLog
    connection: Connection
    marks: Marks
    reader: Reader
    edge: Edge = field(default_factory=Edge)

    def fault(self, progress: Callable[[int], None]) -> str | None:
        """Read every entry; return the first fault."""
        self._compare()
        for rows in self.log.pages(self.connection):
            start = 0
            while start < len(rows):
                stride = rows[start : start + self._stride()]
                fault = self._take(stride)
                if fault is not None:
                    return fault
                start += len(stride)
            progress(self.edge.size)
        progress(self.edge.size)
        return None

    def tile_fault(self, level: int, position: int, hashes: Sequence[bytes]) -> str | None:
        """Say whether the stored tile is other than these hashes."""
        sql = driver_sql(self.connection, _READ_TILE)
        row = (self.log.force_id, level, position)
        found: object = self.connection.exec_driver_sql(sql, row).scalar_one_or_none()
        if found == b"".join(hashes):
            return None
        return (
            f"entry {position * TILE ** (level + 1)} and those after it: the stored tree (tile "
            f"{position} of level {level}) is not the one their hashes make"
        )

    def _stride(self) -> int:
        """Return how many entries to take before the tree must be compared."""
        mark = self.marks.next
        if mark is None or mark.size <= self.edge.size:
            return self.edge.room
        return min(self.edge.room, mark.size - self.edge.size)

    def _take(self, rows: Rows) -> str | None:
        first = self.edge.size
        seqs, bodies = zip(*rows, strict=True)
        if list(seqs) != list(range(first, first + len(rows))):
            return self._take_singly(rows)
        moved = self.reader.after(first, bodies)
        if moved is None:
            return self._take_singly(rows)
        self.reader = moved
        return self._grow(leaf_hashes(bodies))

    def _take_singly(self, rows: Rows) -> str | None:
        for seq, body in rows:
            place = self.edge.size
            if seq != place:
                return f"entry {place} is missing"
            fault = self.reader.fault(seq, body)
            if fault is not None:
                return f"entry {seq}: {fault}"
            fault = self._grow([leaf_hash(body)])
            if fault is not None:
                return fault
        return None

    def _grow(self, leaves: Sequence[bytes]) -> str | None:
        for tile in self.edge.extend(leaves):
            fault = self.tile_fault(*tile)
            if fault is not None:
                return fault
        self._compare()
        return None

    def _compare(self) -> None:
        """Hold the checkpoints that speak of this size against the tree."""
        if self.marks.next is not None and self.marks.next.size <= self.edge.size:
            root = self.edge.root()
            if self.marks.hold_against(self.edge.size, root):
                self.reader.roots[self.edge.size] = root
