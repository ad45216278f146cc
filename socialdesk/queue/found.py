"""What listening found, in the queue: a low place of its own, until danger or the person speaks.

A conversation that a rule found belongs to nobody who asked for help. It waits below everything
else unless it may be immediate danger. Once its author writes to the force it is a contact like
any other.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Item, Stream
from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import RuleError
from socialdesk.core.force import Account
from socialdesk.queue.states import ConversationMove, after
from socialdesk.store.tables import Conversation, Finding, ListeningRule, Message
from socialdesk.store.transaction import Transaction

PREFIX = "listening:"
FOUND_RANK = Urgency.NONE.rank + 1
"""The place in the queue of what listening found: below everyone who wrote to the force."""


class ListeningEnded(RuleError):  # noqa: N818 a state, as the rule's own record shows it
    """The rule was stopped or has expired: nothing more may be collected under it."""


def stream_of(rule_id: UUID) -> str:
    """Return the name of a rule's stream in the coverage ledger."""
    return f"{PREFIX}{rule_id}"


def rule_of(stream: str) -> UUID | None:
    """Return the rule whose stream this is; None for a stream of people who write to the force."""
    return UUID(stream.removeprefix(PREFIX)) if stream.startswith(PREFIX) else None


def place(urgency: Urgency) -> int:
    """Return the place in the queue of a finding: only immediate danger has its usual one."""
    return urgency.rank if urgency is Urgency.IMMEDIATE else FOUND_RANK


def require_running(current: Transaction, rule_id: UUID) -> None:
    """Refuse to collect under a rule that has ended, whoever was asleep meanwhile.

    Raises:
        ListeningEnded: it was stopped or has expired.
    """
    rule = current.session.exec(
        select(ListeningRule).where(ListeningRule.id == rule_id).with_for_update(read=True)
    ).first()
    if rule is None or rule.stopped_at is not None or rule.expires_at <= current.now:
        raise ListeningEnded(
            "This listening rule has ended: nothing more is collected under it.",
            todo="A new one needs its own purpose and assessment: socialdesk listening add",
        )


def mark_found(
    current: Transaction, account: Account, rule_id: UUID, items: Sequence[Item]
) -> None:
    """Let the messages of a page carry the rule that found them, known ones included."""
    names = [item.remote_id for item in items]
    rows = current.session.exec(
        select(Message.id).where(
            Message.account_id == account.id, col(Message.remote_id).in_(names)
        )
    ).all()
    marked = set(
        current.session.exec(
            select(Finding.message_id).where(
                Finding.rule_id == rule_id, col(Finding.message_id).in_(rows)
            )
        )
    )
    fresh = [message for message in rows if message not in marked]
    for message in fresh:
        current.session.add(Finding(message_id=message, rule_id=rule_id, found_at=current.now))
    if fresh:
        current.record(
            Action.COLLECTION,
            f"listening:{rule_id}",
            details={"account": account.id, "messages": [str(message) for message in fresh]},
        )


def welcome(conversation: Conversation, stream: Stream, at: datetime) -> None:
    """Make what listening found a contact like any other: its author wrote to the force."""
    conversation.found_by = None
    conversation.stream = stream.value
    conversation.urgency_rank = min(conversation.urgency_rank, Urgency.NONE.rank)
    conversation.waiting_since = at


def welcome_known(
    current: Transaction,
    account: Account,
    known: Sequence[tuple[Item, Urgency]],
) -> None:
    """Welcome those whose messages listening had found before the account's own streams did."""
    by_id = {
        name: (item, urgency) for item, urgency in known for name in (item.remote_id, *item.revises)
    }
    if not by_id:
        return
    rows = current.session.exec(
        select(Conversation, Message)
        .join(Message, col(Message.conversation_id) == Conversation.id)
        .where(
            Message.account_id == account.id,
            col(Message.remote_id).in_(by_id),
            Message.stream == Stream.LISTENING.value,
        )
        .with_for_update()
    ).all()
    for conversation, message in rows:
        item, urgency = by_id[message.remote_id]
        message.stream = item.stream.value
        if conversation.found_by is not None:
            welcome(conversation, item.stream, item.created_at)
            conversation.state = after(conversation.state, ConversationMove.RECEIVE)
            conversation.urgency_rank = min(conversation.urgency_rank, urgency.rank)
        current.session.add_all([conversation, message])
        current.record(
            Action.ALTERATION,
            f"conversation:{conversation.id}",
            details={"change": "wrote_to_the_force", "message": str(message.id)},
        )
