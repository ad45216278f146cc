"""The audit log's tables: entries as hashed, the tree over them, signed checkpoints, checks."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class LogEntry(SQLModel, table=True):
    """One entry: the exact bytes that were hashed, never re-serialised."""

    __tablename__ = "log_entry"

    force_id: str = Field(primary_key=True, max_length=63)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    body: bytes
    subject: str = Field(max_length=127, index=True)


class LogTile(SQLModel, table=True):
    """Up to 256 hashes of the Merkle tree, 32 bytes each, side by side (C2SP tlog-tiles).

    Element i of tile (level, position) is the root over the 256^level entries from
    (256 · position + i) · 256^level on. A tile of level 0 is written once, when its 256 entries
    are there; until then its hashes are those of the entries themselves.
    """

    __tablename__ = "log_tile"

    force_id: str = Field(primary_key=True, max_length=63)
    level: int = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_type=BigInteger)
    hashes: bytes


class LogHead(SQLModel, table=True):
    """Where the log stands: the one row that every append reads and moves.

    Attributes:
        last_us: time of the last entry, in microseconds since 1970.
        wanted: size by which someone asked for a signed checkpoint without delay.
        seen_size, seen_root: the newest checkpoint, root in base64; "" before the first.
        service_key, log_key: names of the keys in use; "" before the log introduced one.
    """

    __tablename__ = "log_head"

    force_id: str = Field(primary_key=True, max_length=63)
    size: int = Field(sa_type=BigInteger)
    last_us: int = Field(sa_type=BigInteger)
    wanted: int = Field(sa_type=BigInteger)
    seen_size: int = Field(sa_type=BigInteger)
    seen_root: str = Field(max_length=44)
    service_key: str = Field(max_length=16)
    log_key: str = Field(max_length=16)


class LogCheckpoint(SQLModel, table=True):
    """A signed checkpoint, as a C2SP signed note."""

    __tablename__ = "log_checkpoint"

    force_id: str = Field(primary_key=True, max_length=63)
    size: int = Field(primary_key=True, sa_type=BigInteger)
    note: str
    made_at: datetime = Field(sa_type=UtcDateTime)


class LogRefusal(SQLModel, table=True):
    """Why the log's newest entries are not signed; no row while they are."""

    __tablename__ = "log_refusal"

    force_id: str = Field(primary_key=True, max_length=63)
    made_at: datetime = Field(sa_type=UtcDateTime)
    problem: str


class LogCheck(SQLModel, table=True):
    """The last time the whole log was checked, and what came of it."""

    __tablename__ = "log_check"

    force_id: str = Field(primary_key=True, max_length=63)
    made_at: datetime = Field(sa_type=UtcDateTime)
    size: int = Field(sa_type=BigInteger)
    good: bool
    problem: str
