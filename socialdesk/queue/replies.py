"""Replies, from the first key to the outbox: a draft is kept from its beginning and never lost.

A draft is bound to the thread as the officer saw it. Submitting is refused when the claim was lost
or a newer message arrived since; the officer reads what changed and confirms by a fresh binding.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Stream
from socialdesk.channels.registry import capabilities_of
from socialdesk.core.errors import NotYours, RuleError, ThreadMoved
from socialdesk.core.ids import new_id
from socialdesk.core.text import decoded, encoded
from socialdesk.queue.claims import require_claim
from socialdesk.queue.commitments import commitment, fresh_salt
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.queue.reply_rules import require_answerable
from socialdesk.queue.states import ConversationMove, ReplyMove, ReplyState, after, reply_after
from socialdesk.store.tables import Conversation, Message, Reply
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import Sealed


@dataclass(frozen=True, slots=True)
class Room:
    """How long a text is as the channel counts, and how long it may be."""

    length: int
    limit: int

    @property
    def left(self) -> int:
        """What remains; below zero the text does not fit."""
        return self.limit - self.length


def room(channel: str, stream: str, text: str) -> Room:
    """Return how a channel counts `text` against its limit."""
    capabilities = capabilities_of(channel)
    kind = Stream(stream)
    return Room(capabilities.length(kind, text), capabilities.text_limit[kind])


def begin_draft(desk: Desk, officer: Officer, conversation_id: UUID) -> UUID:
    """Begin a reply, or take up the officer's own unfinished one; return its id.

    Raises:
        NotYours: this officer does not hold the conversation.
        RuleError: there is no message of the public to answer, or the network would not take it.
        IllegalMove: the conversation is closed.
    """
    with desk.store.transaction(officer.actor, "reply") as current:
        conversation = desk.conversation(current.session, conversation_id)
        require_claim(current, officer, conversation)
        after(conversation.state, ConversationMove.REPLY)
        draft = _own_draft(current.session, officer, conversation_id)
        if draft is None:
            draft = _new_draft(desk, current, officer, conversation)
        _bind(current.session, draft, conversation, current.now)
        current.session.add(draft)
        current.record(
            Action.DRAFT,
            f"reply:{draft.id}",
            details={"conversation": str(conversation_id), "version": conversation.version},
        )
        return draft.id


def save_draft(desk: Desk, officer: Officer, reply_id: UUID, text: str) -> None:
    """Keep what has been written so far.

    Raises:
        RuleError: it is no longer a draft, or not this officer's.
    """
    with desk.store.transaction(officer.actor, "reply") as current:
        draft = _draft(current, officer, reply_id)
        committed = _set_text(desk, current, draft, text)
        current.record(
            Action.DRAFT, f"reply:{reply_id}", details={"saved": True}, commitments=committed
        )


def draft_text(desk: Desk, officer: Officer, reply_id: UUID) -> str:
    """Return what an unfinished reply says."""
    with desk.store.transaction(officer.actor, "reply") as current:
        draft = _draft(current, officer, reply_id)
        conversation = desk.conversation(current.session, draft.conversation_id)
        key = desk.contact_key(current.session, conversation.contact_id)
        sealed = [Sealed(key.id, draft.sealed_text)]
        (plain,) = desk.vault.opened(current, sealed, [f"reply:{reply_id}"])
        return decoded(plain or b"")


def submit(desk: Desk, officer: Officer, reply_id: UUID, text: str) -> None:
    """Hand a reviewed reply to the outbox.

    Raises:
        NotYours: the claim was lost, or taken anew since the draft was begun.
        ThreadMoved: a newer message arrived since the draft was begun.
        RuleError: the text is empty or longer than the channel takes.
    """
    with desk.store.transaction(officer.actor, "reply") as current:
        draft = _draft(current, officer, reply_id)
        conversation = desk.conversation(current.session, draft.conversation_id)
        require_claim(current, officer, conversation)
        _refuse_unfit(conversation, draft, text)
        committed = _set_text(desk, current, draft, text)
        draft.state = reply_after(draft.state, ReplyMove.SUBMIT)
        draft.queued_at = draft.next_attempt_at = current.now
        draft.urgency_rank = conversation.urgency_rank
        conversation.state = after(conversation.state, ConversationMove.REPLY)
        current.session.add_all([draft, conversation])
        current.record(
            Action.APPROVE,
            f"reply:{reply_id}",
            details={"conversation": str(conversation.id), "version": conversation.version},
            commitments=committed,
        )


def confirm_thread(desk: Desk, officer: Officer, reply_id: UUID) -> None:
    """Bind a draft to the thread as it now stands: the officer has read what changed.

    Raises:
        NotYours: this officer does not hold the conversation.
    """
    with desk.store.transaction(officer.actor, "read what changed") as current:
        draft = _draft(current, officer, reply_id)
        conversation = desk.conversation(current.session, draft.conversation_id)
        require_claim(current, officer, conversation)
        _bind(current.session, draft, conversation, current.now)
        current.session.add(draft)
        current.record(Action.DRAFT, f"reply:{reply_id}", details={"version": conversation.version})


def abandon(desk: Desk, officer: Officer, reply_id: UUID) -> None:
    """Give up a draft.

    Raises:
        RuleError: it is no longer a draft, or not this officer's.
    """
    with desk.store.transaction(officer.actor, "abandoned") as current:
        draft = _draft(current, officer, reply_id)
        draft.state = reply_after(draft.state, ReplyMove.ABANDON)
        current.session.add(draft)
        current.record(Action.DRAFT, f"reply:{reply_id}", details={"abandoned": True})


def _own_draft(session: Session, officer: Officer, conversation_id: UUID) -> Reply | None:
    return session.exec(
        select(Reply).where(
            Reply.conversation_id == conversation_id,
            Reply.person_id == officer.person_id,
            Reply.state == ReplyState.DRAFT,
        )
    ).first()


def _new_draft(
    desk: Desk, current: Transaction, officer: Officer, conversation: Conversation
) -> Reply:
    key = desk.contact_key(current.session, conversation.contact_id)
    return Reply(
        id=new_id(),
        force_id=desk.force.id,
        conversation_id=conversation.id,
        account_id=conversation.account_id,
        stream=conversation.stream,
        person_id=officer.person_id,
        state=ReplyState.DRAFT,
        sealed_text=key.seal(b""),
        salt=fresh_salt(),
        thread_version=conversation.version,
        claim_fence=conversation.claim_fence,
        urgency_rank=conversation.urgency_rank,
        begun_at=current.now,
    )


def _bind(session: Session, draft: Reply, conversation: Conversation, now: datetime) -> None:
    """Tie a draft to the thread's version, the claim, and the message it answers."""
    draft.thread_version = conversation.version
    draft.claim_fence = conversation.claim_fence
    answered = session.exec(
        select(Message.remote_id, Message.stream, Message.sent_at)
        .where(Message.conversation_id == conversation.id, col(Message.outbound).is_(False))
        .order_by(col(Message.sent_at).desc(), col(Message.remote_id).desc())
    ).first()
    if answered is None:
        raise RuleError("There is no message of the public here to answer.")
    remote_id, stream, heard_at = answered
    require_answerable(
        capabilities_of(conversation.channel),
        Stream(draft.stream),
        heard_at=heard_at,
        named=stream == Stream.MENTIONS.value,
        now=now,
    )
    draft.in_reply_to = None if draft.stream == Stream.DMS else remote_id


