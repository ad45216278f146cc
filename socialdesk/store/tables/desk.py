"""What people do: who they are, how they assess, what they answer, whom they call in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class Person(SQLModel, table=True):
    """Someone who works at the desk. Their signing key lies outside the database."""

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63, index=True)
    login: str = Field(max_length=63, unique=True)
    name: str = Field(max_length=120)
    role: str = Field(max_length=31)
    public_key: str = Field(max_length=255)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Thrive(SQLModel, table=True):
    """An officer's risk assessment of a conversation; note sealed, `salt` as for messages."""

    id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    urgency: str = Field(max_length=31)
    sealed_note: bytes
    salt: bytes | None = None
    made_at: datetime = Field(sa_type=UtcDateTime)


class Reply(SQLModel, table=True):
    """A reply on its way from draft to the network; legal moves are in `queue.states`.

    `thread_version` and `claim_fence` are what the officer saw when the draft was begun.
    """

    __table_args__ = (Index("ix_reply_outbox", "state", "next_attempt_at"),)

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    account_id: str = Field(max_length=63)
    stream: str = Field(max_length=63)
    person_id: UUID = Field(foreign_key="person.id")
    state: str = Field(max_length=31)
    sealed_text: bytes
    salt: bytes | None = None
    in_reply_to: str | None = Field(default=None, max_length=255)
    thread_version: int
    claim_fence: int
    urgency_rank: int
    begun_at: datetime = Field(sa_type=UtcDateTime)
    queued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    remote_id: str | None = Field(default=None, max_length=255)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str | None = Field(default=None, max_length=500)


class Escalation(SQLModel, table=True):
    """Risk handed to someone who can act; the note is sealed, `salt` as for messages."""

    id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    destination: str = Field(max_length=63)
    sealed_note: bytes
    salt: bytes | None = None
    made_at: datetime = Field(sa_type=UtcDateTime)
