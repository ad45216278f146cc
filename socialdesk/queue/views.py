"""What the desk shows of a conversation: values with inert text, safe to hand between threads."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from socialdesk.classify.assessment import Urgency
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.claims import holder
from socialdesk.queue.people import Officer
from socialdesk.queue.states import ConversationState
from socialdesk.store.tables import Conversation, Person

URGENCIES = tuple(sorted(Urgency, key=lambda urgency: urgency.rank))
ERASED = SafeText("(erased by authority)")
SOMEONE = SafeText("someone")


@dataclass(frozen=True, slots=True)
class Line:
    """What one row of the queue shows. Every text is inert."""

    id: UUID
    urgency: Urgency
    category: str
    possible_crime: float
    state: ConversationState
    channel: str
    stream: str
    waiting_since: datetime
    handle: SafeText
    name: SafeText
    gist: SafeText
    owner: SafeText | None
    mine: bool
    version: int


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread. `text` is inert; `state` is set for replies not yet sent.

    `marks` are inert lines about it: images and video, edits, deletion, the rule that found it.
    """

    at: datetime
    outbound: bool
    text: SafeText
    state: str | None = None
    problem: SafeText | None = None
    urgency: Urgency | None = None
    reasons: tuple[tuple[SafeText, float], ...] = ()
    marks: tuple[SafeText, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What a person recorded about a conversation: a THRIVE assessment or an escalation."""

    at: datetime
    by: SafeText
    kind: str
    text: SafeText


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A whole conversation, opened for one reader."""

    line: Line
    said: tuple[Said, ...]
    notes: tuple[Note, ...]
    vulnerability: dict[str, float]
    categories: dict[str, float]


def urgency_at(rank: int) -> Urgency:
    """Return the urgency at a place in the queue; what listening found stands below `none`."""
    return URGENCIES[min(rank, Urgency.NONE.rank)]


def names_of(session: Session) -> dict[UUID, SafeText]:
    """Return the names of all people of the desk, inert, by id."""
    return {row[0]: visible(row[1]) for row in session.exec(select(Person.id, Person.name))}


def line_of(
    conversation: Conversation,
    plain: bytes | None,
    officer: Officer,
    names: dict[UUID, SafeText],
    now: datetime,
) -> Line:
    """Return one line from a conversation and its opened gist (None where it was erased)."""
    shown: dict[str, str] = json.loads(plain) if plain is not None else {}
    held_by = holder(conversation, now)
    return Line(
        id=conversation.id,
        urgency=urgency_at(conversation.urgency_rank),
        category=conversation.category,
        possible_crime=conversation.possible_crime,
        state=ConversationState(conversation.state),
        channel=conversation.channel,
        stream=conversation.stream,
        waiting_since=conversation.waiting_since,
        handle=visible(shown.get("handle", "")),
        name=visible(shown.get("name", "")),
        gist=visible(shown["gist"]) if shown else ERASED,
        owner=None if held_by is None else names.get(held_by, SOMEONE),
        mine=held_by == officer.person_id,
        version=conversation.version,
    )
