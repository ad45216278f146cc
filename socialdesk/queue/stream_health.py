"""How the reading of each account's streams fares, and which intervals are not proven read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from socialdesk.core.text import SafeText, visible
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import CoverageGap, StreamState

STALE_POLLS = 3


@dataclass(frozen=True, slots=True)
class GapHealth:
    """An interval that is not proven read.

    Attributes:
        top: the oldest remote id read above it; `bottom` the newest below, None: nothing is.
        since: all before is proven read; None: nothing before it is.
        lost: the network no longer serves it, so it can only be told.
    """

    account_id: str
    stream: str
    top: str | None
    bottom: str | None
    since: datetime | None
    until: datetime
    next_attempt_at: datetime | None
    lost: bool
    problem: SafeText | None


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """How one stream of an account fares.

    Attributes:
        blind_since: all before is proven read; None when the stream is read on time, without gap.
        never_read: its past was not read to its beginning yet.
        allowance_left: requests the network still allows until `allowance_resets_at`.
    """

    account_id: str
    stream: str
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    blind_since: datetime | None
    never_read: bool
    problem: SafeText | None
    covered_until: datetime | None
    allowance_left: int | None
    allowance_resets_at: datetime | None


def gaps_of(desk: Desk, session: Session) -> tuple[GapHealth, ...]:
    """Return every interval that is not proven read, newest first."""
    rows = session.exec(
        select(CoverageGap)
        .where(CoverageGap.force_id == desk.force.id)
        .order_by(col(CoverageGap.until_at).desc())
    )
    return tuple(
        GapHealth(
            account_id=row.account_id,
            stream=row.stream,
            top=row.top,
            bottom=row.bottom,
            since=row.since_at,
            until=row.until_at,
            next_attempt_at=row.next_attempt_at,
            lost=row.lost,
            problem=None if row.problem is None else visible(row.problem),
        )
        for row in rows
    )


def streams_of(desk: Desk, session: Session, gaps: tuple[GapHealth, ...]) -> Iterator[StreamHealth]:
    """Yield how each stream of each of the force's accounts fares."""
    states = {
        (row.account_id, row.stream): row
        for row in session.exec(select(StreamState).where(StreamState.force_id == desk.force.id))
    }
    now = desk.clock.now()
    for account in desk.force.accounts:
        patience = max(10.0, STALE_POLLS * account.poll_seconds)
        for stream in account.streams:
            state = states.get((account.id, stream)) or StreamState(
                account_id=account.id, stream=stream, force_id=desk.force.id
            )
            unread = [
                gap
                for gap in gaps
                if (gap.account_id, gap.stream, gap.lost) == (account.id, stream, False)
            ]
            yield _stream(state, unread, now, patience)


def _stream(
    state: StreamState, unread: list[GapHealth], now: datetime, patience: float
) -> StreamHealth:
    covered = state.covered_until
    blind = [gap.since for gap in unread if gap.since is not None]
    if covered is not None and (now - covered).total_seconds() > patience:
        blind.append(covered)
    return StreamHealth(
        account_id=state.account_id,
        stream=state.stream,
        last_attempt_at=state.last_attempt_at,
        next_attempt_at=state.next_attempt_at,
        blind_since=min(blind, default=None),
        never_read=covered is None or any(gap.since is None for gap in unread),
        problem=None if state.problem is None else visible(state.problem),
        covered_until=covered,
        allowance_left=state.allowance_left,
        allowance_resets_at=state.allowance_resets_at,
    )
