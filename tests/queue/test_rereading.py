from dataclasses import replace

import pytest
from sqlmodel import select

from socialdesk.classify.assessment import Assessment, Urgency
from socialdesk.core.ids import first_id_at
from socialdesk.queue.acts import ThriveNote, assess
from socialdesk.queue.claims import claim
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.queue.rereading import Reread, Unread, keep, opened, unread, unsure
from socialdesk.queue.thread import open_thread
from socialdesk.store.tables import AssessmentRow, Conversation
from tests.desks import START, KeywordAssessor, hear, post

FIRST, SECOND = KeywordAssessor.model, "deep-1"


def _waiting(desk: Desk) -> list[Unread]:
    return unread(desk, FIRST, SECOND, first_id_at(START.replace(year=2020)), 100)


def _says(urgency: Urgency) -> Assessment:
    (said,) = KeywordAssessor().assess(["he has a knife"])
    return replace(said, urgency=urgency, model=SECOND)


def _keep(desk: Desk, urgency: Urgency) -> int:
    found = [Reread(one.message_id, _says(urgency)) for one in _waiting(desk)]
    return keep(desk, desk.service("ingest"), found)


def _rank(desk: Desk) -> int:
    with desk.store.reading() as session:
        return session.exec(select(Conversation.urgency_rank)).one()


def test_what_the_deep_tier_finds_urgent_rises_at_once_and_both_scores_are_kept(
    desk: Desk,
) -> None:
    hear(desk, post("dont ring me, hes in the shower"))
    assert _rank(desk) == Urgency.NONE.rank
    assert _keep(desk, Urgency.IMMEDIATE) == 1
    assert _rank(desk) == Urgency.IMMEDIATE.rank
    with desk.store.reading() as session:
        assert set(session.exec(select(AssessmentRow.model)).all()) == {FIRST, SECOND}
    assert _waiting(desk) == []


def test_the_deep_tier_lowers_nothing(desk: Desk) -> None:
    hear(desk, post("he has a knife"))
    assert _keep(desk, Urgency.NONE) == 0
    assert _rank(desk) == Urgency.IMMEDIATE.rank


def test_what_an_officer_graded_since_is_left_alone(desk: Desk, officer: Officer) -> None:
    hear(desk, post("dont ring me"))
    with desk.store.reading() as session:
        name = session.exec(select(Conversation.id)).one()
    claim(desk, officer, name)
    assess(desk, officer, name, ThriveNote(Urgency.ROUTINE, "spoken to, all is well"))
    assert _keep(desk, Urgency.IMMEDIATE) == 0
    assert _rank(desk) == Urgency.ROUTINE.rank


def test_the_newest_reading_is_the_one_that_officers_see(desk: Desk, officer: Officer) -> None:
    hear(desk, post("dont ring me"))
    _keep(desk, Urgency.PRIORITY)
    with desk.store.reading() as session:
        name = session.exec(select(Conversation.id)).one()
    assert open_thread(desk, officer, name).said[0].urgency is Urgency.PRIORITY


def test_a_message_is_opened_after_what_its_contact_wrote_before(desk: Desk) -> None:
    for minute, text in enumerate(["hes outside", "please", "."]):
        hear(desk, post(text, thread="post:1:jo", at=START.replace(minute=minute)))
    last = _waiting(desk)[-1]
    (found,) = opened(desk, desk.service("ingest"), [last.message_id])
    assert (found.before, found.text) == (("hes outside", "please"), ".")


def test_opening_to_read_again_is_recorded_as_a_consultation(desk: Desk) -> None:
    hear(desk, post("hello"))
    with desk.store.reading() as session:
        before = desk.log.size(session)
    opened(desk, desk.service("ingest"), [one.message_id for one in _waiting(desk)])
    with desk.store.reading() as session:
        assert desk.log.size(session) == before + 1


@pytest.mark.parametrize(("chance", "distance"), [(0.5, 0.0), (0.1, 0.4), (0.9, 0.4)])
def test_the_least_certain_are_nearest_to_the_threshold(chance: float, distance: float) -> None:
    assert unsure({"immediate": chance}, 0.5) == pytest.approx(distance)
