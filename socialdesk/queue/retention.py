"""Retention: which contacts are due for review (DPA 2018 s.39, College of Policing APP).

The rules are pure: dates in, dates out. Reviewing makes a list; it never erases. A period is
counted in calendar dates of UTC, so summer time plays no part, and one that would end on a 29th of
February which its year lacks ends on the 1st of March: never a day early.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func
from sqlmodel import col, select

from socialdesk.audit.entry import Action
from socialdesk.core.config_file import load_config
from socialdesk.core.errors import RuleError
from socialdesk.core.force import Slug, Strict
from socialdesk.core.ids import new_id
from socialdesk.queue.authority import DECIDERS, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import (
    Contact,
    Conversation,
    LegalHold,
    ListeningRule,
    RetentionReview,
    VaultKey,
)

LISTED_AN_ENTRY = 500


class Period(Strict):
    """A length of time: whole calendar years, or days."""

    years: int = Field(default=0, ge=0, le=100, examples=["6"])
    days: int = Field(default=0, ge=0, le=366, examples=["30"])

    @model_validator(mode="after")
    def _one_of_them(self) -> "Period":
        if bool(self.years) == bool(self.days):
            raise ValueError("give either years or days")
        return self

    def after(self, day: date) -> date:
        """Return the date on which a period that begins on `day` ends."""
        return years_after(day, self.years) + timedelta(days=self.days)


class Group(Strict):
    """A retention group: when it is first looked at, and how often after that."""

    id: Slug = Field(examples=["mopi_4"])
    label: str = Field(min_length=1, examples=["Incidents and intelligence"])
    first_review: Period = Field(examples=["{years: 6}"])
    then: Period = Field(examples=["{years: 5}"])
    source: str = Field(min_length=1, examples=["College of Policing APP"])
    verify_before_go_live: bool = Field(examples=["true"])


class Rules(Strict):
    """The file config/retention.yaml."""

    version: int = Field(ge=1, le=1, examples=["1"])
    groups: tuple[Group, ...] = Field(min_length=1)
    default_group: Slug = Field(examples=["mopi_4"])
    dispositions: dict[Slug, Slug]
    categories: dict[Slug, Slug]
    listening_endings: tuple[Slug, ...] = ()
    erasure_reasons: dict[Slug, str]
    keep_reasons: dict[Slug, str]

    @model_validator(mode="after")
    def _groups_exist(self) -> "Rules":
        known = {group.id for group in self.groups}
        named = {self.default_group, *self.dispositions.values(), *self.categories.values()}
        if unknown := sorted(named - known):
            raise ValueError(f"there is no group {', '.join(unknown)}")
        if len(known) != len(self.groups):
            raise ValueError("two groups have one id")
        return self

    def group(self, disposition: str | None, category: str) -> Group:
        """Return the group of a conversation: by how it ended; its category can only lengthen."""
        ids = {self.dispositions.get(disposition or "", self.default_group)}
        ids |= {self.categories[category]} if category in self.categories else set()
        found = [group for group in self.groups if group.id in ids]
        return max(found, key=lambda group: _length(group.first_review) + _length(group.then))

    def group_of_found(self, group: str, disposition: str | None, category: str) -> Group:
        """Return the group of what listening found: its rule's, unless police acted on it."""
        if disposition is None or disposition in self.listening_endings:
            return next((one for one in self.groups if one.id == group), self.group(None, category))
        return self.group(disposition, category)

    def require_group(self, group: str) -> None:
        """Refuse a retention group the force does not know.

        Raises:
            RuleError: it is not in the file.
        """
        _known(group, {one.id: one.label for one in self.groups})

    def require_reason(self, code: str) -> None:
        """Refuse an erasure for a reason the force does not know.

        Raises:
            RuleError: the code is not in the file.
        """
        _known(code, self.erasure_reasons)


@dataclass(frozen=True, slots=True)
class Due:
    """A conversation whose review date has come.

    Attributes:
        held: a legal hold runs: it may be reviewed but not erased.
        closed: it must be closed before it can be erased.
    """

    conversation: UUID
    contact: UUID
    group: str
    review_on: date
    held: bool
    closed: bool

    def told(self) -> dict[str, Any]:
        """Return it as plain facts, without personal data."""
        return {name: str(value) for name, value in asdict(self).items()}

    def line(self, today: date) -> str:
        """Return one line for people."""
        marks = [word for word, on in (("HELD", self.held), ("OPEN", not self.closed)) if on]
        late = (today - self.review_on).days
        return f"{self.conversation}  {self.group}  due {self.review_on} ({late} days)  " + (
            " ".join(marks)
        )


