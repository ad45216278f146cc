"""Moving a contact's other conversations under a fresh key, so that the old one can be destroyed.

Nothing is shown to anyone: what is opened here is sealed again within the same transaction, which
records the erasure that asked for it.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.core.ids import new_id
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import (
    Contact,
    ContactIdentity,
    Conversation,
    Escalation,
    Media,
    Message,
    MessageVersion,
    PersonView,
    Reply,
    Thrive,
    ViewPermission,
)
from socialdesk.store.transaction import Transaction


def move_to_fresh_contact(
    desk: Desk, current: Transaction, contact: Contact, conversations: Sequence[Conversation]
) -> UUID:
    """Give these conversations, and who the contact is, to a fresh contact; return its id."""
    session = current.session
    old = desk.contact_key(session, contact.id)
    new = desk.vault.create_key(session, desk.force.id, current.now)
    fresh = Contact(
        id=new_id(), force_id=desk.force.id, key_id=new.id, created_at=contact.created_at
    )
    session.add(fresh)
    session.flush()

    def resealed(sealed: bytes) -> bytes:
        return new.seal(old.unseal(sealed)) if sealed else sealed

    ids = [conversation.id for conversation in conversations]
    for conversation in conversations:
        conversation.contact_id = fresh.id
        conversation.sealed_gist = resealed(conversation.sealed_gist)
    for message in session.exec(select(Message).where(col(Message.conversation_id).in_(ids))):
        message.sealed_text = resealed(message.sealed_text)
        message.sealed_raw = message.sealed_raw and resealed(message.sealed_raw)
        message.sealed_source = resealed(message.sealed_source)
    _reseal_more(session, contact.id, fresh.id, ids, resealed)
    for reply in session.exec(select(Reply).where(col(Reply.conversation_id).in_(ids))):
        reply.sealed_text = resealed(reply.sealed_text)
    for thrive in session.exec(select(Thrive).where(col(Thrive.conversation_id).in_(ids))):
        thrive.sealed_note = resealed(thrive.sealed_note)
    for note in session.exec(select(Escalation).where(col(Escalation.conversation_id).in_(ids))):
        note.sealed_note = resealed(note.sealed_note)
    for identity in session.exec(
        select(ContactIdentity).where(ContactIdentity.contact_id == contact.id)
    ):
        identity.contact_id, identity.sealed = fresh.id, resealed(identity.sealed)
    session.flush()
    return fresh.id


def _reseal_more(
    session: Session,
    old: UUID,
    new: UUID,
    conversations: Sequence[UUID],
    resealed: Callable[[bytes], bytes],
) -> None:
    """Take versions, media and the record of who looked along."""
    for version in session.exec(
        select(MessageVersion).where(col(MessageVersion.conversation_id).in_(conversations))
    ):
        version.sealed_text = resealed(version.sealed_text)
        version.sealed_raw = version.sealed_raw and resealed(version.sealed_raw)
        version.sealed_source = resealed(version.sealed_source)
    for media in session.exec(select(Media).where(col(Media.conversation_id).in_(conversations))):
        media.sealed_link = resealed(media.sealed_link)
        media.sealed_content = media.sealed_content and resealed(media.sealed_content)
    for view in session.exec(select(PersonView).where(PersonView.contact_id == old)):
        view.contact_id = new
        view.sealed_reason = resealed(view.sealed_reason)
    for leave in session.exec(select(ViewPermission).where(ViewPermission.contact_id == old)):
        leave.contact_id = new
        leave.sealed_rationale = resealed(leave.sealed_rationale)
