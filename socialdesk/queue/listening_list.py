"""Listening rules as read by the service that runs them and by those who answer for them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from socialdesk.core.errors import RuleError
from socialdesk.core.force import Account
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.authority import DECIDERS, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import stream_of
from socialdesk.queue.people import Officer, Role
from socialdesk.queue.views import SOMEONE, names_of
from socialdesk.store.tables import Finding, ListeningRule, StreamState
from socialdesk.store.vault import Sealed

READERS = (*DECIDERS, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as a supervisor sees it; every text is inert."""

    id: UUID
    account_id: str
    owner: SafeText
    terms: tuple[SafeText, ...]
    purpose: SafeText
    assessment: str
    retention_group: str
    names_someone: bool
    authority: str | None
    authorising_officer: SafeText
    authority_until: datetime | None
    begun_at: datetime
    expires_at: datetime
    stopped_at: datetime | None
    stopped_because: str | None
    found: int
    read_until: datetime | None
    problem: SafeText | None

    def runs(self, now: datetime) -> bool:
        """Say whether it collects at `now`."""
        return self.stopped_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Running:
    """A rule for the ingest service: what to look for, and until when."""

    id: UUID
    terms: tuple[str, ...]
    begun_at: datetime
    expires_at: datetime


def running(desk: Desk, account: Account) -> list[Running]:
    """Return the rules that run now on an account, oldest first, for the service that runs them."""
    now = desk.clock.now()
    with desk.store.reading() as session:
        rows = session.exec(
            select(ListeningRule)
            .where(
                ListeningRule.force_id == desk.force.id,
                ListeningRule.account_id == account.id,
                col(ListeningRule.stopped_at).is_(None),
                ListeningRule.expires_at > now,
            )
            .order_by(col(ListeningRule.id))
        ).all()
        keys = desk.vault.keys(session, (row.key_id for row in rows))
    return [
        Running(
            row.id,
            tuple(json.loads(keys[row.key_id].unseal(row.sealed))["terms"]),
            row.begun_at,
            row.expires_at,
        )
        for row in rows
    ]


def listed(
    desk: Desk, officer: Officer, *, ended: bool = False, only: UUID | None = None
) -> list[RuleView]:
    """Open the force's rules, oldest first, and record that they were read.

    Args:
        ended: those that have ended as well.

    Raises:
        NotAllowed: the officer is neither supervisor, administrator nor auditor.
    """
    require_role(officer, READERS, "read listening rules")
    with desk.store.transaction(officer.actor, "reading listening rules") as current:
        wanted = select(ListeningRule).where(ListeningRule.force_id == desk.force.id)
        if only is not None:
            wanted = wanted.where(ListeningRule.id == only)
        elif not ended:
            wanted = wanted.where(
                col(ListeningRule.stopped_at).is_(None), ListeningRule.expires_at > current.now
            )
        rows = current.session.exec(wanted.order_by(col(ListeningRule.id))).all()
        if only is not None and not rows:
            raise RuleError(f"{desk.force.name} has no listening rule {only}.")
        opened = desk.vault.opened(
            current,
            [Sealed(row.key_id, row.sealed) for row in rows],
            [f"listening:{row.id}" for row in rows],
        )
        names = names_of(current.session)
        found, states = _counts(current.session, rows), _states(current.session, rows)
    return [
        _view(
            row,
            json.loads(plain or b"{}"),
            names.get(row.owner, SOMEONE),
            found.get(row.id, 0),
            states.get(stream_of(row.id)),
        )
        for row, plain in zip(rows, opened, strict=True)
    ]


def told(view: RuleView) -> dict[str, Any]:
    """Return a rule as plain facts."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in (asdict(view) | {"id": str(view.id)}).items()
    }


def _counts(session: Session, rows: Sequence[ListeningRule]) -> dict[UUID, int]:
    return dict(
        session.exec(
            select(Finding.rule_id, func.count())
            .where(col(Finding.rule_id).in_([row.id for row in rows]))
            .group_by(col(Finding.rule_id))
        ).all()
    )


def _states(session: Session, rows: Sequence[ListeningRule]) -> dict[str, StreamState]:
    names = [stream_of(row.id) for row in rows]
    found = session.exec(select(StreamState).where(col(StreamState.stream).in_(names)))
    return {state.stream: state for state in found}


def _view(
    row: ListeningRule,
    contents: dict[str, Any],
    owner: SafeText,
    found: int,
    state: StreamState | None,
) -> RuleView:
    return RuleView(
        id=row.id,
        account_id=row.account_id,
        owner=owner,
        terms=tuple(visible(term) for term in contents.get("terms", ())),
        purpose=visible(contents.get("purpose", "")),
        assessment=row.assessment,
        retention_group=row.retention_group,
        names_someone=row.names_someone,
        authority=row.authority,
        authorising_officer=visible(contents.get("officer", "")),
        authority_until=row.authority_until,
        begun_at=row.begun_at,
        expires_at=row.expires_at,
        stopped_at=row.stopped_at,
        stopped_because=row.stopped_because,
        found=found,
        read_until=None if state is None else state.covered_until,
        problem=None if state is None or state.problem is None else visible(state.problem),
    )
