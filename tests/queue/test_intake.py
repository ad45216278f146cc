from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from socialdesk.channels.base import Rejected, Stream
from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import AuditError
from socialdesk.queue import acts, claims
from socialdesk.queue.coverage import CursorMove
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.intake import judge, take_in
from socialdesk.queue.listing import counts, lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.store.tables import Contact, Conversation, Message, StreamState
from tests.desks import START, KeywordAssessor, desk_for_one_example, hear, post


def test_the_same_page_read_twice_adds_nothing(desk: Desk) -> None:
    items = [post("hello"), post("he has a knife", handle="sam")]
    assert hear(desk, *items) == 2
    with desk.store.reading() as session:
        before = desk.log.size(session)
    assert hear(desk, *items) == 0
    with desk.store.reading() as session:
        assert desk.log.size(session) == before
        assert len(session.exec(select(Message)).all()) == 2


@settings(max_examples=25)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=80))
def test_any_order_with_any_repeats_stores_each_message_once(numbers: list[int]) -> None:
    items = [post(f"message {n}", handle=f"h{n % 5}", remote_id=str(n)) for n in numbers]
    with desk_for_one_example() as desk:
        for start in range(0, len(items), 7):
            hear(desk, *items[start : start + 7])
        with desk.store.reading() as session:
            stored = session.exec(select(Message.remote_id)).all()
    assert sorted(stored) == sorted({str(n) for n in numbers})


def test_one_contact_and_one_conversation_for_a_thread(desk: Desk) -> None:
    for text in ("first", "second", "third"):
        hear(desk, post(text, thread="post:1:jo"))
    with desk.store.reading() as session:
        assert len(session.exec(select(Contact)).all()) == 1
        (conversation,) = session.exec(select(Conversation)).all()
    assert conversation.version == 3


def test_the_same_person_in_public_and_in_private_is_one_contact_with_two_threads(
    desk: Desk,
) -> None:
    hear(desk, post("in public"), post("in private", stream=Stream.DMS))
    with desk.store.reading() as session:
        assert len(session.exec(select(Contact)).all()) == 1
        assert len(session.exec(select(Conversation)).all()) == 2


def test_urgency_rises_with_a_later_message_and_never_falls(desk: Desk, officer: Officer) -> None:
    def urgency() -> Urgency:
        (line,) = lines(desk, officer, order(desk, officer, Query())).values()
        return line.urgency

    hear(desk, post("hello", thread="t"))
    assert urgency() is Urgency.NONE
    hear(desk, post("he has a knife", thread="t"))
    assert urgency() is Urgency.IMMEDIATE
    hear(desk, post("sorry, wrong chat", thread="t"))
    assert urgency() is Urgency.IMMEDIATE


def test_the_queue_is_ordered_by_risk_and_then_by_age(desk: Desk, officer: Officer) -> None:
    said = [("hello", 0), ("a theft", 20), ("a knife", 30), ("a theft", 10), ("morning", 5)]
    for number, (text, minutes) in enumerate(said):
        hear(desk, post(text, handle=f"h{number}", at=START + timedelta(minutes=minutes)))
    shown = lines(desk, officer, order(desk, officer, Query()))
    assert [shown[one].gist for one in order(desk, officer, Query())] == [
        "a knife",
        "a theft",
        "a theft",
        "hello",
        "morning",
    ]
    assert [shown[one].handle for one in order(desk, officer, Query())][1:3] == ["h3", "h1"]
    assert counts(desk)[Urgency.PRIORITY] == 2


def test_a_closed_contact_who_writes_again_is_open_again_with_fresh_urgency(
    desk: Desk, officer: Officer
) -> None:
    hear(desk, post("he has a knife", thread="t"))
    (conversation,) = order(desk, officer, Query())
    claims.claim(desk, officer, conversation)
    acts.close(desk, officer, conversation, "incident_created")
    assert order(desk, officer, Query()) == []
    hear(desk, post("thanks for coming so fast", thread="t"))
    (line,) = lines(desk, officer, order(desk, officer, Query())).values()
    assert line.urgency is Urgency.NONE


def test_the_accounts_own_messages_do_not_ask_for_an_officer(desk: Desk, officer: Officer) -> None:
    hear(desk, post("We will come round.", stream=Stream.DMS, outbound=True))
    assert order(desk, officer, Query()) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "x" * 10_000,
        "\x1b[2J\x00\u202e",
        "👩‍👩‍👧🚨",
        "\ud800 half",
        "مرحبا بالعالم",
        "[/]{b}",
    ],
)
def test_any_text_is_stored_as_received_and_shown_inert(
    desk: Desk, officer: Officer, text: str
) -> None:
    hear(desk, post(text))
    (conversation,) = order(desk, officer, Query())
    view = open_thread(desk, officer, conversation)
    assert "\x1b" not in view.said[0].text
    with desk.store.reading() as session:
        message = session.exec(select(Message)).one()
        contact = session.exec(select(Contact)).one()
        key = desk.vault.keys(session, [contact.key_id])[contact.key_id]
    assert key.unseal(message.sealed_text).decode("utf-8", "surrogatepass") == text


def test_the_cursor_moves_only_with_a_page_that_says_so(desk: Desk) -> None:
    account, actor = desk.force.accounts[0], desk.service("ingest")
    first = judge([post("one")], KeywordAssessor())
    take_in(desk, actor, account, "mentions", first)
    with desk.store.reading() as session:
        assert session.get_one(StreamState, (account.id, "mentions")).cursor is None
    move = CursorMove("77", START)
    take_in(desk, actor, account, "mentions", judge([post("two")], KeywordAssessor()), (), move)
    with desk.store.reading() as session:
        state = session.get_one(StreamState, (account.id, "mentions"))
    assert (state.cursor, state.covered_until) == ("77", START)


def test_a_page_whose_entry_cannot_be_written_stores_nothing_and_moves_no_cursor(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AuditError("the log is full")

    monkeypatch.setattr(type(desk.log), "append", refuse)
    judged = judge([post("hello")], KeywordAssessor())
    account, actor = desk.force.accounts[0], desk.service("ingest")
    with pytest.raises(AuditError):
        take_in(desk, actor, account, "mentions", judged, (), CursorMove("9", START))
    with desk.store.reading() as session:
        assert session.exec(select(Message)).all() == []
        assert session.get(StreamState, (account.id, "mentions")) is None


def test_a_line_of_the_queue_leaves_out_the_accounts_own_handle(
    desk: Desk, officer: Officer
) -> None:
    hear(desk, post("@NorthshirePolice he is back"), post("@northshirepolice", handle="al"))
    shown = lines(desk, officer, order(desk, officer, Query())).values()
    assert {line.gist for line in shown} == {"he is back", "@northshirepolice"}


def test_what_is_not_understood_is_kept_once_and_shown_as_a_health_matter(desk: Desk) -> None:
    account, actor = desk.force.accounts[0], desk.service("ingest")
    bad = Rejected(b'{"id": null}', "it has no id")
    for _ in range(3):
        take_in(desk, actor, account, "mentions", [], [bad], CursorMove(None, START))
    assert read_health(desk).quarantined == 1


def test_no_word_of_a_message_lies_readable_in_the_database(desk: Desk) -> None:
    hear(desk, post("Zanzibarian pomegranates were stolen", handle="verysecrethandle"))
    assert desk.store.engine.url.database
    home = desk.home.root
    raw = b"".join(path.read_bytes() for path in home.glob("socialdesk.db*"))
    for word in (b"omegranate", b"anzibarian", b"erysecrethandle"):
        assert word not in raw
