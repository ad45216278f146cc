import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from socialdesk.channels.base import Stream
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import NotAllowed, RuleError
from socialdesk.queue.contacts import merge
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import stream_of
from socialdesk.queue.listing import order
from socialdesk.queue.looks import NeedsPermission, NeedsReason
from socialdesk.queue.people import Officer, Role
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.queue.viewing import Leave, Why, counted, permit
from socialdesk.store.tables import Conversation, LogEntry, PersonView
from tests.desks import hear, make_officer, post
from tests.queue.test_listening import begin

DAY = 86_400.0


def someone_found(desk: Desk, chief: Officer, text: str = "at the #fair", by: str = "al") -> UUID:
    item = post(text, handle=by, stream=Stream.LISTENING, thread=f"post:{text}:{by}")
    hear(desk, item, stream=stream_of(begin(desk, chief)))
    with desk.store.reading() as session:
        rows = session.exec(select(Conversation.id)).all()
    return max(rows)


def last_entry(desk: Desk) -> bytes:
    with desk.store.reading() as session:
        return session.exec(select(LogEntry.body).order_by(LogEntry.seq.desc())).first() or b""  # type: ignore[attr-defined]


def test_looks_at_one_person_are_counted_and_asked_for(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    first = someone_found(both, chief_of_both)
    second = someone_found(both, chief_of_both, "more of the #fair")
    open_thread(both, officer_of_both, first)
    assert b'"ground":"first_look"' in last_entry(both)
    with pytest.raises(NeedsReason):
        open_thread(both, officer_of_both, second)
    open_thread(both, officer_of_both, second, Why("the pomegranate affair"))
    assert b'"ground":"reason"' in last_entry(both)
    assert b"pomegranate" not in last_entry(both)
    clock.advance(DAY)
    with pytest.raises(NeedsPermission):
        open_thread(both, officer_of_both, first, Why("once more"))
    open_thread(both, chief_of_both, first)
    clock.advance(28 * DAY)
    open_thread(both, officer_of_both, first)


def test_reading_on_in_the_same_conversation_is_one_look(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    conversation = someone_found(both, chief_of_both)
    for _ in range(10):
        open_thread(both, officer_of_both, conversation)
        clock.advance(60)
    with both.store.reading() as session:
        assert len(session.exec(select(PersonView)).all()) == 1


def test_a_refused_look_opens_nothing_and_counts_nothing(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    conversation = someone_found(both, chief_of_both)
    open_thread(both, officer_of_both, conversation)
    clock.advance(DAY)
    before = last_entry(both)
    with pytest.raises(NeedsReason):
        open_thread(both, officer_of_both, conversation)
    assert last_entry(both) == before


def test_a_supervisor_lets_an_officer_look_on_and_the_log_says_so(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    conversation = someone_found(both, chief_of_both)
    for reason in ("", "again"):
        open_thread(both, officer_of_both, conversation, Why(reason))
        clock.advance(DAY)
    with pytest.raises(NeedsPermission):
        open_thread(both, officer_of_both, conversation, Why("again"))
    leave = Leave("kit", rationale="An event page, not a person: see the pomegranate")
    permit(both, chief_of_both, conversation, leave)
    assert b'"ground":"supervisor_rationale"' in last_entry(both)
    assert b"pomegranate" not in last_entry(both)
    open_thread(both, officer_of_both, conversation)
    clock.advance(27 * DAY)
    (one,) = counted(both, chief_of_both)
    assert (one.officer, one.looks) == ("Kit Lane", 1)


@pytest.mark.parametrize(
    ("leave", "why"),
    [
        (Leave("kit"), "either"),
        (Leave("kit", "because", "RIPA/1"), "either"),
        (Leave("nobody", "because"), "no person"),
        (Leave("sam", "because"), "own looks"),
        (Leave("kit", authority="a name, and more!"), "reference"),
    ],
)
def test_leave_that_is_none_is_refused(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, leave: Leave, why: str
) -> None:
    conversation = someone_found(both, chief_of_both)
    with pytest.raises(RuleError, match=why):
        permit(both, chief_of_both, conversation, leave)
    with pytest.raises(NotAllowed):
        permit(both, officer_of_both, conversation, Leave("sam", "because"))


def test_leave_runs_no_longer_than_its_form_allows(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    conversation = someone_found(both, chief_of_both)
    late = clock.now() + timedelta(days=29)
    with pytest.raises(RuleError, match="at most"):
        permit(both, chief_of_both, conversation, Leave("kit", "because", expires_at=late))
    given = permit(
        both, chief_of_both, conversation, Leave("kit", authority="RIPA/9", expires_at=late)
    )
    assert given == late


def test_inbound_contact_and_a_threat_to_life_are_exempt_and_the_log_says_why(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    hear(both, post("hello"))
    (inbound,) = order(both, officer_of_both, Query())
    danger = someone_found(both, chief_of_both, "a knife at the #fair", by="bo")
    for _ in range(4):
        open_thread(both, officer_of_both, inbound)
        assert b'"ground":"inbound_contact"' in last_entry(both)
        open_thread(both, officer_of_both, danger)
        assert b'"ground":"threat_to_life"' in last_entry(both)
        clock.advance(DAY)


def test_an_officer_who_says_life_is_at_risk_is_let_in_and_must_say_why(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer, clock: SetClock
) -> None:
    conversation = someone_found(both, chief_of_both)
    open_thread(both, officer_of_both, conversation)
    clock.advance(DAY)
    with pytest.raises(RuleError, match="threat to life"):
        open_thread(both, officer_of_both, conversation, Why(threat_to_life=True))
    open_thread(both, officer_of_both, conversation, Why("he has a rope", threat_to_life=True))
    assert b'"ground":"threat_to_life"' in last_entry(both)


def test_two_contacts_taken_for_one_person_are_counted_as_one(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    first = someone_found(both, chief_of_both, by="al")
    second = someone_found(both, chief_of_both, "again #fair", by="al_alt")
    with both.store.reading() as session:
        ids = [session.get_one(Conversation, one).contact_id for one in (first, second)]
    merge(both, officer_of_both, ids[0], ids[1], "the same person")
    open_thread(both, officer_of_both, first)
    with pytest.raises(NeedsReason):
        open_thread(both, officer_of_both, second)


def test_two_looks_at_once_are_not_both_the_first(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    found = [someone_found(both, chief_of_both, f"{n} #fair") for n in range(4)]
    start = threading.Barrier(4)
    opened: list[UUID] = []
    asked: list[UUID] = []

    def look(conversation: UUID) -> None:
        start.wait()
        try:
            open_thread(both, officer_of_both, conversation)
            opened.append(conversation)
        except NeedsReason:
            asked.append(conversation)

    threads = [threading.Thread(target=look, args=(one,)) for one in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(opened), len(asked)) == (1, 3)


def test_only_those_who_answer_for_it_see_who_looked_at_whom(
    both: Desk, chief_of_both: Officer, officer_of_both: Officer
) -> None:
    open_thread(both, officer_of_both, someone_found(both, chief_of_both))
    with pytest.raises(NotAllowed):
        counted(both, officer_of_both)
    auditor = make_officer(both, "ada", "Ada West", Role.AUDITOR)
    assert [one.told()["looks"] for one in counted(both, auditor)] == [1]
