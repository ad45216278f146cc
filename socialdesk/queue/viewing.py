"""The record of who looked at whom: each look at someone whom listening found, and leave for more.

`looks` decides; here it is written down, in the transaction that opens the conversation. A look
counts for the person, over all contacts taken for them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.audit.entry import Action, entry_time
from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import NotAllowed, RuleError
from socialdesk.core.ids import new_id
from socialdesk.core.text import SafeText, encoded
from socialdesk.queue.authority import DECIDERS, checked_reference, require_role
from socialdesk.queue.contacts import same_person
from socialdesk.queue.desk import Desk
from socialdesk.queue.listening_rule import AUTHORITY_MONTHS, months_after
from socialdesk.queue.looks import WINDOW, Circumstance, Ground, Look, ground_for
from socialdesk.queue.people import Officer, Role
from socialdesk.queue.views import SOMEONE, names_of
from socialdesk.store.tables import Contact, Conversation, Person, PersonView, ViewPermission
from socialdesk.store.transaction import Transaction

LONGEST_RATIONALE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Why:
    """What an officer says when a look asks for it."""

    reason: str = ""
    threat_to_life: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """What a supervisor allows: to whom, and under what."""

    login: str
    rationale: str = ""
    authority: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How often an officer looked at one person within the window."""

    officer: SafeText
    contact: UUID
    looks: int
    last_at: datetime
    grounds: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Return it as plain facts."""
        return {
            "officer": self.officer,
            "contact": str(self.contact),
            "looks": self.looks,
            "last_at": self.last_at.isoformat(),
            "grounds": list(self.grounds),
        }

    def line(self) -> str:
        """Return one line for people."""
        return (
            f"{self.officer}  contact {self.contact}  {self.looks} looks  "
            f"last {self.last_at:%Y-%m-%d %H:%M}  {', '.join(self.grounds)}"
        )


def look(
    desk: Desk, current: Transaction, officer: Officer, conversation: Conversation, why: Why
) -> Ground:
    """Decide on a look and note it; return its ground, for the consultation's own entry.

    Raises:
        NeedsReason, NeedsPermission: nothing is opened.
        RuleError: a threat to life was claimed without saying which.
    """
    session = current.session
    if conversation.found_by is None:
        return Ground.INBOUND_CONTACT
    if why.threat_to_life and not why.reason.strip():
        raise RuleError("Say what the threat to life is.", todo="The log keeps your reason.")
    people = same_person(session, conversation.contact_id)
    _alone(session, people)
    danger = conversation.urgency_rank == Urgency.IMMEDIATE.rank
    ground = ground_for(
        Circumstance(
            found=True,
            life_at_risk=danger or why.threat_to_life,
            looks=_looks(session, officer, people, conversation.id),
            permission=_permission(session, officer, people, current.now),
            reason=why.reason,
        ),
        current.now,
    )
    if ground is not Ground.SAME_LOOK:
        _note(desk, current, officer, conversation, ground, why.reason)
    return ground


def permit(desk: Desk, supervisor: Officer, conversation_id: UUID, leave: Leave) -> datetime:
    """Let an officer look at a person further; return until when.

    Raises:
        NotAllowed: no supervisor, or one who allows themselves.
        RuleError: neither authority nor rationale, too long, or no such officer.
    """
    require_role(supervisor, DECIDERS, "allow further looks at a person")
    if (leave.authority is None) == (not leave.rationale.strip()):
        raise RuleError("Give either an authority or a rationale.")
    with desk.store.transaction(supervisor.actor, "further looks at a person allowed") as current:
        conversation = desk.conversation(current.session, conversation_id)
        officer = _officer(desk, current.session, leave.login)
        if officer.id == supervisor.person_id:
            raise NotAllowed("Nobody allows their own looks.", todo="Ask another supervisor.")
        expires_at = _until(leave, current.now)
        key = desk.contact_key(current.session, conversation.contact_id)
        ground = Ground.RATIONALE if leave.authority is None else Ground.AUTHORITY
        reference = None if leave.authority is None else checked_reference(leave.authority)
        row = ViewPermission(
            id=new_id(),
            force_id=desk.force.id,
            contact_id=conversation.contact_id,
            officer_id=officer.id,
            given_by=supervisor.person_id,
            ground=ground.value,
            reference=reference,
            sealed_rationale=key.seal(encoded(leave.rationale)),
            given_at=current.now,
            expires_at=expires_at,
        )
        current.session.add(row)
        current.record(
            Action.APPROVE,
            f"contact:{conversation.contact_id}",
            details={
                "looks_by": f"person:{officer.id}",
                "ground": ground.value,
                "until": entry_time(expires_at),
            }
            | ({"authority": reference} if reference else {}),
        )
    return expires_at


def counted(desk: Desk, officer: Officer) -> list[Count]:
    """Return who looked how often at whom within the window, most looks first.

    Raises:
        NotAllowed: the reader is neither supervisor, administrator nor auditor.
    """
    require_role(officer, (*DECIDERS, Role.AUDITOR), "see who looked at whom")
    with desk.store.transaction(officer.actor, "reviewing looks at persons") as current:
        since = current.now - WINDOW
        rows = current.session.exec(
            select(PersonView)
            .where(PersonView.force_id == desk.force.id, PersonView.seen_at > since)
            .order_by(col(PersonView.seen_at))
        ).all()
        names = names_of(current.session)
        current.record(
            Action.CONSULTATION, f"list:{new_id()}", details={"looks_at_persons": len(rows)}
        )
    grouped: dict[tuple[UUID, UUID], list[PersonView]] = {}
    for row in rows:
        grouped.setdefault((row.person_id, row.contact_id), []).append(row)
    found = [
        Count(
            officer=names.get(person, SOMEONE),
            contact=contact,
            looks=len(views),
            last_at=views[-1].seen_at,
            grounds=tuple(view.ground for view in views),
        )
        for (person, contact), views in grouped.items()
    ]
    return sorted(found, key=lambda one: (-one.looks, one.last_at))


def _alone(session: Session, people: set[UUID]) -> None:
    """Let one look at a person be decided at a time, or two at once would both be the first."""
    session.exec(
        select(Contact.id)
        .where(col(Contact.id).in_(people))
        .order_by(col(Contact.id))
        .with_for_update()
    ).all()


def _looks(
    session: Session, officer: Officer, people: set[UUID], conversation_id: UUID
) -> list[Look]:
    rows = session.exec(
        select(PersonView).where(
            PersonView.person_id == officer.person_id, col(PersonView.contact_id).in_(people)
        )
    )
    return [
        Look(row.seen_at, Ground(row.ground), row.conversation_id == conversation_id)
        for row in rows
    ]


def _permission(
    session: Session, officer: Officer, people: set[UUID], now: datetime
) -> Ground | None:
    found = session.exec(
        select(ViewPermission.ground)
        .where(
            ViewPermission.officer_id == officer.person_id,
            col(ViewPermission.contact_id).in_(people),
            ViewPermission.expires_at > now,
        )
        .order_by(col(ViewPermission.given_at).desc())
    ).first()
    return None if found is None else Ground(found)


def _note(
    desk: Desk,
    current: Transaction,
    officer: Officer,
    conversation: Conversation,
    ground: Ground,
    reason: str,
) -> None:
    key = desk.contact_key(current.session, conversation.contact_id)
    current.session.add(
        PersonView(
            id=new_id(),
            force_id=desk.force.id,
            person_id=officer.person_id,
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            seen_at=current.now,
            ground=ground.value,
            sealed_reason=key.seal(encoded(reason)) if reason.strip() else b"",
        )
    )


def _officer(desk: Desk, session: Session, login: str) -> Person:
    found = session.exec(
        select(Person).where(Person.login == login, Person.force_id == desk.force.id)
    ).first()
    if found is None:
        raise RuleError(f"{desk.force.name} has no person {login!r}.")
    return found


def _until(leave: Leave, now: datetime) -> datetime:
    latest = (
        now + LONGEST_RATIONALE if leave.authority is None else months_after(now, AUTHORITY_MONTHS)
    )
    wanted = latest if leave.expires_at is None else leave.expires_at
    if not now < wanted <= latest:
        raise RuleError(
            f"It may run until {latest:%Y-%m-%d %H:%M} UTC at most.",
            todo="A rationale lasts 28 days, an authority three months.",
        )
    return wanted
