"""How far each account's streams have been read, and what could not be understood."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class StreamState(SQLModel, table=True):
    """The cursor of one stream of one account, and how its polling fares.

    `cursor` moves only in the transaction that stores the last page of a completed walk.
    `covered_until` is the start of the last completed walk: all before it is proven read.
    """

    __tablename__ = "stream_state"

    account_id: str = Field(primary_key=True, max_length=63)
    stream: str = Field(primary_key=True, max_length=63)
    force_id: str = Field(max_length=63)
    cursor: str | None = Field(default=None, max_length=255)
    covered_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    problem: str | None = Field(default=None, max_length=500)


class Quarantined(SQLModel, table=True):
    """An item the channel could not understand: kept sealed, whole, and shown on the health line.

    `fingerprint` is a keyed hash of the raw bytes: re-reading the same item adds nothing.
    """

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63, index=True)
    account_id: str = Field(max_length=63)
    stream: str = Field(max_length=63)
    fingerprint: bytes = Field(unique=True)
    key_id: UUID = Field(foreign_key="vault_key.id")
    sealed_raw: bytes
    reason: str = Field(max_length=500)
    found_at: datetime = Field(sa_type=UtcDateTime)
