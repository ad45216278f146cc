"""The vault's table: one wrapped key a contact. Destroying the key erases all it sealed."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class VaultKey(SQLModel, table=True):
    """A contact's key, wrapped by the master key; `wrapped` is gone after erasure."""

    __tablename__ = "vault_key"

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    wrapped: bytes | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    destroyed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
