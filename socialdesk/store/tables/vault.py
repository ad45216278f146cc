"""The vault's tables: one wrapped key a contact, and which master key wraps them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class VaultKey(SQLModel, table=True):
    """A contact's key, wrapped by the master key; `wrapped` is gone after erasure.

    `scrubbed_at` is when the database's own files were shown to hold no trace of what it sealed.
    """

    __tablename__ = "vault_key"

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    wrapped: bytes | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    destroyed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    scrubbed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class VaultRoot(SQLModel, table=True):
    """Which master key is in force, and the index key that it wraps.

    The index key makes the blind index; it stays the same when the master key is rotated, so that
    everything found before the rotation is found after it.
    """

    __tablename__ = "vault_root"

    force_id: str = Field(primary_key=True, max_length=63)
    master_id: bytes
    wrapped_index: bytes
    changed_at: datetime = Field(sa_type=UtcDateTime)
