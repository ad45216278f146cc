import itertools

import pytest

from socialdesk.core.errors import IllegalMove
from socialdesk.queue.states import (
    CONVERSATION_MOVES,
    REPLY_MOVES,
    ConversationMove,
    ConversationState,
    ReplyMove,
    ReplyState,
    after,
    reply_after,
)


@pytest.mark.parametrize(("state", "move"), itertools.product(ConversationState, ConversationMove))
def test_a_conversation_moves_as_the_table_says_and_not_otherwise(
    state: ConversationState, move: ConversationMove
) -> None:
    if (state, move) in CONVERSATION_MOVES:
        assert after(state, move) is CONVERSATION_MOVES[state, move]
    else:
        with pytest.raises(IllegalMove, match=state.value):
            after(state, move)


@pytest.mark.parametrize(("state", "move"), itertools.product(ReplyState, ReplyMove))
def test_a_reply_moves_as_the_table_says_and_not_otherwise(
    state: ReplyState, move: ReplyMove
) -> None:
    if (state, move) in REPLY_MOVES:
        assert reply_after(state, move) is REPLY_MOVES[state, move]
    else:
        with pytest.raises(IllegalMove, match=state.value):
            reply_after(state, move)


def test_a_message_of_the_public_always_brings_a_conversation_back_to_an_officer() -> None:
    for state in ConversationState:
        assert after(state, ConversationMove.RECEIVE) is ConversationState.OPEN


def test_a_reply_leaves_again_only_after_proof_that_it_did_not_leave_before() -> None:
    ways_back = {
        (state, move) for (state, move), to in REPLY_MOVES.items() if to is ReplyState.QUEUED
    }
    assert ways_back == {
        (ReplyState.DRAFT, ReplyMove.SUBMIT),
        (ReplyState.AWAITING_APPROVAL, ReplyMove.APPROVE),
        (ReplyState.SENDING, ReplyMove.POSTPONED),
        (ReplyState.UNKNOWN, ReplyMove.PROVEN_ABSENT),
    }


def test_what_is_sent_stays_sent() -> None:
    assert not [move for state, move in REPLY_MOVES if state is ReplyState.SENT]
