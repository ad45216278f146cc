"""The read budget: how many messages an account's plan still lets it read this month."""

from datetime import UTC, datetime

from sqlmodel import Session

from socialdesk.core.force import Account
from socialdesk.store.tables import ReadSpend


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
