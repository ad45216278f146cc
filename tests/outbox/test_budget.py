"""The send budget: riskiest first, never more than the network takes, and the wait is shown."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from socialdesk.channels.base import Capabilities, Receipt, ReplyRule, SendLimit, Stream
from socialdesk.channels.registry import capabilities_of
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import RuleError
from socialdesk.queue import claims, delivery, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer
from socialdesk.queue.reply_rules import require_answerable
from socialdesk.queue.search import Query
from socialdesk.queue.send_budget import slots
from socialdesk.store.tables import Reply
from tests.desks import START, hear, post

ACCOUNT = "northshire-x"
LIMITS = {Stream.DMS: SendLimit(3, 900)}


def answer(desk: Desk, officer: Officer, texts: list[str], stream: Stream = Stream.DMS) -> None:
    for number, text in enumerate(texts):
        hear(desk, post(text, handle=f"{stream}{number}", stream=stream))
    for conversation in order(desk, officer, Query()):
        claims.claim(desk, officer, conversation)
        draft = replies.begin_draft(desk, officer, conversation)
        replies.submit(desk, officer, draft, "We are on it.")


def send_all(desk: Desk) -> list[UUID]:
    """Send what may leave now, as a network that takes everything."""
    sent = []
    actor = desk.service("outbox")
    while (due := delivery.take_next(desk, actor, ACCOUNT, LIMITS)) is not None:
        receipt = Receipt(f"sent-{due.reply_id}", desk.clock.now())
        delivery.published(desk, actor, due.reply_id, receipt, found=False)
        sent.append(due.reply_id)
    return sent


def waiting(desk: Desk) -> list[Reply]:
    with desk.store.reading() as session:
        found = session.exec(select(Reply).where(Reply.state == "queued")).all()
    return sorted(found, key=lambda reply: (reply.urgency_rank, reply.queued_at or START, reply.id))


def test_what_is_beyond_the_budget_waits_and_says_so(
    desk: Desk, officer: Officer, clock: SetClock
) -> None:
    answer(desk, officer, ["hello"] * 5)
    assert len(send_all(desk)) == 3
    for reply in waiting(desk):
        assert reply.next_attempt_at == START + timedelta(seconds=900)
        assert "takes 3 such messages in 15 minutes" in (reply.problem or "")
    clock.advance(899)
    assert send_all(desk) == []
    clock.advance(1)
    assert len(send_all(desk)) == 2
    assert waiting(desk) == []


def test_the_riskiest_takes_the_next_place_even_if_it_came_last(
    desk: Desk, officer: Officer, clock: SetClock
) -> None:
    answer(desk, officer, ["hello"] * 7)
    send_all(desk)
    hear(desk, post("he has a knife", handle="late", stream=Stream.DMS))
    (urgent,) = order(desk, officer, Query())
    claims.claim(desk, officer, urgent)
    draft = replies.begin_draft(desk, officer, urgent)
    replies.submit(desk, officer, draft, "Police are on their way.")
    assert send_all(desk) == []
    assert waiting(desk)[0].id == draft
    clock.advance(900)
    assert send_all(desk)[0] == draft


def test_a_spent_stream_holds_up_no_other(desk: Desk, officer: Officer) -> None:
    answer(desk, officer, ["hello"] * 4)
    answer(desk, officer, ["in public"], Stream.MENTIONS)
    assert len(send_all(desk)) == 4


def test_a_reply_in_doubt_counts_as_sent(desk: Desk, officer: Officer) -> None:
    answer(desk, officer, ["hello"] * 4)
    actor = desk.service("outbox")
    due = delivery.take_next(desk, actor, ACCOUNT, LIMITS)
    assert due is not None
    delivery.lost_sight(desk, actor, due.reply_id, "no answer", 60)
    assert len(send_all(desk)) == 2


@given(
    st.integers(1, 20),
    st.lists(st.integers(0, 899), max_size=40),
    st.integers(1, 60),
)
def test_no_window_ever_holds_more_than_the_limit(count: int, ages: list[int], wanted: int) -> None:
    spent = [START - timedelta(seconds=age) for age in ages][:count]
    moments = slots(SendLimit(count, 900), spent, wanted, START)
    assert moments == sorted(moments)
    for moment in moments:
        within = [
            one for one in (*spent, *moments) if moment - timedelta(seconds=900) < one <= moment
        ]
        assert len(within) <= count


def test_x_tells_its_limits_as_data() -> None:
    limits = capabilities_of("x").send_limits
    assert limits[Stream.DMS] == SendLimit(15, 900)
    assert limits[Stream.MENTIONS] == SendLimit(100, 900)


def ruled(rule: ReplyRule) -> Capabilities:
    return Capabilities(
        "n", frozenset(Stream), {}, lambda _s, t: len(t), reply_rules={Stream.DMS: rule}
    )


def test_a_closed_window_is_refused_with_another_way() -> None:
    rule = ruled(ReplyRule(window=timedelta(hours=24), otherwise="Telephone them."))
    late = START + timedelta(hours=25)
    with pytest.raises(RuleError, match="Telephone them"):
        require_answerable(rule, Stream.DMS, heard_at=START, named=True, now=late)
    require_answerable(rule, Stream.DMS, heard_at=START, named=True, now=START)


def test_who_did_not_name_the_account_is_refused_before_anyone_writes() -> None:
    rule = ruled(ReplyRule(only_if_named=True, otherwise="Send a direct message."))
    with pytest.raises(RuleError, match="Send a direct message"):
        require_answerable(rule, Stream.DMS, heard_at=START, named=False, now=START)
    require_answerable(rule, Stream.DMS, heard_at=START, named=True, now=START)


def test_a_draft_is_refused_where_the_network_would_refuse_the_reply(
    desk: Desk, officer: Officer, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(desk, post("hello", stream=Stream.DMS))
    (conversation,) = order(desk, officer, Query())
    claims.claim(desk, officer, conversation)
    rule = ruled(ReplyRule(window=timedelta(seconds=60), otherwise="Telephone them."))
    monkeypatch.setattr(replies, "capabilities_of", lambda _name: rule)
    clock.advance(61)
    with pytest.raises(RuleError, match="ended at"):
        replies.begin_draft(desk, officer, conversation)
    with desk.store.reading() as session:
        assert session.exec(select(Reply)).all() == []
