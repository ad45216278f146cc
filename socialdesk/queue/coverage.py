"""The coverage ledger: what of each stream is not proven read, written with the page that shows it.

A walk reads from the newest message back to the cursor. With its first page the cursor moves to the
newest message and all between that page and the old cursor becomes a gap, in one transaction; each
further page narrows the gap, the last one closes it. Whatever kills a walk therefore leaves a known
gap: the stream can be polled from the new cursor at once, and the gap is read when it can be.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import CoverageGap, StreamState


@dataclass(frozen=True, slots=True)
class CursorMove:
    """Where the cursor may stand once this page is stored: all below it is stored or a gap."""

    cursor: str | None
    covered_until: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """What is still to be read: see `store.tables.CoverageGap`."""

    id: UUID
    top: str
    bottom: str | None
    page: str | None
    since_at: datetime | None
    until_at: datetime


@dataclass(frozen=True, slots=True)
class GapMove:
    """How the ledger changes once a page is stored.

    Attributes:
        stands: a gap as it now is, new or narrowed.
        closed: a gap that is read to its end.
        missed: an interval that the network no longer serves.
    """

    stands: Gap | None = None
    closed: UUID | None = None
    missed: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap and how reading it fares."""

    gap: Gap
    failures: int
    next_attempt_at: datetime | None


def open_gaps(desk: Desk, account: Account, stream: str) -> list[OpenGap]:
    """Return what is still to be read of a stream, newest first."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(CoverageGap)
            .where(
                CoverageGap.force_id == desk.force.id,
                CoverageGap.account_id == account.id,
                CoverageGap.stream == stream,
                col(CoverageGap.lost).is_(False),
            )
            .order_by(col(CoverageGap.until_at).desc())
        ).all()
        return [OpenGap(_gap(row), row.failures, row.next_attempt_at) for row in rows]


def gap_failed(
    desk: Desk, gap: Gap, problem: str, wait_seconds: float, *, forget_page: bool
) -> None:
    """Note that a gap could not be read now, and when it is tried again.

    Args:
        forget_page: the network's token no longer leads anywhere: begin without it.
    """
    with desk.store.bookkeeping() as session:
        row = session.get(CoverageGap, gap.id)
        if row is None:
            return
        row.failures += 1
        row.problem = problem[:500]
        row.next_attempt_at = desk.clock.now() + timedelta(seconds=wait_seconds)
        row.page = None if forget_page else row.page
        session.add(row)


def move_cursor(
    desk: Desk, session: Session, account: Account, stream: str, move: CursorMove
) -> None:
    """Put a stream's cursor where the stored page allows."""
    state = stream_state(desk, session, account, stream)
    state.cursor = move.cursor
    state.covered_until = move.covered_until


def heard(desk: Desk, session: Session, account: Account, stream: str, now: datetime) -> None:
    """Note that someone wrote: while people write, their stream is polled more often."""
    stream_state(desk, session, account, stream).last_heard_at = now


def move_gap(desk: Desk, session: Session, account: Account, stream: str, move: GapMove) -> None:
    """Write what a stored page does to the ledger."""
    if move.stands is not None:
        _put(desk, session, account, stream, move.stands)
    if move.closed is not None:
        row = session.get(CoverageGap, move.closed)
        if row is not None:
            session.delete(row)
    if move.missed is not None:
        since, until = move.missed
        session.add(
            CoverageGap(
                id=new_id(),
                force_id=desk.force.id,
                account_id=account.id,
                stream=stream,
                since_at=since,
                until_at=until,
                found_at=desk.clock.now(),
                lost=True,
            )
        )


def stream_state(desk: Desk, session: Session, account: Account, stream: str) -> StreamState:
    """Return the state of one stream of an account, begun where there is none."""
    state = session.get(StreamState, (account.id, stream))
    if state is None:
        state = StreamState(account_id=account.id, stream=stream, force_id=desk.force.id)
        session.add(state)
    return state


def _put(desk: Desk, session: Session, account: Account, stream: str, gap: Gap) -> None:
    row = session.get(CoverageGap, gap.id) or CoverageGap(
        id=gap.id,
        force_id=desk.force.id,
        account_id=account.id,
        stream=stream,
        bottom=gap.bottom,
        since_at=gap.since_at,
        until_at=gap.until_at,
        found_at=desk.clock.now(),
    )
    row.top, row.page, row.until_at = gap.top, gap.page, gap.until_at
    row.failures, row.problem, row.next_attempt_at = 0, None, None
    session.add(row)


def _gap(row: CoverageGap) -> Gap:
    return Gap(row.id, row.top or "", row.bottom, row.page, row.since_at, row.until_at)
