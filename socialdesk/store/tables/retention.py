"""What may not be erased, and what a review decided to keep."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class LegalHold(SQLModel, table=True):
    """A duty to retain a contact's material (CPIA 1996 s.23(1) Code); it runs until lifted."""

    __tablename__ = "legal_hold"

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63, index=True)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    authority: str = Field(max_length=80)
    placed_by: UUID = Field(foreign_key="person.id")
    placed_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RetentionReview(SQLModel, table=True):
    """A review that decided to keep a conversation; the next is counted from it."""

    __tablename__ = "retention_review"

    id: UUID = Field(primary_key=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    reason: str = Field(max_length=63)
    decided_at: datetime = Field(sa_type=UtcDateTime)
