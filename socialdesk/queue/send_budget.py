"""The send budget: when replies may leave under a network's limit, riskiest and then oldest first.

What was sent within the window, and what may have been, counts as spent. Replies for which there is
no room wait for the moment at which some comes free, and say so; the network is not asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from socialdesk.channels.base import SendLimit, Stream
from socialdesk.queue.desk import Desk
from socialdesk.queue.states import ReplyState
from socialdesk.store.tables import Reply

IN_DOUBT = (ReplyState.SENDING.value, ReplyState.UNKNOWN.value)


def slots(limit: SendLimit, spent: Sequence[datetime], count: int, now: datetime) -> list[datetime]:
    """Return the moments at which the next `count` messages may leave.

    Args:
        spent: when the messages of the last window left.
    """
    window = timedelta(seconds=limit.seconds)
    taken = sorted(spent)[-limit.count :]
    found: list[datetime] = []
    for _ in range(count):
        free = now if len(taken) < limit.count else max(now, taken[-limit.count] + window)
        found.append(free)
        taken.append(free)
    return found


def hold_back(desk: Desk, account_id: str, stream: Stream, limit: SendLimit) -> bool:
    """Put off the stream's due replies while its budget is spent; return whether it is."""
    now = desk.clock.now()
    with desk.store.reading() as session:
        spent = _spent(session, account_id, stream, now - timedelta(seconds=limit.seconds), now)
        if slots(limit, spent, 1, now)[0] <= now:
            return False
    with desk.store.bookkeeping() as session:
        waiting = _waiting(session, account_id, stream)
        moments = slots(limit, spent, len(waiting), now)
        for reply, moment in zip(waiting, moments, strict=True):
            reply.next_attempt_at = max(moment, reply.next_attempt_at or moment)
            reply.problem = _wording(limit, reply.next_attempt_at)
            session.add(reply)
    return True


def _wording(limit: SendLimit, moment: datetime) -> str:
    minutes = f"{limit.seconds / 60:g}"
    return (
        f"The network takes {limit.count} such messages in {minutes} minutes from this account; "
        f"this one waits its turn, until about {moment:%H:%M:%S} UTC."
    )


def _spent(
    session: Session, account_id: str, stream: Stream, since: datetime, now: datetime
) -> list[datetime]:
    rows = session.exec(
        select(Reply.sent_at).where(
            Reply.account_id == account_id,
            Reply.stream == stream.value,
            or_(col(Reply.sent_at) > since, col(Reply.state).in_(IN_DOUBT)),
        )
    )
    return [sent or now for sent in rows]


def _waiting(session: Session, account_id: str, stream: Stream) -> Sequence[Reply]:
    return session.exec(
        select(Reply)
        .where(
            Reply.account_id == account_id,
            Reply.stream == stream.value,
            Reply.state == ReplyState.QUEUED.value,
        )
        .order_by(col(Reply.urgency_rank), col(Reply.queued_at), col(Reply.id))
        .with_for_update()
    ).all()
