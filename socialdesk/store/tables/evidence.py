"""What else a captured message carries: its later versions and its images and video."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class MessageVersion(SQLModel, table=True):
    """A message as its author changed it; version 1 is the message itself, and stays.

    `remote_id` is the network's id of this version where an edit makes a new one, else the
    message's own. It becomes a tombstone with the message's.
    """

    __tablename__ = "message_version"
    __table_args__ = (
        UniqueConstraint("message_id", "number"),
        Index("ix_message_version_remote", "account_id", "remote_id"),
    )

    id: UUID = Field(primary_key=True)
    message_id: UUID = Field(foreign_key="message.id")
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    account_id: str = Field(max_length=63)
    remote_id: str = Field(max_length=255)
    number: int
    edited_at: datetime = Field(sa_type=UtcDateTime)
    captured_at: datetime = Field(sa_type=UtcDateTime)
    tool: str = Field(max_length=120)
    sealed_text: bytes
    sealed_raw: bytes | None = None
    sealed_source: bytes = b""
    raw_sha256: bytes | None = None
    salt: bytes | None = None


class Media(SQLModel, table=True):
    """An image or video of a message: where it lies, how fetching it fares, and what came.

    `sealed_link` holds address, kind and the author's description. `sha256` is of the content as
    it came; `media_type` is what its first bytes say it is, never what the server said.
    """

    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        Index("ix_media_waiting", "force_id", "state", "next_attempt_at"),
    )

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    account_id: str = Field(max_length=63)
    message_id: UUID = Field(foreign_key="message.id")
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    position: int
    state: str = Field(max_length=31)
    sealed_link: bytes
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str | None = Field(default=None, max_length=500)
    media_type: str | None = Field(default=None, max_length=63)
    size: int | None = None
    sha256: bytes | None = None
    salt: bytes | None = None
    sealed_content: bytes | None = None
    fetched_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