def load_rules(config: Path) -> Rules:
    """Return the force's retention rules.

    Raises:
        ConfigError: the file is missing or breaks the rules.
    """
    return load_config(config / "retention.yaml", Rules)


def years_after(day: date, years: int) -> date:
    """Return the same date `years` later; 1 March where that year has no 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def review_date(last_contact: date, kept_on: date | None, group: Group) -> date:
    """Return when a conversation is next to be reviewed.

    Args:
        last_contact: the contact's last message in any conversation; a new one starts the clear
            period again.
        kept_on: when a review last decided to keep it, if one did.
    """
    first = group.first_review.after(last_contact)
    if kept_on is None or kept_on < last_contact:
        return first
    return max(first, group.then.after(kept_on))


def due_for_review(desk: Desk, rules: Rules) -> list[Due]:
    """Return what is due today, longest overdue first; what was erased is left out."""
    today = desk.clock.now().date()
    found = (one for one in _all(desk, rules) if one.review_on <= today)
    return sorted(found, key=lambda one: (one.review_on, one.conversation))


def record_review(desk: Desk, officer: Officer, found: Iterable[Due]) -> None:
    """Record that a review was held, and of what.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
    """
    require_role(officer, DECIDERS, "hold a retention review")
    ids = [str(one.conversation) for one in found]
    with desk.store.transaction(officer.actor, "periodic review (DPA 2018 s.39)") as current:
        for start in range(0, max(1, len(ids)), LISTED_AN_ENTRY):
            part = ids[start : start + LISTED_AN_ENTRY]
            subjects = [f"conversation:{one}" for one in part]
            current.record(Action.ASSESS, f"list:{new_id()}", details={"subjects": subjects})


def keep(desk: Desk, officer: Officer, rules: Rules, conversation_id: UUID, reason: str) -> date:
    """Decide to keep a conversation, and return its next review date.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: no such conversation, or the reason is not in the rules.
    """
    require_role(officer, DECIDERS, "decide on retention")
    _known(reason, rules.keep_reasons)
    with desk.store.transaction(officer.actor, reason) as current:
        conversation = desk.conversation(current.session, conversation_id)
        today = current.now.date()
        rule = current.session.get(ListeningRule, conversation.found_by or new_id())
        group = _group(rules, conversation, None if rule is None else rule.retention_group)
        following = review_date(conversation.last_message_at.date(), today, group)
        current.session.add(
            RetentionReview(
                id=new_id(),
                conversation_id=conversation_id,
                person_id=officer.person_id,
                reason=reason,
                decided_at=current.now,
            )
        )
        current.record(
            Action.ASSESS,
            f"conversation:{conversation_id}",
            details={"retention": "kept", "group": group.id, "next_review": str(following)},
        )
    return following


def _all(desk: Desk, rules: Rules) -> Iterable[Due]:
    newest = (
        select(Conversation.contact_id, func.max(Conversation.last_message_at).label("last"))
        .group_by(col(Conversation.contact_id))
        .subquery()
    )
    with desk.store.reading() as session:
        held = set(
            session.exec(select(LegalHold.contact_id).where(col(LegalHold.lifted_at).is_(None)))
        )
        kept = dict(
            session.exec(
                select(
                    RetentionReview.conversation_id, func.max(RetentionReview.decided_at)
                ).group_by(col(RetentionReview.conversation_id))
            ).all()
        )
        rows = session.exec(
            select(Conversation, newest.c.last, ListeningRule.retention_group)
            .join(newest, newest.c.contact_id == Conversation.contact_id)
            .join(Contact, col(Contact.id) == Conversation.contact_id)
            .join(VaultKey, col(VaultKey.id) == Contact.key_id)
            .join(ListeningRule, col(ListeningRule.id) == Conversation.found_by, isouter=True)
            .where(Conversation.force_id == desk.force.id, col(VaultKey.wrapped).is_not(None))
        ).all()
    for conversation, last, found_under in rows:
        group = _group(rules, conversation, found_under)
        decided = kept.get(conversation.id)
        yield Due(
            conversation=conversation.id,
            contact=conversation.contact_id,
            group=group.id,
            review_on=review_date(last.date(), decided and decided.date(), group),
            held=conversation.contact_id in held,
            closed=conversation.state == "closed",
        )


def _group(rules: Rules, conversation: Conversation, found_under: str | None) -> Group:
    if found_under is None:
        return rules.group(conversation.disposition, conversation.category)
    return rules.group_of_found(found_under, conversation.disposition, conversation.category)


def _length(period: Period) -> tuple[int, int]:
    return (period.years, period.days)


def _known(code: str, codes: dict[str, str]) -> None:
    if code not in codes:
        raise RuleError(f"{code!r} is not a reason.", todo=f"Known: {', '.join(sorted(codes))}.")
