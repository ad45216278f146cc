"""What an officer does with a conversation besides answering: assess, escalate, close, reopen."""

from dataclasses import dataclass
from uuid import UUID

from socialdesk.audit.entry import Action
from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import ConfigError, RuleError
from socialdesk.core.ids import new_id
from socialdesk.core.text import encoded
from socialdesk.queue.claims import free, require_claim
from socialdesk.queue.commitments import commitment, fresh_salt
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.queue.states import ConversationMove, after
from socialdesk.store.tables import Escalation, Thrive

THRIVE = ("threat", "harm", "risk", "investigation", "vulnerability", "engagement")


@dataclass(frozen=True, slots=True)
class ThriveNote:
    """An officer's assessment: the grade, and why in their own words."""

    urgency: Urgency
    note: str


def assess(desk: Desk, officer: Officer, conversation_id: UUID, thrive: ThriveNote) -> None:
    """Record a THRIVE assessment; its grade replaces the model's, up or down.

    Raises:
        NotYours: this officer does not hold the conversation.
        RuleError: the note is empty.
    """
    if not thrive.note.strip():
        raise RuleError(
            "A THRIVE assessment needs its reasons.",
            todo="Say what the threat, harm, risk and vulnerability are, in a line or two.",
        )
    with desk.store.transaction(officer.actor, "THRIVE assessment") as current:
        conversation = desk.conversation(current.session, conversation_id)
        require_claim(current, officer, conversation)
        before = conversation.urgency_rank
        key = desk.contact_key(current.session, conversation.contact_id)
        row = Thrive(
            id=new_id(),
            conversation_id=conversation_id,
            person_id=officer.person_id,
            urgency=thrive.urgency,
            sealed_note=key.seal(encoded(thrive.note)),
            salt=fresh_salt(),
            made_at=current.now,
        )
        conversation.urgency_rank = thrive.urgency.rank
        current.session.add_all([row, conversation])
        current.record(
            Action.ASSESS,
            f"conversation:{conversation_id}",
            details={"urgency": thrive.urgency.value, "rank_before": before, "thrive": str(row.id)},
            commitments={"text": commitment(row.salt, encoded(thrive.note))},
        )


def escalate(
    desk: Desk, officer: Officer, conversation_id: UUID, destination: str, note: str
) -> UUID:
    """Hand the risk to someone who can act; return the escalation's id.

    Raises:
        NotYours: this officer does not hold the conversation.
        ConfigError: the force has no such destination.
        RuleError: the note is empty.
        IllegalMove: the conversation is closed.
    """
    if destination not in {place.id for place in desk.force.destinations}:
        raise ConfigError(
            f"{desk.force.name} has no destination {destination!r}.",
            todo="Add it under destinations in the force's file.",
        )
    if not note.strip():
        raise RuleError(
            "An escalation needs a note.", todo="Say what is happening, to whom and where."
        )
    with desk.store.transaction(officer.actor, "escalation") as current:
        conversation = desk.conversation(current.session, conversation_id)
        require_claim(current, officer, conversation)
        conversation.state = after(conversation.state, ConversationMove.ESCALATE)
        key = desk.contact_key(current.session, conversation.contact_id)
        row = Escalation(
            id=new_id(),
            conversation_id=conversation_id,
            person_id=officer.person_id,
            destination=destination,
            sealed_note=key.seal(encoded(note)),
            salt=fresh_salt(),
            made_at=current.now,
        )
        current.session.add_all([row, conversation])
        current.record(
            Action.ESCALATE,
            f"conversation:{conversation_id}",
            details={"escalation": str(row.id)},
            commitments={"text": commitment(row.salt, encoded(note))},
            recipients=(destination,),
        )
        return row.id


def close(desk: Desk, officer: Officer, conversation_id: UUID, disposition: str) -> None:
    """End a contact with a disposition, and give up the claim.

    Raises:
        NotYours: this officer does not hold the conversation.
        ConfigError: the force has no such disposition.
        IllegalMove: it is closed already.
    """
    known = {ending.id: ending for ending in desk.force.dispositions}
    if disposition not in known:
        raise ConfigError(
            f"{desk.force.name} has no disposition {disposition!r}.",
            todo="Add it under dispositions in the force's file.",
        )
    with desk.store.transaction(officer.actor, "close") as current:
        conversation = desk.conversation(current.session, conversation_id)
        require_claim(current, officer, conversation)
        conversation.state = after(conversation.state, ConversationMove.CLOSE)
        conversation.disposition = disposition
        free(conversation)
        current.session.add(conversation)
        current.record(
            Action.CLOSE,
            f"conversation:{conversation_id}",
            details={"disposition": disposition, "nsir": known[disposition].nsir},
        )


def reopen(desk: Desk, officer: Officer, conversation_id: UUID) -> None:
    """Open a closed contact again.

    Raises:
        IllegalMove: it is not closed.
    """
    with desk.store.transaction(officer.actor, "reopened by an officer") as current:
        conversation = desk.conversation(current.session, conversation_id)
        conversation.state = after(conversation.state, ConversationMove.REOPEN)
        conversation.disposition = None
        current.session.add(conversation)
        current.record(Action.REOPEN, f"conversation:{conversation_id}")
