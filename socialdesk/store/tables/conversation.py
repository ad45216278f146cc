"""Conversations, their messages, what the model said of each, and the index to find them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class Conversation(SQLModel, table=True):
    """The thread with a contact on an account, and where it stands on the desk.

    `version` counts its messages: a draft is bound to the version it was begun on.
    `claim_fence` grows with every claim: an act under an older fence is refused.
    `sealed_gist` holds who wrote last and how it begins: what one line of the queue shows.
    `found_by` is the listening rule that found it; None once the person wrote to the force.
    """

    __table_args__ = (
        UniqueConstraint("account_id", "thread_lookup"),
        Index("ix_conversation_queue", "force_id", "state", "urgency_rank", "waiting_since", "id"),
        Index("ix_conversation_owner", "force_id", "claim_owner", "urgency_rank"),
    )

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    account_id: str = Field(max_length=63)
    channel: str = Field(max_length=63)
    stream: str = Field(max_length=63)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    thread_lookup: bytes
    state: str = Field(max_length=31)
    urgency_rank: int
    category: str = Field(max_length=63)
    possible_crime: float
    waiting_since: datetime = Field(sa_type=UtcDateTime)
    last_message_at: datetime = Field(sa_type=UtcDateTime)
    version: int = 0
    claim_owner: UUID | None = None
    claim_fence: int = 0
    claim_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disposition: str | None = Field(default=None, max_length=63)
    sealed_gist: bytes
    found_by: UUID | None = Field(default=None, foreign_key="listening_rule.id", index=True)


class Message(SQLModel, table=True):
    """One message as received or sent; text and raw payload are sealed with the contact's key.

    `salt` is the salt of the commitments in the audit log; erasure destroys it. `sealed_source`
    holds the canonical link and who wrote, by the network's own id. `gone_at` is when the network
    was first seen to serve it no more; what was captured stays.
    """

    __table_args__ = (
        UniqueConstraint("account_id", "remote_id"),
        Index("ix_message_recheck", "account_id", "recheck_at"),
    )

    id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    account_id: str = Field(max_length=63)
    remote_id: str = Field(max_length=255)
    outbound: bool
    stream: str = Field(max_length=63)
    in_reply_to: str | None = Field(default=None, max_length=255)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    sealed_text: bytes
    sealed_raw: bytes | None = None
    raw_sha256: bytes | None = None
    salt: bytes | None = None
    tool: str = Field(default="", max_length=120)
    sealed_source: bytes = b""
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recheck_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gone_because: str | None = Field(default=None, max_length=31)


class AssessmentRow(SQLModel, table=True):
    """What the model said of a message. Every one is kept; none is overwritten."""

    __tablename__ = "assessment"

    id: UUID = Field(primary_key=True)
    message_id: UUID = Field(foreign_key="message.id", index=True)
    model: str = Field(max_length=127)
    category: str = Field(max_length=63)
    urgency: str = Field(max_length=31)
    possible_crime: float
    scores: dict[str, dict[str, float]] = Field(sa_type=JSON)
    reasons: list[dict[str, Any]] = Field(sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)


class MessageWord(SQLModel, table=True):
    """A keyed hash of a word or handle in a message: search without readable text at rest."""

    __tablename__ = "message_word"

    word: bytes = Field(primary_key=True)
    conversation_id: UUID = Field(primary_key=True, foreign_key="conversation.id", index=True)
