from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from socialdesk.channels.base import Receipt, Stream
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import IllegalMove, NotYours, RuleError, ThreadMoved
from socialdesk.queue import acts, claims, delivery, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.states import ReplyState
from socialdesk.queue.thread import open_thread
from socialdesk.store.tables import Message, Reply
from tests.desks import START, hear, make_officer, post


@pytest.fixture
def conversation(desk: Desk, officer: Officer) -> UUID:
    hear(desk, post("is the station open?", thread="t", remote_id="501"))
    (only,) = order(desk, officer, Query())
    claims.claim(desk, officer, only)
    return only


def reply(desk: Desk) -> Reply:
    with desk.store.reading() as session:
        return session.exec(select(Reply)).one()


def queued(desk: Desk, officer: Officer, conversation: UUID, text: str = "Yes, until 6pm.") -> UUID:
    draft = replies.begin_draft(desk, officer, conversation)
    replies.submit(desk, officer, draft, text)
    return draft


def test_a_draft_survives_the_desk_and_is_taken_up_again(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    replies.save_draft(desk, officer, draft, "half a senten")
    assert replies.begin_draft(desk, officer, conversation) == draft
    assert replies.draft_text(desk, officer, draft) == "half a senten"


def test_a_reply_answers_the_newest_message_of_the_public(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    hear(desk, post("hello?", thread="t", remote_id="502", at=START + timedelta(minutes=1)))
    queued(desk, officer, conversation)
    assert reply(desk).in_reply_to == "502"


def test_a_direct_message_answers_the_person_and_no_post(desk: Desk, officer: Officer) -> None:
    hear(desk, post("in private", stream=Stream.DMS, handle="al"))
    (private,) = order(desk, officer, Query())
    claims.claim(desk, officer, private)
    queued(desk, officer, private)
    dispatch = delivery.take_next(desk, desk.service("outbox"), "northshire-x")
    assert dispatch is not None
    assert dispatch.outgoing.in_reply_to is None
    assert dispatch.outgoing.contact_id == "u-al"


def test_a_reply_is_refused_when_a_newer_message_arrived_until_the_officer_has_read_it(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    hear(desk, post("he has a knife", thread="t"))
    with pytest.raises(ThreadMoved, match="newer message"):
        replies.submit(desk, officer, draft, "Yes, until 6pm.")
    replies.confirm_thread(desk, officer, draft)
    replies.submit(desk, officer, draft, "Call 999 now.")
    assert reply(desk).state == ReplyState.QUEUED


def test_a_reply_is_refused_when_the_claim_was_lost(
    desk: Desk, officer: Officer, conversation: UUID, clock: SetClock
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    clock.advance(desk.force.claim_seconds + 1)
    with pytest.raises(NotYours):
        replies.submit(desk, officer, draft, "Yes.")


def test_a_reply_is_refused_when_the_conversation_changed_hands_and_came_back(
    desk: Desk, officer: Officer, conversation: UUID, clock: SetClock
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    other = make_officer(desk, "sasha", "Sasha Ali")
    clock.advance(desk.force.claim_seconds + 1)
    claims.claim(desk, other, conversation)
    claims.release(desk, other, conversation)
    claims.claim(desk, officer, conversation)
    with pytest.raises(NotYours, match="changed hands"):
        replies.submit(desk, officer, draft, "Yes.")


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_reply_is_refused(
    desk: Desk, officer: Officer, conversation: UUID, text: str
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    with pytest.raises(RuleError, match="empty reply"):
        replies.submit(desk, officer, draft, text)


def test_a_reply_longer_than_the_channel_takes_is_refused_by_how_much(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    with pytest.raises(RuleError, match="Shorten it by 20"):
        replies.submit(desk, officer, draft, "x" * 300)
    assert replies.room("x", "mentions", "🚓" * 10).length == 20


def test_a_draft_is_its_authors_alone(desk: Desk, officer: Officer, conversation: UUID) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    other = make_officer(desk, "sasha", "Sasha Ali")
    with pytest.raises(RuleError, match="no such draft"):
        replies.draft_text(desk, other, draft)
    with pytest.raises(RuleError, match="no such draft"):
        replies.submit(desk, other, draft, "Yes.")


def test_a_submitted_reply_can_be_neither_changed_nor_sent_again(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    draft = queued(desk, officer, conversation)
    for act in (replies.submit, replies.save_draft):
        with pytest.raises(RuleError, match="no longer a draft"):
            act(desk, officer, draft, "again")


def test_an_abandoned_draft_is_gone_and_a_new_one_is_empty(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    draft = replies.begin_draft(desk, officer, conversation)
    replies.save_draft(desk, officer, draft, "no")
    replies.abandon(desk, officer, draft)
    fresh = replies.begin_draft(desk, officer, conversation)
    assert fresh != draft
    assert replies.draft_text(desk, officer, fresh) == ""


def test_a_closed_contact_cannot_be_answered_before_it_is_reopened(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    acts.close(desk, officer, conversation, "advice_given")
    claims.claim(desk, officer, conversation)
    with pytest.raises(IllegalMove, match="Reopen it first"):
        replies.begin_draft(desk, officer, conversation)


def test_a_reply_under_way_is_shown_in_its_thread_and_on_the_health_line(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    queued(desk, officer, conversation)
    assert open_thread(desk, officer, conversation).said[-1].state == "queued"
    assert read_health(desk).unsent == {"queued": 1}


def test_the_riskiest_reply_leaves_first_and_then_the_oldest(
    desk: Desk, officer: Officer, clock: SetClock
) -> None:
    texts = ("hello", "a theft", "a knife", "hello again")
    hear(desk, *(post(text, handle=f"h{n}", remote_id=str(n)) for n, text in enumerate(texts)))
    for conversation in reversed(order(desk, officer, Query())):
        claims.claim(desk, officer, conversation)
        queued(desk, officer, conversation)
        clock.advance(1)
    actor = desk.service("outbox")
    taken = [delivery.take_next(desk, actor, "northshire-x") for _ in range(5)]
    assert [one.outgoing.in_reply_to for one in taken if one] == ["2", "1", "3", "0"]
    assert taken[-1] is None


def test_the_row_says_sending_before_the_request_can_leave(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    queued(desk, officer, conversation)
    assert delivery.take_next(desk, desk.service("outbox"), "northshire-x") is not None
    assert reply(desk).state == ReplyState.SENDING
    assert delivery.take_next(desk, desk.service("outbox"), "northshire-x") is None


def test_a_published_reply_joins_its_thread_once_even_if_a_poller_read_it_first(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    draft = queued(desk, officer, conversation)
    delivery.take_next(desk, desk.service("outbox"), "northshire-x")
    hear(desk, post("Yes, until 6pm.", thread="t", remote_id="900", outbound=True))
    receipt = Receipt("900", START)
    delivery.published(desk, desk.service("outbox"), draft, receipt, found=False)
    with desk.store.reading() as session:
        assert len(session.exec(select(Message).where(Message.remote_id == "900")).all()) == 1
    assert reply(desk).state == ReplyState.SENT
    assert [said.outbound for said in open_thread(desk, officer, conversation).said] == [
        False,
        True,
    ]


def test_what_a_dead_sender_left_behind_is_in_doubt_and_not_sent_again(
    desk: Desk, officer: Officer, conversation: UUID, clock: SetClock
) -> None:
    queued(desk, officer, conversation)
    actor = desk.service("outbox")
    delivery.take_next(desk, actor, "northshire-x")
    account = desk.force.accounts[0]
    assert delivery.cut_off(desk, actor, account) == 1
    assert reply(desk).state == ReplyState.UNKNOWN
    assert delivery.take_next(desk, actor, account.id) is None
    assert delivery.next_unknown(desk, actor, account.id) is None
    clock.advance(account.settle_seconds)
    assert delivery.next_unknown(desk, actor, account.id) is not None
