"""Erasure under authority (DPA 2018 s.47): the key is destroyed, and with it all it sealed.

What goes: the wrapped key, every sealed byte, salts, hashes of raw payloads, the model's scores,
the blind index, the contact's identities, the network's ids. What stays: empty rows that say a
contact was handled, when and how it ended, and the log, which still verifies: its commitments
are to salts that no longer exist.

Erasing one conversation of several moves the others to a fresh contact with a fresh key first, so
that the old key, and whatever an old backup holds under it, is destroyed all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.audit.entry import Action
from socialdesk.core.errors import RuleError
from socialdesk.queue.authority import DECIDERS, checked_reference, require_role
from socialdesk.queue.blanking import blank, needles
from socialdesk.queue.desk import Desk
from socialdesk.queue.holds import contact_of, locked_contact, refuse_held
from socialdesk.queue.people import Officer
from socialdesk.queue.rekeying import move_to_fresh_contact
from socialdesk.queue.states import ConversationState, ReplyMove, ReplyState, reply_after
from socialdesk.store.scrub import scrub
from socialdesk.store.tables import Contact, Conversation, Message, Reply, VaultKey
from socialdesk.store.transaction import Transaction

MESSAGES_AN_ENTRY = 500
UNSETTLED = (
    ReplyState.AWAITING_APPROVAL,
    ReplyState.QUEUED,
    ReplyState.SENDING,
    ReplyState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Warrant:
    """Under which authority something is erased, and the code of the reason."""

    authority: str
    reason: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    Attributes:
        scrubbed: the database's own files were searched and hold no trace; False where that is
            still to be done (`socialdesk vault scrub`).
    """

    contact_id: UUID
    conversations: tuple[UUID, ...]
    messages: int
    scrubbed: bool


def erase_contact(desk: Desk, officer: Officer, contact_id: UUID, warrant: Warrant) -> Erased:
    """Erase everything sealed for a contact.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: a legal hold runs, a conversation is not closed, a reply is on its way, the
            contact was erased before, or the authority is no reference.
    """
    return _erase(desk, officer, contact_id, None, warrant)


def erase_conversation(
    desk: Desk, officer: Officer, conversation_id: UUID, warrant: Warrant
) -> Erased:
    """Erase one conversation and leave the contact's others readable.

    Raises:
        NotAllowed, RuleError: as for `erase_contact`.
    """
    return _erase(desk, officer, contact_of(desk, conversation_id), conversation_id, warrant)


def finish_scrubbing(desk: Desk) -> int:
    """Rewrite the database where an erasure left its files unsearched; return how many keys."""
    with desk.store.reading() as session:
        waiting = session.exec(
            select(VaultKey.id).where(
                VaultKey.force_id == desk.force.id,
                col(VaultKey.destroyed_at).is_not(None),
                col(VaultKey.scrubbed_at).is_(None),
            )
        ).all()
    if waiting and scrub(desk.store.engine, None):
        mark_scrubbed(desk, waiting)
        return len(waiting)
    return 0


def mark_scrubbed(desk: Desk, keys: Sequence[UUID]) -> None:
    """Note that no trace of what these keys sealed is left in the database's files."""
    with desk.store.bookkeeping() as session:
        for row in session.exec(select(VaultKey).where(col(VaultKey.id).in_(keys))):
            row.scrubbed_at = desk.clock.now()
            session.add(row)


def _erase(
    desk: Desk, officer: Officer, contact_id: UUID, only: UUID | None, warrant: Warrant
) -> Erased:
    require_role(officer, DECIDERS, "erase a contact's data")
    authority = checked_reference(warrant.authority)
    with desk.store.transaction(officer.actor, warrant.reason) as current:
        session = current.session
        contact = locked_contact(desk, session, contact_id)
        refuse_held(session, [contact_id])
        going, staying = _parted(session, contact, only)
        _refuse_unfinished(session, contact, going, session.get_one(VaultKey, contact.key_id))
        ids = [conversation.id for conversation in going]
        messages = list(session.exec(select(Message).where(col(Message.conversation_id).in_(ids))))
        traces = needles(session, contact, ids)
        moved = move_to_fresh_contact(desk, current, contact, staying) if staying else None
        blank(desk, session, contact, going)
        desk.vault.destroy_key(session, contact.key_id, current.now)
        _record(current, contact, going, messages, authority, moved)
    scrubbed = scrub(desk.store.engine, traces)
    if scrubbed:
        mark_scrubbed(desk, [contact.key_id])
    return Erased(contact_id, tuple(ids), len(messages), scrubbed)


def _parted(
    session: Session, contact: Contact, only: UUID | None
) -> tuple[list[Conversation], list[Conversation]]:
    found = session.exec(
        select(Conversation).where(Conversation.contact_id == contact.id).with_for_update()
    ).all()
    going = [conversation for conversation in found if only in {None, conversation.id}]
    staying = [conversation for conversation in found if conversation not in going]
    return going, staying


def _refuse_unfinished(
    session: Session, contact: Contact, going: Sequence[Conversation], key: VaultKey
) -> None:
    """Refuse while someone may still be waiting for help, or a reply may still reach them."""
    if key.wrapped is None:
        raise RuleError(f"Contact {contact.id} was erased before.")
    unclosed = [one.id for one in going if one.state != ConversationState.CLOSED]
    if unclosed:
        raise RuleError(
            f"Conversation {unclosed[0]} is not closed: nothing was erased.",
            todo="Someone may be waiting there. Close it first.",
        )
    replies = session.exec(
        select(Reply).where(col(Reply.conversation_id).in_([one.id for one in going]))
    ).all()
    for reply in replies:
        if reply.state in UNSETTLED:
            raise RuleError(
                f"A reply of conversation {reply.conversation_id} is {reply.state}: nothing was "
                "erased.",
                todo="Wait until it is sent or has failed.",
            )
        if reply.state in {ReplyState.DRAFT, ReplyState.FAILED}:
            reply.state = reply_after(reply.state, ReplyMove.ABANDON)
            session.add(reply)
    session.flush()


def _record(
    current: Transaction,
    contact: Contact,
    going: Sequence[Conversation],
    messages: Sequence[Message],
    authority: str,
    moved: UUID | None,
) -> None:
    """Record who was erased by ids alone: an entry a conversation, in parts where it is long."""
    common = {"authority": authority, "contact": str(contact.id)}
    for conversation in going:
        ids = [str(one.id) for one in messages if one.conversation_id == conversation.id]
        for start in range(0, max(1, len(ids)), MESSAGES_AN_ENTRY):
            part = ids[start : start + MESSAGES_AN_ENTRY]
            subject = f"conversation:{conversation.id}"
            current.record(Action.ERASURE, subject, details=common | {"messages": part})
    current.record(
        Action.ERASURE,
        f"contact:{contact.id}",
        details={
            "authority": authority,
            "key": str(contact.key_id),
            "conversations": len(going),
            "messages": len(messages),
        }
        | ({} if moved is None else {"others_moved_to": str(moved)}),
    )
