from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from socialdesk.channels.base import Item, Stream
from socialdesk.classify.assessment import Urgency
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import NotAllowed, RuleError
from socialdesk.core.shipped import shipped
from socialdesk.queue import acts, claims, listening, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import ListeningEnded, stream_of
from socialdesk.queue.listening_list import listed, running
from socialdesk.queue.listening_rule import LONGEST, Authority, Form, Proposal, Rank
from socialdesk.queue.listing import counts, lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.retention import due_for_review, load_rules
from socialdesk.queue.search import Query
from socialdesk.store.tables import Conversation, Finding, ListeningRule, LogEntry, StreamState
from tests.desks import START, hear, post

RULES = load_rules(shipped("config"))
TOPIC = Proposal(("knife crime", "#fair"), "disorder around the fair", "DPIA/2026/7")
ACCOUNT = "northshire-x"


def begin(desk: Desk, chief: Officer, proposal: Proposal = TOPIC) -> UUID:
    return listening.add(desk, chief, ACCOUNT, proposal, RULES, "listening")


def found(text: str, **more: object) -> Item:
    return post(text, stream=Stream.LISTENING, thread=f"post:{text}:x", **more)  # type: ignore[arg-type]


def bodies(desk: Desk) -> list[bytes]:
    with desk.store.reading() as session:
        return list(session.exec(select(LogEntry.body).order_by(LogEntry.seq)))  # type: ignore[arg-type]


