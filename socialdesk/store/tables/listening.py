"""Listening rules, what each found, and who looked at people who had not written to the force."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class ListeningRule(SQLModel, table=True):
    """What is listened for, by whom, under what, and until when.

    `sealed` holds terms, purpose and authorising officer under a key of the rule's own: a rule
    under an authority names a person. `expires_at` is never later than the authority's end.
    """

    __tablename__ = "listening_rule"
    __table_args__ = (Index("ix_listening_rule_running", "force_id", "stopped_at"),)

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    account_id: str = Field(max_length=63)
    owner: UUID = Field(foreign_key="person.id")
    key_id: UUID = Field(foreign_key="vault_key.id")
    sealed: bytes
    assessment: str = Field(max_length=80)
    retention_group: str = Field(max_length=63)
    names_someone: bool
    authority: str | None = Field(default=None, max_length=80)
    authority_form: str | None = Field(default=None, max_length=31)
    authority_rank: str | None = Field(default=None, max_length=31)
    authority_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_because: str | None = Field(default=None, max_length=31)


class Finding(SQLModel, table=True):
    """A message and a rule that found it."""

    message_id: UUID = Field(primary_key=True, foreign_key="message.id")
    rule_id: UUID = Field(primary_key=True, foreign_key="listening_rule.id", index=True)
    found_at: datetime = Field(sa_type=UtcDateTime)


class PersonView(SQLModel, table=True):
    """An officer's look at the posts of one person whom listening found."""

    __tablename__ = "person_view"
    __table_args__ = (Index("ix_person_view_counted", "person_id", "contact_id", "seen_at"),)

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63, index=True)
    person_id: UUID = Field(foreign_key="person.id")
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ground: str = Field(max_length=31)
    sealed_reason: bytes = b""


class ViewPermission(SQLModel, table=True):
    """Leave to look at one person further: an authority, or a supervisor's recorded rationale."""

    __tablename__ = "view_permission"

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63, index=True)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    officer_id: UUID = Field(foreign_key="person.id")
    given_by: UUID = Field(foreign_key="person.id")
    ground: str = Field(max_length=31)
    reference: str | None = Field(default=None, max_length=80)
    sealed_rationale: bytes = b""
    given_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
