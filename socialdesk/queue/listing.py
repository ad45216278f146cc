"""The queue on screen: its order as bare ids, and its lines opened a screenful at a time.

The order is frozen by whoever shows it: rows do not move under a cursor. Lines hold personal data,
so opening them is a consultation by the reader.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from socialdesk.classify.assessment import Urgency
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.states import ConversationState
from socialdesk.queue.views import URGENCIES, Line, line_of, names_of, urgency_at
from socialdesk.store.tables import Contact, Conversation, MessageWord
from socialdesk.store.vault import Sealed

WAITING = (ConversationState.OPEN.value,)


def order(desk: Desk, officer: Officer, query: Query) -> list[UUID]:
    """Return the ids of what matches, by risk and then by how long it has waited.

    Without a state asked for, what waits for an officer is listed; a search for words looks in
    every state.
    """
    with desk.store.reading() as session:
        return list(session.exec(_filtered(desk, officer, query)))


def counts(desk: Desk) -> dict[Urgency, int]:
    """Return how many conversations wait, by urgency."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(Conversation.urgency_rank, func.count())
            .where(
                Conversation.force_id == desk.force.id,
                col(Conversation.state).in_(WAITING),
            )
            .group_by(col(Conversation.urgency_rank))
        )
        found = dict.fromkeys(URGENCIES, 0)
        for rank, number in rows:
            found[urgency_at(rank)] += number
    return found


def lines(desk: Desk, officer: Officer, ids: Sequence[UUID]) -> dict[UUID, Line]:
    """Open one screenful of the queue, and record it as one consultation.

    Ids that no longer exist are left out.
    """
    if not ids:
        return {}
    with desk.store.transaction(officer.actor, "the queue on screen") as current:
        rows = current.session.exec(
            select(Conversation, Contact.key_id)
            .join(Contact)
            .where(Conversation.force_id == desk.force.id, col(Conversation.id).in_(ids))
        ).all()
        opened = desk.vault.opened(
            current,
            [Sealed(key_id, conversation.sealed_gist) for conversation, key_id in rows],
            [f"conversation:{conversation.id}" for conversation, _key in rows],
        )
        names = names_of(current.session)
        return {
            conversation.id: line_of(conversation, plain, officer, names, current.now)
            for (conversation, _key), plain in zip(rows, opened, strict=True)
        }


def _filtered(desk: Desk, officer: Officer, query: Query) -> SelectOfScalar[UUID]:
    found = select(Conversation.id).where(Conversation.force_id == desk.force.id)
    states = query.states or (() if query.words or query.mine else WAITING)
    if states:
        found = found.where(col(Conversation.state).in_(states))
    if query.worst_rank is not None:
        found = found.where(col(Conversation.urgency_rank) <= query.worst_rank)
    if query.categories:
        found = found.where(col(Conversation.category).in_(query.categories))
    if query.mine:
        found = found.where(Conversation.claim_owner == officer.person_id)
    if query.unclaimed:
        now = desk.clock.now()
        lease = col(Conversation.claim_until)
        found = found.where(lease.is_(None) | (lease <= now))
    for word in query.words:
        found = found.where(
            exists().where(
                col(MessageWord.conversation_id) == col(Conversation.id),
                col(MessageWord.word) == desk.vault.lookup("word", word),
            )
        )
    return found.order_by(
        col(Conversation.urgency_rank), col(Conversation.waiting_since), col(Conversation.id)
    )
