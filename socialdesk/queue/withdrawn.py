"""Messages their authors took back: seen by looking again, marked, and kept as captured.

A deletion on the network deletes nothing here: the captured original stays under the retention
rules, with a mark that says since when the network no longer serves it. Fresh messages are looked
up often, old ones seldom, none for longer than `WATCHED`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Rechecked
from socialdesk.core.force import Account
from socialdesk.queue.capture import FIRST_RECHECK
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import Message
from socialdesk.store.transaction import Actor

WATCHED = timedelta(days=28)
SELDOM = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A message to look up again."""

    id: UUID
    remote_id: str


def next_recheck(captured_at: datetime, now: datetime) -> datetime | None:
    """Return when a message is looked up again: after half its age, from 15 minutes to a day."""
    age = now - captured_at
    if age >= WATCHED:
        return None
    return now + min(max(age / 2, FIRST_RECHECK), SELDOM)


def due_for_recheck(desk: Desk, account: Account, most: int) -> list[Due]:
    """Return the messages of an account that are to be looked up now, longest due first."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(Message.id, Message.remote_id)
            .where(
                Message.account_id == account.id,
                col(Message.recheck_at).is_not(None),
                col(Message.recheck_at) <= desk.clock.now(),
            )
            .order_by(col(Message.recheck_at))
            .limit(most)
        )
        return [Due(*row) for row in rows]


def note_rechecked(
    desk: Desk, actor: Actor, account: Account, due: Sequence[Due], found: Rechecked
) -> int:
    """Mark what is gone and unmark what is back; return how many marks changed."""
    present = {item.remote_id for item in found.items}
    ids = [one.id for one in due]
    with desk.store.transaction(actor, f"looking again at {account.id}") as current:
        rows = current.session.exec(
            select(Message).where(col(Message.id).in_(ids)).with_for_update()
        ).all()
        for row in rows:
            gone = found.gone.get(row.remote_id)
            if gone is not None and row.gone_at is None:
                row.gone_at, row.gone_because = current.now, gone.value
            elif row.gone_at is not None and row.remote_id in present:
                row.gone_at, row.gone_because = None, None
            else:
                continue
            change = "served_again" if row.gone_at is None else "no_longer_served"
            details = {"change": change, "conversation": str(row.conversation_id)}
            because = {} if row.gone_because is None else {"because": row.gone_because}
            current.record(Action.ALTERATION, f"message:{row.id}", details=details | because)
            current.session.add(row)
        changed = len(current.acts)
    _plan(desk, ids)
    return changed


def _plan(desk: Desk, ids: Sequence[UUID]) -> None:
    now = desk.clock.now()
    with desk.store.bookkeeping() as session:
        for row in session.exec(select(Message).where(col(Message.id).in_(ids))):
            row.recheck_at = next_recheck(row.received_at, now)
            session.add(row)
