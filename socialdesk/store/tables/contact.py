"""Who writes to the force: a contact and the identities it is known by on the networks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from socialdesk.store.columns import UtcDateTime


class Contact(SQLModel, table=True):
    """A member of the public; what is known of them is sealed under `key_id`."""

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    key_id: UUID = Field(foreign_key="vault_key.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class ContactIdentity(SQLModel, table=True):
    """A contact as one network knows them.

    `lookup` is a keyed hash of the network's id, so that the database alone names nobody;
    `sealed` holds the id, handle and name.
    """

    __tablename__ = "contact_identity"
    __table_args__ = (UniqueConstraint("force_id", "channel", "lookup"),)

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    channel: str = Field(max_length=63)
    lookup: bytes
    sealed: bytes


class ContactLink(SQLModel, table=True):
    """Two contacts taken for one person, by someone and for a reason; undone, it stays as history.

    Each contact keeps its own key and threads, so a link can be undone without trace of a mixture.
    """

    __tablename__ = "contact_link"

    id: UUID = Field(primary_key=True)
    force_id: str = Field(max_length=63)
    first_id: UUID = Field(foreign_key="contact.id", index=True)
    second_id: UUID = Field(foreign_key="contact.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    sealed_reason: bytes
    made_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: UUID | None = Field(default=None, foreign_key="person.id")
