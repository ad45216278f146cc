"""The audit log's tables: entries as hashed, the Merkle tree over them, and signed checkpoints."""

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


class LogNode(SQLModel, table=True):
    """The root of one full subtree: `level` 1 spans two entries, level k spans 2^k."""

    __tablename__ = "log_node"

    force_id: str = Field(primary_key=True, max_length=63)
    level: int = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_type=BigInteger)
    hash: bytes


class LogHead(SQLModel, table=True):
    """Size of the log and time of its last entry: the one row every append updates."""

    __tablename__ = "log_head"

    force_id: str = Field(primary_key=True, max_length=63)
    size: int = Field(sa_type=BigInteger)
    last_time: datetime = Field(sa_type=UtcDateTime)


class LogCheckpoint(SQLModel, table=True):
    """A signed checkpoint, as a C2SP signed note."""

    __tablename__ = "log_checkpoint"

    force_id: str = Field(primary_key=True, max_length=63)
    size: int = Field(primary_key=True, sa_type=BigInteger)
    note: str
    made_at: datetime = Field(sa_type=UtcDateTime)
