"""One person known on several networks: contacts are linked for a reason, and unlinked again.

A link points; it moves nothing. Each contact keeps its own key, identities and threads, so undoing
a link leaves no mixture behind, and erasing one contact never erases what belongs to another.
"""

from uuid import UUID

from sqlmodel import Session, col, or_, select

from socialdesk.audit.entry import Action
from socialdesk.core.errors import RuleError
from socialdesk.core.ids import new_id
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import Contact, ContactLink
from socialdesk.store.transaction import Transaction


def merge(desk: Desk, officer: Officer, first: UUID, second: UUID, reason: str) -> UUID:
    """Take two contacts for one person; return the link's id.

    Raises:
        RuleError: no reason, an unknown contact, or they are one person already.
    """
    if not reason.strip():
        raise RuleError("Say why these are one person.", todo="A reason is kept with the link.")
    with desk.store.transaction(officer.actor, "contacts taken for one person") as current:
        for contact in (first, second):
            _require_known(desk, current.session, contact)
        if second in same_person(current.session, first):
            raise RuleError("These are one person already.")
        key = desk.contact_key(current.session, first)
        link = ContactLink(
            id=new_id(),
            force_id=desk.force.id,
            first_id=first,
            second_id=second,
            person_id=officer.person_id,
            sealed_reason=key.seal(reason.encode("utf-8", "surrogatepass")),
            made_at=current.now,
        )
        current.session.add(link)
        _record(current, link, "merged")
    return link.id


def unmerge(desk: Desk, officer: Officer, link_id: UUID) -> None:
    """Undo a link; what it was, who made it and why stays as history.

    Raises:
        RuleError: there is no such link, or it is undone already.
    """
    with desk.store.transaction(officer.actor, "contacts no longer one person") as current:
        link = current.session.get(ContactLink, link_id, with_for_update=True)
        if link is None or link.force_id != desk.force.id or link.undone_at is not None:
            raise RuleError("There is no such link between contacts.")
        link.undone_at, link.undone_by = current.now, officer.person_id
        current.session.add(link)
        _record(current, link, "unmerged")


def same_person(session: Session, contact_id: UUID) -> set[UUID]:
    """Return every contact taken for the same person, this one included."""
    found, edge = {contact_id}, {contact_id}
    while edge:
        links = session.exec(
            select(ContactLink.first_id, ContactLink.second_id).where(
                col(ContactLink.undone_at).is_(None),
                or_(col(ContactLink.first_id).in_(edge), col(ContactLink.second_id).in_(edge)),
            )
        ).all()
        edge = {contact for link in links for contact in link} - found
        found |= edge
    return found


def _require_known(desk: Desk, session: Session, contact_id: UUID) -> None:
    contact = session.get(Contact, contact_id)
    if contact is None or contact.force_id != desk.force.id:
        raise RuleError(f"{desk.force.name} knows no contact {contact_id}.")


def _record(current: Transaction, link: ContactLink, change: str) -> None:
    current.record(
        Action.COMBINATION,
        f"contact:{link.first_id}",
        details={"change": change, "with": str(link.second_id), "link": str(link.id)},
    )
