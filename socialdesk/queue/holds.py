"""Legal holds: material that must be retained (CPIA 1996 s.23(1) Code) cannot be erased."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.audit.entry import Action
from socialdesk.core.errors import RuleError
from socialdesk.core.ids import new_id
from socialdesk.queue.authority import DECIDERS, checked_reference, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import Contact, Conversation, LegalHold


def add_hold(desk: Desk, officer: Officer, contact_id: UUID, authority: str) -> UUID:
    """Put a contact's material under a legal hold; return the hold's id.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: no such contact, or the authority is no reference.
    """
    require_role(officer, DECIDERS, "place a legal hold")
    reference = checked_reference(authority)
    with desk.store.transaction(officer.actor, "duty to retain (CPIA)") as current:
        contact = locked_contact(desk, current.session, contact_id)
        hold = LegalHold(
            id=new_id(),
            force_id=desk.force.id,
            contact_id=contact.id,
            authority=reference,
            placed_by=officer.person_id,
            placed_at=current.now,
        )
        current.session.add(hold)
        current.record(
            Action.ALTERATION,
            f"contact:{contact_id}",
            details={"hold": str(hold.id), "change": "placed", "authority": reference},
        )
        return hold.id


def lift_hold(desk: Desk, officer: Officer, hold_id: UUID, authority: str) -> None:
    """End a legal hold.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: no such hold runs, or the authority is no reference.
    """
    require_role(officer, DECIDERS, "lift a legal hold")
    reference = checked_reference(authority)
    with desk.store.transaction(officer.actor, "the duty to retain ended") as current:
        hold = current.session.exec(
            select(LegalHold).where(
                LegalHold.id == hold_id,
                LegalHold.force_id == desk.force.id,
                col(LegalHold.lifted_at).is_(None),
            )
        ).first()
        if hold is None:
            raise RuleError(f"No legal hold {hold_id} runs.", todo="See: socialdesk hold list")
        hold.lifted_at = current.now
        current.session.add(hold)
        current.record(
            Action.ALTERATION,
            f"contact:{hold.contact_id}",
            details={"hold": str(hold_id), "change": "lifted", "authority": reference},
        )


def running_holds(desk: Desk) -> list[LegalHold]:
    """Return all holds that run, oldest first."""
    with desk.store.reading() as session:
        return list(
            session.exec(
                select(LegalHold)
                .where(LegalHold.force_id == desk.force.id, col(LegalHold.lifted_at).is_(None))
                .order_by(col(LegalHold.placed_at), col(LegalHold.id))
            )
        )


def refuse_held(session: Session, contact_ids: Sequence[UUID]) -> None:
    """Refuse to go on where a legal hold runs.

    Raises:
        RuleError: one of the contacts is held.
    """
    hold = session.exec(
        select(LegalHold).where(
            col(LegalHold.contact_id).in_(contact_ids), col(LegalHold.lifted_at).is_(None)
        )
    ).first()
    if hold is not None:
        raise RuleError(
            f"This contact is under legal hold {hold.id} ({hold.authority}): nothing was erased.",
            todo="It must be lifted under authority first: socialdesk hold remove",
        )


def locked_contact(desk: Desk, session: Session, contact_id: UUID) -> Contact:
    """Return a contact of this force, locked for the transaction.

    Raises:
        RuleError: this force has no such contact.
    """
    contact = session.exec(
        select(Contact)
        .where(Contact.id == contact_id, Contact.force_id == desk.force.id)
        .with_for_update()
    ).first()
    if contact is None:
        raise RuleError(f"{desk.force.name} has no contact {contact_id}.")
    return contact


def contact_of(desk: Desk, conversation_id: UUID) -> UUID:
    """Return whose conversation it is.

    Raises:
        RuleError: this force has no such conversation.
    """
    with desk.store.reading() as session:
        found = session.exec(
            select(Conversation.contact_id).where(
                Conversation.id == conversation_id, Conversation.force_id == desk.force.id
            )
        ).first()
    if found is None:
        raise RuleError(f"{desk.force.name} has no conversation {conversation_id}.")
    return found
