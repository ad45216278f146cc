"""How far each account's streams have been read, what is missing, and what was not understood."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class StreamState(SQLModel, table=True):
    """The cursor of one stream of one account, and how its polling fares.

    All that the network holds up to `cursor` is stored, but for what the stream's gaps say. The
    cursor moves only in the transaction that stores a walk's first page and notes what is still to
    be read of it. `covered_until` is the start of the last walk that moved it. The allowance is
    what the network last said is left of the endpoint's rate limit.
    """

    __tablename__ = "stream_state"

    account_id: str = Field(primary_key=True, max_length=63)
    stream: str = Field(primary_key=True, max_length=63)
    force_id: str = Field(max_length=63)
    cursor: str | None = Field(default=None, max_length=255)
    covered_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    problem: str | None = Field(default=None, max_length=500)
    allowance_left: int | None = None
    allowance_resets_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CoverageGap(SQLModel, table=True):
    """An interval of a stream that is not proven read: between two remote ids, and in time.

    `top` is the oldest id proven above it, `bottom` the newest proven below (None: nothing is).
    `page` is the network's token for what comes next, where it gave one. All before `since_at` is
    proven read. A `lost` one lies beyond what the network still serves: it can only be told.
    """

    __tablename__ = "coverage_gap"
    __table_args__ = (Index("ix_coverage_gap_stream", "force_id", "account_id", "stream"),)

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    account_id: str = Field(max_length=63)
    stream: str = Field(max_length=63)
    top: str | None = Field(default=None, max_length=255)
    bottom: str | None = Field(default=None, max_length=255)
    page: str | None = Field(default=None, max_length=2000)
    since_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    until_at: datetime = Field(sa_type=UtcDateTime)
    found_at: datetime = Field(sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    problem: str | None = Field(default=None, max_length=500)
    lost: bool = False


class ReadSpend(SQLModel, table=True):
    """How many messages an account has read in a month ("2026-11"), against its budget."""

    __tablename__ = "read_spend"

    account_id: str = Field(primary_key=True, max_length=63)
    month: str = Field(primary_key=True, max_length=7)
    messages: int = 0


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
