"""Delivery: the moves of a queued reply, each in a transaction of its own with its audit entry.

The row says `sending` before the request leaves. What is found `sending` at start-up was cut off
in mid-request, so it is treated as unknown: looked up on the network, never blindly sent again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Outgoing, Receipt, SendLimit, Stream
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import decoded
from socialdesk.queue.desk import Desk
from socialdesk.queue.send_budget import hold_back
from socialdesk.queue.states import ReplyMove, ReplyState, reply_after
from socialdesk.store.tables import Contact, ContactIdentity, Conversation, Message, Reply
from socialdesk.store.transaction import Actor, Transaction
from socialdesk.store.vault import Sealed


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A reply ready to go, or to be looked for."""

    reply_id: UUID
    account_id: str
    attempts: int
    outgoing: Outgoing


def take_next(
    desk: Desk,
    actor: Actor,
    account_id: str,
    limits: Mapping[Stream, SendLimit] = MappingProxyType({}),
) -> Dispatch | None:
    """Move the riskiest, oldest due reply to `sending` and return it; None when none is due.

    Replies beyond the network's `limits` are put off, with the reason, and not asked for.
    """
    now = desk.clock.now()
    with desk.store.reading() as session:
        streams = _due_streams(session, account_id, now)
    open_streams = [
        stream.value
        for stream in streams
        if stream not in limits or not hold_back(desk, account_id, stream, limits[stream])
    ]
    if not open_streams:
        return None
    with desk.store.transaction(actor, "sending a reply") as current:
        reply = _next_due(current.session, account_id, ReplyState.QUEUED, current.now, open_streams)
        if reply is None:
            return None
        reply.attempts += 1
        _move(current, reply, ReplyMove.ATTEMPT)
        return _dispatch(desk, current, reply, Action.DISCLOSURE)


def next_unknown(desk: Desk, actor: Actor, account_id: str) -> Dispatch | None:
    """Return the next reply whose fate must be looked up on the network; None when none is due."""
    now = desk.clock.now()
    with desk.store.reading() as session:
        if _next_due(session, account_id, ReplyState.UNKNOWN, now) is None:
            return None
    with desk.store.transaction(actor, "looking for a reply on the network") as current:
        reply = _next_due(current.session, account_id, ReplyState.UNKNOWN, current.now)
        return None if reply is None else _dispatch(desk, current, reply, Action.CONSULTATION)


def cut_off(desk: Desk, actor: Actor, account: Account) -> int:
    """Treat what a dead sender left in `sending` as unknown; return how many there were."""
    with desk.store.reading() as session:
        stranded = session.exec(
            select(Reply.id).where(
                Reply.account_id == account.id, Reply.state == ReplyState.SENDING
            )
        ).all()
    for reply_id in stranded:
        lost_sight(
            desk, actor, reply_id, "The sender stopped in mid-request.", account.settle_seconds
        )
    return len(stranded)


def published(desk: Desk, actor: Actor, reply_id: UUID, receipt: Receipt, *, found: bool) -> None:
    """Settle a reply as sent, and put it into its conversation.

    Args:
        found: it was found on the network after its sending ended in doubt.
    """
    with desk.store.transaction(actor, "the network has the reply") as current:
        reply = _reply(current.session, reply_id)
        reply.remote_id, reply.sent_at, reply.problem = receipt.remote_id, current.now, None
        _move(current, reply, ReplyMove.FOUND if found else ReplyMove.PUBLISHED)
        _add_to_thread(current, reply, receipt)


def refused(desk: Desk, actor: Actor, reply_id: UUID, problem: str) -> None:
    """Settle a reply as failed: the network will never take it. The officer is shown why."""
    _settle(desk, actor, reply_id, ReplyMove.REFUSED, problem, None)


def postponed(desk: Desk, actor: Actor, reply_id: UUID, problem: str, wait_seconds: float) -> None:
    """Put a reply back: it is proven not to have left."""
    _settle(desk, actor, reply_id, ReplyMove.POSTPONED, problem, wait_seconds)


def lost_sight(desk: Desk, actor: Actor, reply_id: UUID, problem: str, wait_seconds: float) -> None:
    """Note that a reply may or may not be public; it is looked for after `wait_seconds`."""
    _settle(desk, actor, reply_id, ReplyMove.LOST_SIGHT, problem, wait_seconds)


def proven_absent(desk: Desk, actor: Actor, reply_id: UUID) -> None:
    """Queue a reply again: the network was read back and does not hold it."""
    _settle(desk, actor, reply_id, ReplyMove.PROVEN_ABSENT, "", 0)


