"""Claims: one owner at a time, by a fenced lease that ends by itself.

Each claim raises the conversation's fence. Whoever acts shows the fence they claimed under, so
that someone whose lease ran out while another took over cannot act on what they no longer hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from socialdesk.audit.entry import Action
from socialdesk.core.errors import NotYours
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import Conversation, Person
from socialdesk.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a conversation."""

    conversation_id: UUID
    fence: int
    until: datetime


def holder(conversation: Conversation, now: datetime) -> UUID | None:
    """Return who holds the conversation now, if anyone's lease still runs."""
    if conversation.claim_until is None or conversation.claim_until <= now:
        return None
    return conversation.claim_owner


def claim(desk: Desk, officer: Officer, conversation_id: UUID) -> Claim:
    """Take a conversation, or renew the lease on one's own.

    Raises:
        NotYours: someone else holds it.
    """
    with desk.store.transaction(officer.actor, "claim") as current:
        conversation = desk.conversation(current.session, conversation_id)
        held_by = holder(conversation, current.now)
        if held_by not in {None, officer.person_id}:
            raise _held(current, held_by)
        if held_by is None:
            conversation.claim_fence += 1
            conversation.claim_owner = officer.person_id
        until = current.now + timedelta(seconds=desk.force.claim_seconds)
        conversation.claim_until = until
        current.session.add(conversation)
        current.record(
            Action.CLAIM,
            f"conversation:{conversation_id}",
            details={"fence": conversation.claim_fence},
        )
        return Claim(conversation_id, conversation.claim_fence, until)


def release(desk: Desk, officer: Officer, conversation_id: UUID) -> None:
    """Give a conversation back.

    Raises:
        NotYours: this officer does not hold it.
    """
    with desk.store.transaction(officer.actor, "release") as current:
        conversation = desk.conversation(current.session, conversation_id)
        require_claim(current, officer, conversation)
        free(conversation)
        current.session.add(conversation)
        current.record(Action.RELEASE, f"conversation:{conversation_id}")


def free(conversation: Conversation) -> None:
    """End the lease on a conversation."""
    conversation.claim_owner = None
    conversation.claim_until = None


def require_claim(current: Transaction, officer: Officer, conversation: Conversation) -> None:
    """Refuse an act by anyone but the holder of a running lease.

    Raises:
        NotYours: nobody holds it, the lease ran out, or someone else holds it.
    """
    held_by = holder(conversation, current.now)
    if held_by is None:
        raise NotYours(
            "You do not hold this conversation: it is unclaimed, or your claim ran out.",
            todo="Claim it first (c).",
        )
    if held_by != officer.person_id:
        raise _held(current, held_by)


def _held(current: Transaction, held_by: UUID | None) -> NotYours:
    person = current.session.get(Person, held_by)
    name = person.name if person is not None else "someone else"
    return NotYours(f"{name} holds this conversation.", todo="Take the next one, or ask them.")