def test_a_rule_runs_and_the_log_says_who_until_when_and_under_what(
    both: Desk, chief_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    (one,) = running(both, both.force.accounts[0])
    assert (one.id, one.terms) == (rule, ("knife crime", "#fair"))
    entry = bodies(both)[-1]
    assert b'"change":"added"' in entry
    assert b"DPIA/2026/7" in entry
    assert b"knife" not in entry
    (view,) = listed(both, chief_of_both)
    assert (view.owner, view.terms, view.found) == ("Sam Field", ("knife crime", "#fair"), 0)
    assert b'"action":"consultation"' in bodies(both)[-1]


def test_officers_neither_begin_stop_nor_read_rules(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    with pytest.raises(NotAllowed):
        begin(both, officer_of_both)
    with pytest.raises(NotAllowed):
        listening.stop(both, officer_of_both, rule)
    with pytest.raises(NotAllowed):
        listed(both, officer_of_both)


def test_terms_lie_sealed(both: Desk, chief_of_both: Officer) -> None:
    begin(both, chief_of_both)
    with both.store.reading() as session:
        row = session.exec(select(ListeningRule)).one()
    assert b"knife" not in row.sealed


def test_a_stopped_rule_collects_nothing_more_and_leaves_no_gap(
    both: Desk, chief_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    hear(both, found("knife crime is up"), stream=stream_of(rule))
    listening.stop(both, chief_of_both, rule)
    assert running(both, both.force.accounts[0]) == []
    with pytest.raises(ListeningEnded):
        hear(both, found("more knife crime"), stream=stream_of(rule))
    with both.store.reading() as session:
        assert session.get(StreamState, (ACCOUNT, stream_of(rule))) is None
        assert len(session.exec(select(Conversation)).all()) == 1
    with pytest.raises(RuleError, match="has ended"):
        listening.renew(both, chief_of_both, rule, None)


def test_a_rule_past_its_time_collects_nothing_although_nobody_was_awake_to_stop_it(
    both: Desk, chief_of_both: Officer, clock: SetClock
) -> None:
    rule = begin(both, chief_of_both)
    clock.at = START + LONGEST
    assert running(both, both.force.accounts[0]) == []
    with pytest.raises(ListeningEnded):
        hear(both, found("late"), stream=stream_of(rule))
    service = both.service("ingest")
    assert [listening.stop_ended(both, service), listening.stop_ended(both, service)] == [1, 0]
    assert b'"change":"expired"' in bodies(both)[-1]
    (view,) = listed(both, chief_of_both, ended=True)
    assert (view.stopped_because, view.stopped_at) == ("expired", START + LONGEST)


def test_a_rule_under_an_authority_ends_with_it_and_is_renewed_only_under_a_fresh_one(
    both: Desk, chief_of_both: Officer, clock: SetClock
) -> None:
    oral = Authority(
        "OP/1", "Insp A", Rank.INSPECTOR, Form.URGENT_ORAL, START, START + timedelta(hours=72)
    )
    aimed = replace(TOPIC, terms=("@jo",), authority=oral)
    rule = begin(both, chief_of_both, aimed)
    clock.at = START + timedelta(hours=71)
    with pytest.raises(RuleError, match="authority"):
        listening.renew(both, chief_of_both, rule, START + timedelta(hours=80))
    written = replace(
        oral, rank=Rank.SUPERINTENDENT, form=Form.WRITTEN, expires_at=START + timedelta(days=60)
    )
    ends = listening.renew(both, chief_of_both, rule, None, written)
    assert ends == clock.now() + LONGEST
    (view,) = listed(both, chief_of_both)
    assert view.names_someone
    assert view.authority == "OP/1"


def test_what_is_found_waits_below_everyone_who_wrote_unless_it_is_danger(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    hear(both, found("a theft at the #fair", handle="al"), stream=stream_of(rule))
    hear(both, found("knife out at the #fair", handle="bo"), stream=stream_of(rule))
    hear(both, post("good morning", handle="jo", at=START + timedelta(hours=1)))
    ids = order(both, officer_of_both, Query())
    shown = lines(both, officer_of_both, ids)
    assert [shown[one].handle for one in ids] == ["bo", "jo", "al"]
    assert shown[ids[0]].urgency is Urgency.IMMEDIATE
    assert sum(counts(both).values()) == 3


def test_each_message_carries_the_rules_that_found_it_once(
    both: Desk, chief_of_both: Officer
) -> None:
    first, second = begin(both, chief_of_both), begin(both, chief_of_both)
    item = found("knife crime")
    for rule in (first, first, second):
        hear(both, item, stream=stream_of(rule))
    with both.store.reading() as session:
        assert {row.rule_id for row in session.exec(select(Finding))} == {first, second}
    assert [view.found for view in listed(both, chief_of_both)] == [1, 1]


def test_whoever_was_found_and_then_writes_is_a_contact_like_any_other(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    hear(both, found("a theft at the fair", handle="al"), stream=stream_of(rule))
    hear(both, post("help me please", handle="al", thread="post:a theft at the fair:x"))
    (line,) = lines(both, officer_of_both, order(both, officer_of_both, Query())).values()
    assert line.stream == "mentions"
    with both.store.reading() as session:
        conversation = session.exec(select(Conversation)).one()
    assert conversation.found_by is None
    assert conversation.urgency_rank == Urgency.NONE.rank


def test_a_post_that_listening_found_before_the_mention_was_read_becomes_a_contact(
    both: Desk, chief_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    item = found("a theft at the fair @NorthshirePolice", handle="al")
    hear(both, item, stream=stream_of(rule))
    assert hear(both, replace(item, stream=Stream.MENTIONS)) == 0
    with both.store.reading() as session:
        conversation = session.exec(select(Conversation)).one()
    assert conversation.found_by is None
    assert conversation.urgency_rank == Urgency.PRIORITY.rank
    assert b'"change":"wrote_to_the_force"' in bodies(both)[-1]


def test_a_contact_whose_thread_listening_finds_again_stays_a_contact(
    both: Desk, chief_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    hear(both, post("a theft", handle="al", thread="t"))
    more = replace(post("the fair", handle="al", thread="t"), stream=Stream.LISTENING)
    hear(both, more, stream=stream_of(rule))
    with both.store.reading() as session:
        conversation = session.exec(select(Conversation)).one()
    assert conversation.found_by is None
    assert conversation.urgency_rank == Urgency.PRIORITY.rank


def test_nobody_found_by_listening_can_be_answered(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    rule = begin(both, chief_of_both)
    hear(both, found("knife crime"), stream=stream_of(rule))
    (conversation,) = order(both, officer_of_both, Query())
    claims.claim(both, officer_of_both, conversation)
    with pytest.raises(RuleError, match="found by listening"):
        replies.begin_draft(both, officer_of_both, conversation)


def test_what_a_rule_found_is_due_after_its_own_period_unless_police_acted(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    rule = begin(both, chief_of_both)
    hear(both, found("at the fair"), found("knife at the fair"), stream=stream_of(rule))
    danger, chatter = order(both, officer_of_both, Query())
    for one, ending in ((danger, "incident_created"), (chatter, "no_action")):
        claims.claim(both, officer_of_both, one)
        acts.close(both, officer_of_both, one, ending)
    clock.at = START + timedelta(days=29)
    assert due_for_review(both, RULES) == []
    clock.at = START + timedelta(days=30)
    assert [(one.conversation, one.group) for one in due_for_review(both, RULES)] == [
        (chatter, "listening")
    ]


@pytest.mark.parametrize("group", ["listening", "nowhere"])
def test_terms_too_long_to_search_for_or_an_unknown_group_are_refused(
    both: Desk, chief_of_both: Officer, group: str
) -> None:
    long = replace(TOPIC, terms=tuple(f"long flood topic number {n} " + "x" * 60 for n in range(9)))
    with pytest.raises(RuleError, match=r"takes 512|not a reason"):
        listening.add(both, chief_of_both, ACCOUNT, long, RULES, group)
