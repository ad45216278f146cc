"""The audit log in the database: appending within an act's own transaction, and reading proofs.

The head row is the sequencer: appends to one log follow each other (SQLite by its single writer,
PostgreSQL by an advisory lock taken last in every transaction, so that it cannot deadlock). An
append reads the head, writes its entries and moves the head; every 256th entry fills a tile of the
tree. The driver's own SQL, not the ORM: this path is on every act.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Connection, select
from sqlmodel import Session, col

from socialdesk.audit.entry import Action, Circumstances, seal_entries, write_cores
from socialdesk.audit.keys import ServiceKeys, key_name
from socialdesk.audit.merkle import (
    HASH_BYTES,
    consistency_proof,
    inclusion_proof,
    leaf_hashes,
    root_over,
    tree_root,
)
from socialdesk.audit.tiles import TILE, TileNodes, split_hashes
from socialdesk.core.clock import Clock
from socialdesk.core.errors import AuditError
from socialdesk.store.tables import Person
from socialdesk.store.transaction import Act, Actor

LOCK_CLASS = 0x50DE5C
READ_BATCH = 4 * TILE
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WANTS_CHECKPOINT = frozenset({Action.ESCALATE, Action.HAND_OVER, Action.ERASURE, Action.KEY_CHANGE})

_HEAD_COLUMNS = "size, last_us, wanted, seen_size, seen_root, service_key, log_key"
_READ_HEAD = f"SELECT {_HEAD_COLUMNS} FROM log_head WHERE force_id = ?"  # noqa: S608 our own column names
_FIRST_HEAD = f"INSERT INTO log_head ({_HEAD_COLUMNS}, force_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 our own column names
_MOVE_HEAD = (
    "UPDATE log_head SET size = ?, last_us = ?, wanted = ?, service_key = ?, log_key = ?"
    " WHERE force_id = ?"
)
_ADD_ENTRIES = "INSERT INTO log_entry (force_id, seq, body, subject) VALUES (?, ?, ?, ?)"
_READ_ENTRIES = (
    "SELECT seq, body FROM log_entry WHERE force_id = ? AND seq >= ? AND seq < ? ORDER BY seq"
    " LIMIT ?"
)
_READ_TILE = "SELECT hashes FROM log_tile WHERE force_id = ? AND level = ? AND position = ?"
_PUT_TILE = (
    "INSERT INTO log_tile (force_id, level, position, hashes) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (force_id, level, position) DO UPDATE SET hashes = excluded.hashes"
)
_READ_CHECKPOINTS = "SELECT note FROM log_checkpoint WHERE force_id = ? ORDER BY size"
_NEWEST_CHECKPOINT = f"{_READ_CHECKPOINTS} DESC LIMIT 1"


def driver_sql(connection: Connection, sql: str) -> str:
    """Return `sql` with its marks as this database's driver writes them."""
    return sql if connection.dialect.name == "sqlite" else sql.replace("?", "%s")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands; see `store.tables.LogHead` for what each part means."""

    size: int = 0
    last_us: int = 0
    wanted: int = 0
    seen_size: int = 0
    seen_root: str = ""
    service_key: str = ""
    log_key: str = ""


class AuditLog:
    """One force's log."""

    def __init__(self, force_id: str, origin: str, clock: Clock) -> None:
        self.force_id = force_id
        self.origin = origin
        self._clock = clock

    def append(self, connection: Connection, actor: Actor, acts: Sequence[Act]) -> None:
        """Append one signed entry an act, move the head, and fill the tiles they complete.

        Raises:
            AuditError: an act breaks the entry's rules, or its signing key is not at hand; the
                caller's transaction must not commit.
        """
        self.lock(connection)
        head = self.head(connection)
        now, behind_ms = self._moment_after(head)
        seen = (head.seen_size, head.seen_root) if head.seen_root else None
        moment = EPOCH + timedelta(microseconds=now)
        cores = write_cores(acts, Circumstances(actor, moment, seen, behind_ms), head.size)
        if isinstance(actor.signer, ServiceKeys):
            key = actor.signer.named(head.service_key)
            bodies = seal_entries(self.origin, cores, key, as_batch=True)
        else:
            if all(act.action != Action.KEY_CHANGE for act in acts):
                self._require_current_key(connection, actor)
            bodies = seal_entries(self.origin, cores, actor.signer, as_batch=False)
        rows = [
            (self.force_id, seq, body, act.subject)
            for seq, (body, act) in enumerate(zip(bodies, acts, strict=True), head.size)
        ]
        connection.exec_driver_sql(driver_sql(connection, _ADD_ENTRIES), rows)
        self._move_head(connection, head, acts, now)
        for tile in range(head.size // TILE, (head.size + len(acts)) // TILE):
            self._fill_tiles(connection, tile, head.size, bodies)

    def lock(self, connection: Connection) -> None:
        """Make this transaction the log's only writer (on SQLite it is already)."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(%s::int, hashtext(%s))", (LOCK_CLASS, self.force_id)
            )

    def head(self, connection: Connection) -> Head:
        """Return where the log stands."""
        row = connection.exec_driver_sql(
            driver_sql(connection, _READ_HEAD), (self.force_id,)
        ).first()
        return Head() if row is None else Head(*row)

    def size(self, session: Session) -> int:
        """Return how many entries the log holds."""
        return self.head(session.connection()).size

    def root(self, connection: Connection, size: int) -> bytes:
        """Return the root of the tree at `size`, from its tiles.

        Raises:
            LookupError: the tree does not reach that far, or a tile is damaged.
        """
        return tree_root(size, self.node_reader(connection))

    def inclusion_proof(self, connection: Connection, index: int, size: int) -> list[bytes]:
        """Return the hashes that tie entry `index` to the root at `size`, in O(log n) reads.

        Raises:
            LookupError: there is no such entry at that size, or a tile is damaged.
        """
        return inclusion_proof(index, size, self.node_reader(connection))

    def consistency_proof(self, connection: Connection, first: int, second: int) -> list[bytes]:
        """Return the hashes that tie the tree at `first` to that at `second`, in O(log n) reads.

        Raises:
            ValueError: unless 0 <= first <= second.
            LookupError: the tree does not reach that far, or a tile is damaged.
        """
        return consistency_proof(first, second, self.node_reader(connection))

    def node_reader(self, connection: Connection) -> TileNodes:
        """Return a function that reads single nodes of the tree, each tile once."""
        return TileNodes(lambda level, position: self.tile(connection, level, position))

    def tile(self, connection: Connection, level: int, position: int) -> list[bytes]:
        """Return the hashes of a tile; the open one of level 0 is hashed from its entries.

        Raises:
            LookupError: what is stored there is no tile.
        """
        found = connection.exec_driver_sql(
            driver_sql(connection, _READ_TILE), (self.force_id, level, position)
        ).scalar_one_or_none()
        if found is not None:
            if not isinstance(found, bytes) or len(found) % HASH_BYTES:
                raise LookupError(f"tile {position} of level {level} is damaged")
            return split_hashes(found)
        if level:
            return []
        start = position * TILE
        return leaf_hashes(body for _seq, body in self.entries(connection, start, start + TILE))

    def entry(self, connection: Connection, seq: int) -> bytes:
        """Return the exact bytes of one entry.

        Raises:
            LookupError: the log has no such entry.
        """
        for _seq, body in self.entries(connection, seq, seq + 1):
            return body
        raise LookupError(f"the log has no entry {seq}")

    def entries(
        self, connection: Connection, start: int = 0, end: int = 2**63 - 1
    ) -> Iterator[tuple[int, bytes]]:
        """Yield (seq, bytes) in order from `start` up to `end`, as stored, gaps and all."""
        for rows in self.pages(connection, start, end):
            yield from ((seq, body) for seq, body in rows)

    def pages(
        self, connection: Connection, start: int = 0, end: int = 2**63 - 1
    ) -> Iterator[Sequence[tuple[int, bytes]]]:
        """Yield the same by up to `READ_BATCH` rows."""
        sql = driver_sql(connection, _READ_ENTRIES)
        while True:
            found = connection.exec_driver_sql(sql, (self.force_id, start, end, READ_BATCH))
            rows = cast("Sequence[tuple[int, bytes]]", found.all())
            if rows:
                yield rows
            if len(rows) < READ_BATCH:
                return
            start = rows[-1][0] + 1

    def checkpoints(self, connection: Connection) -> list[str]:
        """Return the signed checkpoints kept with the log, smallest first."""
        sql = driver_sql(connection, _READ_CHECKPOINTS)
        return list(connection.exec_driver_sql(sql, (self.force_id,)).scalars())

    def newest_checkpoint(self, connection: Connection) -> str | None:
        """Return the newest signed checkpoint kept with the log."""
        sql = driver_sql(connection, _NEWEST_CHECKPOINT)
        note: str | None = connection.exec_driver_sql(sql, (self.force_id,)).scalar_one_or_none()
        return note

    def _require_current_key(self, connection: Connection, actor: Actor) -> None:
        """Refuse an act of a session whose key was changed: it would spoil the log for good."""
        kind, _, person_id = actor.id.partition(":")
        if kind != "person":
            return
        found = connection.execute(
            select(col(Person.public_key)).where(col(Person.id) == UUID(person_id))
        ).scalar_one_or_none()
        if found is not None and key_name(base64.b64decode(found)) != actor.signer.key_id:
            raise AuditError(
                "Your signing key was changed since you signed in; the act was not done.",
                todo="Sign in again.",
            )

    def _moment_after(self, head: Head) -> tuple[int, int]:
        """Return the next entry's time in µs and by how many ms the clock had run backwards."""
        now = (self._clock.now() - EPOCH) // timedelta(microseconds=1)
        if now >= head.last_us:
            return now, 0
        return head.last_us, max(1, (head.last_us - now) // 1000)

    def _move_head(self, connection: Connection, head: Head, acts: Sequence[Act], now: int) -> None:
        size = head.size + len(acts)
        wanted = size if any(act.action in WANTS_CHECKPOINT for act in acts) else head.wanted
        keys = {"service": head.service_key, "log": head.log_key}
        for act in acts:
            if act.action == Action.KEY_CHANGE and act.details.get("state") == "created":
                keys[act.details["owner"]] = act.details["key"]
        if head.size == 0:
            first = (size, now, wanted, 0, "", keys["service"], keys["log"], self.force_id)
            connection.exec_driver_sql(driver_sql(connection, _FIRST_HEAD), first)
        else:
            moved = (size, now, wanted, keys["service"], keys["log"], self.force_id)
            connection.exec_driver_sql(driver_sql(connection, _MOVE_HEAD), moved)

    def _fill_tiles(
        self, connection: Connection, position: int, before: int, bodies: Sequence[bytes]
    ) -> None:
        """Write the tiles that `bodies`, appended to `before` entries, complete at `position`."""
        start = position * TILE
        kept = self.entries(connection, start, before) if start < before else ()
        fresh = bodies[max(0, start - before) : start + TILE - before]
        hashes = leaf_hashes([*(body for _seq, body in kept), *fresh])
        level, slot = 0, TILE - 1
        while True:
            if len(hashes) != slot + 1:
                raise AuditError(
                    "The audit log's tree is damaged; the act was not done.",
                    todo="Run `socialdesk audit verify` and call your administrator.",
                )
            row = (self.force_id, level, position, b"".join(hashes))
            connection.exec_driver_sql(driver_sql(connection, _PUT_TILE), row)
            if len(hashes) < TILE:
                return
            position, slot = divmod(position, TILE)
            level += 1
            hashes = [*self.tile(connection, level, position), root_over(hashes)]
