"""Legal moves, as data: one table for a conversation and one for a reply."""

from enum import StrEnum

from socialdesk.core.errors import IllegalMove


class ConversationState(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    AWAITING = "awaiting"
    ESCALATED = "escalated"
    CLOSED = "closed"


class ConversationMove(StrEnum):
    """What may happen to a conversation."""

    RECEIVE = "receive"
    REPLY = "reply"
    ESCALATE = "escalate"
    CLOSE = "close"
    REOPEN = "reopen"


class ReplyState(StrEnum):
    """Where a reply stands between the officer's hand and the network."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ABANDONED = "abandoned"


class ReplyMove(StrEnum):
    """What may happen to a reply."""

    SUBMIT = "submit"
    ASK_APPROVAL = "ask_approval"
    APPROVE = "approve"
    REJECT = "reject"
    ATTEMPT = "attempt"
    PUBLISHED = "published"
    REFUSED = "refused"
    POSTPONED = "postponed"
    LOST_SIGHT = "lost_sight"
    FOUND = "found"
    PROVEN_ABSENT = "proven_absent"
    ABANDON = "abandon"
    REVISE = "revise"


_C, _CM = ConversationState, ConversationMove
_R, _RM = ReplyState, ReplyMove

CONVERSATION_MOVES: dict[tuple[ConversationState, ConversationMove], ConversationState] = {
    (_C.OPEN, _CM.RECEIVE): _C.OPEN,
    (_C.OPEN, _CM.REPLY): _C.AWAITING,
    (_C.OPEN, _CM.ESCALATE): _C.ESCALATED,
    (_C.OPEN, _CM.CLOSE): _C.CLOSED,
    (_C.AWAITING, _CM.RECEIVE): _C.OPEN,
    (_C.AWAITING, _CM.REPLY): _C.AWAITING,
    (_C.AWAITING, _CM.ESCALATE): _C.ESCALATED,
    (_C.AWAITING, _CM.CLOSE): _C.CLOSED,
    (_C.ESCALATED, _CM.RECEIVE): _C.OPEN,
    (_C.ESCALATED, _CM.REPLY): _C.ESCALATED,
    (_C.ESCALATED, _CM.ESCALATE): _C.ESCALATED,
    (_C.ESCALATED, _CM.CLOSE): _C.CLOSED,
    (_C.CLOSED, _CM.RECEIVE): _C.OPEN,
    (_C.CLOSED, _CM.REOPEN): _C.OPEN,
}

REPLY_MOVES: dict[tuple[ReplyState, ReplyMove], ReplyState] = {
    (_R.DRAFT, _RM.SUBMIT): _R.QUEUED,
    (_R.DRAFT, _RM.ASK_APPROVAL): _R.AWAITING_APPROVAL,
    (_R.DRAFT, _RM.ABANDON): _R.ABANDONED,
    (_R.AWAITING_APPROVAL, _RM.APPROVE): _R.QUEUED,
    (_R.AWAITING_APPROVAL, _RM.REJECT): _R.DRAFT,
    (_R.AWAITING_APPROVAL, _RM.ABANDON): _R.ABANDONED,
    (_R.QUEUED, _RM.ATTEMPT): _R.SENDING,
    (_R.QUEUED, _RM.ABANDON): _R.ABANDONED,
    (_R.SENDING, _RM.PUBLISHED): _R.SENT,
    (_R.SENDING, _RM.REFUSED): _R.FAILED,
    (_R.SENDING, _RM.POSTPONED): _R.QUEUED,
    (_R.SENDING, _RM.LOST_SIGHT): _R.UNKNOWN,
    (_R.UNKNOWN, _RM.FOUND): _R.SENT,
    (_R.UNKNOWN, _RM.PROVEN_ABSENT): _R.QUEUED,
    (_R.UNKNOWN, _RM.REFUSED): _R.FAILED,
    (_R.FAILED, _RM.REVISE): _R.DRAFT,
    (_R.FAILED, _RM.ABANDON): _R.ABANDONED,
}


def after(state: str, move: ConversationMove) -> ConversationState:
    """Return the state a conversation comes to.

    Raises:
        IllegalMove: the table has no such move.
    """
    try:
        return CONVERSATION_MOVES[ConversationState(state), move]
    except KeyError as error:
        raise IllegalMove(
            f"A conversation that is {state} cannot {move}.",
            todo=_CONVERSATION_HINTS.get(state, ""),
        ) from error


def reply_after(state: str, move: ReplyMove) -> ReplyState:
    """Return the state a reply comes to.

    Raises:
        IllegalMove: the table has no such move.
    """
    try:
        return REPLY_MOVES[ReplyState(state), move]
    except KeyError as error:
        raise IllegalMove(f"A reply that is {state} cannot be: {move}.") from error


_CONVERSATION_HINTS = {ConversationState.CLOSED.value: "Reopen it first."}
