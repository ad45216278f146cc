"""What the desk wants of a stream now, read from the database: is it live, what may it cost."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, func, select

from socialdesk.core.force import Account
from socialdesk.ingest.pace import Pace
from socialdesk.store.tables import CoverageGap, ReadSpend, StreamState

LIVE_FOR = timedelta(minutes=15)


def is_live(state: StreamState, now: datetime) -> bool:
    """Say whether someone wrote on this stream within the last minutes."""
    return state.last_heard_at is not None and state.last_heard_at >= now - LIVE_FOR


def pace_of(
    session: Session, account: Account, state: StreamState, now: datetime, cost: int = 0
) -> Pace:
    """Return what decides how soon a stream is read again.

    Args:
        cost: messages that its last poll read.
    """
    resets = state.allowance_resets_at
    known = resets is not None and resets > now and state.allowance_left is not None
    return Pace(
        usual=account.poll_seconds,
        live=is_live(state, now),
        backlog=_backlog(session, account, state.stream),
        left=state.allowance_left if known else None,
        window_seconds=(resets - now).total_seconds() if resets and known else None,
        budget=account.monthly_reads,
        budget_left=budget_left(session, account, now),
        month_seconds=(month_end(now) - now).total_seconds(),
        cost=cost,
    )


def budget_left(session: Session, account: Account, now: datetime) -> int:
    """Return how many messages the account may still read this month; 0 without a budget."""
    spent = session.get(ReadSpend, (account.id, month_of(now)))
    return max(0, (account.monthly_reads or 0) - (spent.messages if spent else 0))


def spend(session: Session, account: Account, messages: int, now: datetime) -> None:
    """Add to what the account has read this month."""
    if not messages:
        return
    row = session.get(ReadSpend, (account.id, month_of(now))) or ReadSpend(
        account_id=account.id, month=month_of(now)
    )
    row.messages += messages
    session.add(row)


def month_of(now: datetime) -> str:
    """Return a month's name, as the ledger keeps it."""
    return f"{now:%Y-%m}"


def month_end(now: datetime) -> datetime:
    """Return when the next month begins."""
    year, month = divmod(now.year * 12 + now.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _backlog(session: Session, account: Account, stream: str) -> bool:
    count = session.exec(
        select(func.count())
        .select_from(CoverageGap)
        .where(
            CoverageGap.account_id == account.id,
            CoverageGap.stream == stream,
            col(CoverageGap.lost).is_(False),
        )
    ).one()
    return bool(count)