def look_again(desk: Desk, reply_id: UUID, problem: str, wait_seconds: float) -> None:
    """Put off the search for a reply of unknown fate: the network did not answer."""
    with desk.store.bookkeeping() as session:
        reply = _reply(session, reply_id)
        reply.problem = problem[:500]
        reply.next_attempt_at = desk.clock.now() + timedelta(seconds=wait_seconds)
        session.add(reply)


def _due_streams(session: Session, account_id: str, now: datetime) -> list[Stream]:
    """Return the streams on which a reply is due."""
    found = session.exec(
        select(Reply.stream)
        .where(
            Reply.account_id == account_id,
            Reply.state == ReplyState.QUEUED,
            col(Reply.next_attempt_at) <= now,
        )
        .distinct()
    )
    return [Stream(name) for name in found]


def _next_due(
    session: Session,
    account_id: str,
    state: ReplyState,
    now: datetime,
    streams: Sequence[str] = tuple(Stream),
) -> Reply | None:
    return session.exec(
        select(Reply)
        .where(
            Reply.account_id == account_id,
            Reply.state == state,
            col(Reply.stream).in_(streams),
            col(Reply.next_attempt_at) <= now,
        )
        .order_by(col(Reply.urgency_rank), col(Reply.queued_at), col(Reply.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _reply(session: Session, reply_id: UUID) -> Reply:
    return session.exec(select(Reply).where(Reply.id == reply_id).with_for_update()).one()


def _dispatch(desk: Desk, current: Transaction, reply: Reply, action: Action) -> Dispatch:
    """Open a reply and whom it goes to, for the network: recorded, as for any reader."""
    session = current.session
    conversation = desk.conversation(session, reply.conversation_id)
    key = desk.contact_key(session, conversation.contact_id)
    identity = session.exec(
        select(ContactIdentity)
        .join(Contact)
        .where(
            ContactIdentity.contact_id == conversation.contact_id,
            ContactIdentity.channel == conversation.channel,
        )
    ).one()
    text, person = desk.vault.opened(
        current,
        [Sealed(key.id, reply.sealed_text), Sealed(key.id, identity.sealed)],
        [f"reply:{reply.id}"],
        action=action,
        recipients=(f"channel:{conversation.channel}",) if action is Action.DISCLOSURE else (),
    )
    return Dispatch(
        reply_id=reply.id,
        account_id=reply.account_id,
        attempts=reply.attempts,
        outgoing=Outgoing(
            stream=Stream(reply.stream),
            text=decoded(text or b""),
            in_reply_to=reply.in_reply_to,
            contact_id=json.loads(person or b"{}")["id"],
            queued_at=reply.queued_at or reply.begun_at,
            marker=str(reply.id),
        ),
    )


def _settle(
    desk: Desk,
    actor: Actor,
    reply_id: UUID,
    move: ReplyMove,
    problem: str,
    wait_seconds: float | None,
) -> None:
    with desk.store.transaction(actor, "outcome of a reply") as current:
        reply = _reply(current.session, reply_id)
        reply.problem = problem[:500] or None
        reply.next_attempt_at = (
            None if wait_seconds is None else current.now + timedelta(seconds=wait_seconds)
        )
        _move(current, reply, move)


def _move(current: Transaction, reply: Reply, move: ReplyMove) -> None:
    reply.state = reply_after(reply.state, move)
    current.session.add(reply)
    current.record(
        Action.SEND,
        f"reply:{reply.id}",
        details={
            "conversation": str(reply.conversation_id),
            "attempt": reply.attempts,
            "outcome": move.value,
            "state": reply.state,
        },
    )


def _add_to_thread(current: Transaction, reply: Reply, receipt: Receipt) -> None:
    """Add the sent reply as a message, unless a poller has read it back already."""
    session = current.session
    known = session.exec(
        select(Message.id).where(
            Message.account_id == reply.account_id, Message.remote_id == receipt.remote_id
        )
    ).first()
    if known is not None:
        return
    session.add(
        Message(
            id=new_id(),
            conversation_id=reply.conversation_id,
            account_id=reply.account_id,
            remote_id=receipt.remote_id,
            outbound=True,
            stream=reply.stream,
            in_reply_to=reply.in_reply_to,
            sent_at=receipt.created_at,
            received_at=current.now,
            sealed_text=reply.sealed_text,
            salt=reply.salt,
        )
    )
    conversation = session.get_one(Conversation, reply.conversation_id)
    conversation.last_message_at = max(conversation.last_message_at, receipt.created_at)
    session.add(conversation)
