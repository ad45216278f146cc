"""What moved since the last look. Nothing sealed is opened here, so nothing is logged.

A look every half second must cost little and must not feed on itself: opening text leaves entries,
which make the log grow. So a look reads bare facts, and text is opened again only where a
conversation's own facts changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from socialdesk.classify.assessment import Urgency
from socialdesk.core.text import SafeText
from socialdesk.queue import listing
from socialdesk.queue.claims import holder
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.states import ConversationState, ReplyState
from socialdesk.queue.views import SOMEONE, names_of, urgency_at
from socialdesk.store.tables import Conversation, Escalation, Reply, Thrive

MOST_DANGER = 500
"""Unclaimed dangers counted; beyond it the number hardly matters."""

Mark = tuple[object, ...]
"""What a conversation looked like: any change means that it must be opened again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands, without a word of what was said in it."""

    urgency: Urgency
    state: ConversationState
    version: int
    waiting_since: datetime
    owner: SafeText | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Look:
    """The bare facts of one look."""

    log_size: int
    standings: dict[UUID, Standing]
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What waits.

    Attributes:
        danger: what is immediate and held by nobody, with its version.
        fingerprint: changes when the order of what waits does, at a fraction of its cost.
    """

    counts: dict[Urgency, int]
    danger: dict[UUID, int]
    fingerprint: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A newly computed order, and how many of its ids the one on screen lacks."""

    ids: list[UUID]
    new: int


def look(desk: Desk, officer: Officer, ids: Sequence[UUID], opened: UUID | None) -> Look:
    """Return how long the log is, where `ids` stand, and the mark of the open conversation."""
    with desk.store.reading() as session:
        wanted = {*ids, *([opened] if opened else [])}
        names = names_of(session) if wanted else {}
        now = desk.clock.now()
        rows = session.exec(
            select(Conversation).where(
                Conversation.force_id == desk.force.id, col(Conversation.id).in_(wanted)
            )
        )
        standings = {row.id: _standing(row, officer, names, now) for row in rows}
        return Look(
            desk.log.size(session),
            standings,
            None if opened is None else _mark(session, opened, standings.get(opened)),
        )


def mark_of(desk: Desk, officer: Officer, conversation_id: UUID) -> Mark | None:
    """Return a conversation's mark."""
    return look(desk, officer, (), conversation_id).mark


def tally(desk: Desk, officer: Officer) -> Tally:
    """Return counts by grade, and unclaimed immediate danger, longest waiting first."""
    ids = listing.order(desk, officer, Query(worst_rank=0, unclaimed=True))
    with desk.store.reading() as session:
        versions = dict(
            session.exec(
                select(Conversation.id, Conversation.version).where(
                    col(Conversation.id).in_(ids[:MOST_DANGER])
                )
            ).all()
        )
        since = col(Conversation.waiting_since)
        spread = session.exec(
            select(func.min(since), func.max(since)).where(
                Conversation.force_id == desk.force.id,
                col(Conversation.state).in_(listing.WAITING),
            )
        ).one()
    counts = listing.counts(desk)
    danger = {one: versions[one] for one in ids[:MOST_DANGER] if one in versions}
    return Tally(counts, danger, (*counts.values(), *spread))


def reorder(desk: Desk, officer: Officer, query: Query, shown: Sequence[UUID]) -> Order:
    """Return the order as it would be now, compared with what is shown."""
    ids = listing.order(desk, officer, query)
    return Order(ids, len(set(ids).difference(shown)))


def _standing(
    row: Conversation, officer: Officer, names: dict[UUID, SafeText], now: datetime
) -> Standing:
    held_by = holder(row, now)
    return Standing(
        urgency=urgency_at(row.urgency_rank),
        state=ConversationState(row.state),
        version=row.version,
        waiting_since=row.waiting_since,
        owner=None if held_by is None else names.get(held_by, SOMEONE),
        mine=held_by == officer.person_id,
    )


def _mark(session: Session, conversation_id: UUID, standing: Standing | None) -> Mark:
    replies = session.exec(
        select(Reply.id, Reply.state, Reply.problem)
        .where(Reply.conversation_id == conversation_id)
        .where(col(Reply.state).not_in((ReplyState.DRAFT, ReplyState.ABANDONED)))
        .order_by(col(Reply.id))
    ).all()
    notes = [
        session.exec(
            select(func.count())
            .select_from(table)
            .where(col(table.conversation_id) == conversation_id)
        ).one()
        for table in (Thrive, Escalation)
    ]
    version = standing.version if standing is not None else None
    return (version, *(tuple(reply) for reply in replies), *notes)