def _draft(current: Transaction, officer: Officer, reply_id: UUID) -> Reply:
    draft = current.session.exec(
        select(Reply).where(Reply.id == reply_id).with_for_update()
    ).first()
    if draft is None or draft.person_id != officer.person_id:
        raise RuleError("You have no such draft.")
    if draft.state != ReplyState.DRAFT:
        raise RuleError(f"This reply is {draft.state}: it is no longer a draft.")
    return draft


def _set_text(desk: Desk, current: Transaction, draft: Reply, text: str) -> dict[str, bytes]:
    """Keep a draft's text under a fresh salt; return what binds the log to it."""
    conversation = desk.conversation(current.session, draft.conversation_id)
    key = desk.contact_key(current.session, conversation.contact_id)
    draft.sealed_text, draft.salt = key.seal(encoded(text)), fresh_salt()
    current.session.add(draft)
    return {"text": commitment(draft.salt, encoded(text))}


def _refuse_unfit(conversation: Conversation, draft: Reply, text: str) -> None:
    if draft.claim_fence != conversation.claim_fence:
        raise NotYours(
            "Your claim ran out while you wrote, and the conversation changed hands.",
            todo="Your draft is kept. Read the thread again, then confirm it.",
        )
    if draft.thread_version != conversation.version:
        raise ThreadMoved(
            "A newer message arrived since you began this reply.",
            todo="Your draft is kept. Read what changed, then confirm or edit.",
        )
    if not text.strip():
        raise RuleError("An empty reply cannot be sent.", todo="Write something, or abandon it.")
    space = room(conversation.channel, conversation.stream, text)
    if space.left < 0:
        raise RuleError(
            f"The reply is {space.length} long; the channel takes {space.limit}.",
            todo=f"Shorten it by {-space.left}.",
        )
