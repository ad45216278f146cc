"""Reading again: what the deep tier says of messages that the fast tier let in.

Both assessments are kept. What was read again may raise its conversation at once; it never lowers
one, and it leaves alone what an officer has graded since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import Session, col, select

from socialdesk.audit.entry import Action
from socialdesk.classify.assessment import Assessment, Reason, Urgency
from socialdesk.classify.thread import MOST_BEFORE
from socialdesk.core.ids import new_id
from socialdesk.core.text import decoded
from socialdesk.queue.assessments import assessment_row
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import AssessmentRow, Contact, Conversation, Message, Thrive
from socialdesk.store.transaction import Actor, Transaction
from socialdesk.store.vault import Sealed


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that only the fast tier has read, and how unsure it was."""

    assessment_id: UUID
    message_id: UUID
    urgency_scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Opened:
    """A message opened to be read again, after what its contact wrote before it."""

    message_id: UUID
    before: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Reread:
    """What the deep tier says of a message."""

    message_id: UUID
    assessment: Assessment
    reasons: Sequence[Reason] = ()


def unread(desk: Desk, first: str, second: str, after: UUID, limit: int) -> list[Unread]:
    """Return messages assessed by the model `first` and not yet by `second`, oldest first.

    Args:
        after: only assessments made after this one are looked at.
    """
    again = AssessmentRow.__table__.alias("again")  # type: ignore[attr-defined]
    with desk.store.reading() as session:
        rows = session.exec(
            select(AssessmentRow.id, AssessmentRow.message_id, AssessmentRow.scores)
            .join(Message)
            .join(Conversation)
            .where(
                col(AssessmentRow.id) > after,
                AssessmentRow.model == first,
                Conversation.force_id == desk.force.id,
                ~exists().where(
                    again.c.message_id == AssessmentRow.message_id, again.c.model == second
                ),
            )
            .order_by(col(AssessmentRow.id))
            .limit(limit)
        ).all()
    return [Unread(at, message, scores.get("urgency", {})) for at, message, scores in rows]


def opened(desk: Desk, actor: Actor, ids: Sequence[UUID]) -> list[Opened]:
    """Open messages, each with what its contact wrote before, as one consultation by the service.

    What was erased in the meantime is left out.
    """
    with desk.store.transaction(actor, "read again by the deep tier") as current:
        session = current.session
        wanted = session.exec(select(Message).where(col(Message.id).in_(ids))).all()
        threads = {one.id: [*_earlier(session, one), one] for one in wanted}
        keys = dict(
            session.exec(
                select(Conversation.id, Contact.key_id)
                .join(Contact)
                .where(col(Conversation.id).in_({one.conversation_id for one in wanted}))
            ).all()
        )
        every = {one.id: one for thread in threads.values() for one in thread}
        plain = dict(
            zip(
                every,
                desk.vault.opened(
                    current,
                    [Sealed(keys[m.conversation_id], m.sealed_text) for m in every.values()],
                    [f"message:{message_id}" for message_id in every],
                ),
                strict=True,
            )
        )
    found = []
    for message_id, thread in threads.items():
        texts = [plain[one.id] for one in thread]
        if texts[-1] is not None:
            before = tuple(decoded(text) for text in texts[:-1] if text is not None)
            found.append(Opened(message_id, before, decoded(texts[-1])))
    return found


def _earlier(session: Session, message: Message) -> list[Message]:
    """Return what the contact wrote last before a message in its conversation, oldest first."""
    rows = session.exec(
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            col(Message.outbound).is_(False),
            col(Message.sent_at) <= message.sent_at,
            Message.id != message.id,
        )
        .order_by(col(Message.sent_at).desc(), col(Message.remote_id).desc())
        .limit(MOST_BEFORE)
    ).all()
    return list(reversed(rows))


def keep(desk: Desk, actor: Actor, found: Sequence[Reread]) -> int:
    """Keep what the deep tier said, and raise what it finds more urgent; return how many rose."""
    with desk.store.transaction(actor, "assessed by the deep tier") as current:
        rose: dict[str, str] = {}
        for one in found:
            row = assessment_row(one.assessment, one.reasons, one.message_id, current.now)
            current.session.add(AssessmentRow(**row))
            conversation = _raised(current, one)
            if conversation is not None:
                rose[str(conversation.id)] = one.assessment.urgency.value
        current.record(
            Action.ASSESS,
            f"reading:{new_id()}",
            details={
                "model": found[0].assessment.model,
                "messages": {str(one.message_id): one.assessment.urgency.value for one in found},
                "raised": rose,
            },
        )
    return len(rose)


def _raised(current: Transaction, one: Reread) -> Conversation | None:
    """Raise a message's conversation where it stands too low; return it if it rose."""
    session = current.session
    message = session.get_one(Message, one.message_id)
    conversation = session.exec(
        select(Conversation).where(Conversation.id == message.conversation_id).with_for_update()
    ).one()
    graded = session.exec(
        select(Thrive.id).where(
            Thrive.conversation_id == conversation.id,
            col(Thrive.made_at) >= message.received_at,
        )
    ).first()
    if graded is not None:
        return None
    rank, stood = one.assessment.urgency.rank, conversation.urgency_rank
    conversation.possible_crime = max(conversation.possible_crime, one.assessment.possible_crime)
    if rank <= stood:
        conversation.category = one.assessment.category
        conversation.urgency_rank = rank
    session.add(conversation)
    return conversation if rank < stood else None


def unsure(scores: dict[str, float], threshold: float) -> float:
    """Return how far the fast tier's chance of immediate danger was from being flagged."""
    return abs(scores.get(Urgency.IMMEDIATE, 0.0) - threshold)
