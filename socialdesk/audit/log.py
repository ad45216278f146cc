"""The audit log in the database: appending within an act's own transaction, and reading proofs.

The head row is the sequencer: appends to one log follow each other (SQLite by its single writer,
PostgreSQL by an advisory lock taken last in every transaction, so that it cannot deadlock).
SQLAlchemy Core, not the ORM: this path is on every act.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text, tuple_, update
from sqlmodel import Session, SQLModel

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.entry import seal_entries, write_core
from socialdesk.audit.merkle import Edge, ReadNode, leaf_hash, peaks, tree_root
from socialdesk.audit.note import parse_note
from socialdesk.core.clock import Clock
from socialdesk.store.tables import LogCheckpoint, LogEntry, LogHead, LogNode
from socialdesk.store.transaction import Act, Actor

LOCK_CLASS = 0x50DE5C


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


ENTRIES, NODES, HEADS, CHECKPOINTS = (
    _table(model) for model in (LogEntry, LogNode, LogHead, LogCheckpoint)
)
READ_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """How long the log is and when its last entry was made."""

    size: int
    last_time: datetime | None


class AuditLog:
    """One force's log."""

    def __init__(self, force_id: str, origin: str, clock: Clock) -> None:
        self.force_id = force_id
        self.origin = origin
        self._clock = clock

    def append(self, connection: Connection, actor: Actor, acts: Sequence[Act]) -> None:
        """Append one signed entry an act, with its tree nodes, and move the head.

        Raises:
            AuditError: an act breaks the entry's rules; the caller's transaction must not commit.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:class, hashtext(:force))"),
                {"class": LOCK_CLASS, "force": self.force_id},
            )
        head = self.head(connection)
        moment, behind_ms = self._moment_after(head)
        seen = self._last_seen(connection)
        cores = [
            write_core(
                act, actor, seq=head.size + offset, moment=moment, seen=seen, behind_ms=behind_ms
            )
            for offset, act in enumerate(acts)
        ]
        bodies = seal_entries(self.origin, cores, actor)
        self._store(connection, head.size, bodies, [act.subject for act in acts], moment)

    def head(self, connection: Connection) -> Head:
        """Return the log's size and last time."""
        row = connection.execute(
            select(HEADS.c.size, HEADS.c.last_time).where(HEADS.c.force_id == self.force_id)
        ).first()
        return Head(0, None) if row is None else Head(row.size, row.last_time)

    def size(self, session: Session) -> int:
        """Return how many entries the log holds."""
        return self.head(session.connection()).size

    def root(self, connection: Connection, size: int) -> bytes:
        """Return the root of the tree at `size`, from its stored nodes."""
        return tree_root(size, self.node_reader(connection))

    def node_reader(self, connection: Connection) -> ReadNode:
        """Return a function that reads one full node; a leaf is hashed from its entry."""

        def read(level: int, position: int) -> bytes:
            if level == 0:
                return leaf_hash(self.entry(connection, position))
            found: bytes = connection.execute(
                select(NODES.c.hash).where(
                    NODES.c.force_id == self.force_id,
                    NODES.c.level == level,
                    NODES.c.position == position,
                )
            ).scalar_one()
            return found

        return read

    def entry(self, connection: Connection, seq: int) -> bytes:
        """Return the exact bytes of one entry."""
        body: bytes = connection.execute(
            select(ENTRIES.c.body).where(ENTRIES.c.force_id == self.force_id, ENTRIES.c.seq == seq)
        ).scalar_one()
        return body

    def entries(self, connection: Connection, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (seq, bytes) in order from `start`, as stored, gaps and all."""
        after = start - 1
        while True:
            rows = connection.execute(
                select(ENTRIES.c.seq, ENTRIES.c.body)
                .where(ENTRIES.c.force_id == self.force_id, ENTRIES.c.seq > after)
                .order_by(ENTRIES.c.seq)
                .limit(READ_BATCH)
            ).all()
            for row in rows:
                yield row.seq, row.body
            if len(rows) < READ_BATCH:
                return
            after = rows[-1].seq

    def checkpoints(self, connection: Connection) -> list[str]:
        """Return the signed checkpoints kept with the log, smallest first."""
        return list(
            connection.execute(
                select(CHECKPOINTS.c.note)
                .where(CHECKPOINTS.c.force_id == self.force_id)
                .order_by(CHECKPOINTS.c.size)
            ).scalars()
        )

    def _moment_after(self, head: Head) -> tuple[datetime, int]:
        """Return the next entry's time and by how many ms the clock had run backwards, if so."""
        now = self._clock.now()
        if head.last_time is None or now >= head.last_time:
            return now, 0
        return head.last_time, max(1, int((head.last_time - now).total_seconds() * 1000))

    def _last_seen(self, connection: Connection) -> tuple[int, str] | None:
        note = connection.execute(
            select(CHECKPOINTS.c.note)
            .where(CHECKPOINTS.c.force_id == self.force_id)
            .order_by(CHECKPOINTS.c.size.desc())
            .limit(1)
        ).scalar_one_or_none()
        if note is None:
            return None
        checkpoint = parse_checkpoint(parse_note(note)[0])
        return checkpoint.size, base64.b64encode(checkpoint.root).decode()

    def _edge(self, connection: Connection, size: int) -> Edge:
        read = self.node_reader(connection)
        wanted = peaks(size)
        stored = {
            (row.level, row.position): row.hash
            for row in connection.execute(
                select(NODES.c.level, NODES.c.position, NODES.c.hash).where(
                    NODES.c.force_id == self.force_id,
                    tuple_(NODES.c.level, NODES.c.position).in_(wanted),
                )
            )
        }
        return Edge(size, [stored[peak] if peak[0] else read(*peak) for peak in wanted])

    def _store(
        self,
        connection: Connection,
        size: int,
        bodies: Sequence[bytes],
        subjects: Sequence[str],
        moment: datetime,
    ) -> None:
        edge = self._edge(connection, size)
        force = {"force_id": self.force_id}
        rows: list[dict[str, Any]] = []
        nodes: list[dict[str, Any]] = []
        for offset, (body, subject) in enumerate(zip(bodies, subjects, strict=True)):
            rows.append(force | {"seq": size + offset, "body": body, "subject": subject})
            nodes.extend(
                force | {"level": level, "position": position, "hash": content}
                for level, position, content in edge.append(leaf_hash(body))
            )
        connection.execute(insert(ENTRIES), rows)
        if nodes:
            connection.execute(insert(NODES), nodes)
        head = {"size": edge.size, "last_time": moment}
        if size == 0:
            connection.execute(insert(HEADS), force | head)
        else:
            connection.execute(
                update(HEADS).where(HEADS.c.force_id == self.force_id).values(**head)
            )
