import threading
from uuid import UUID

import pytest

from socialdesk.classify.assessment import Urgency
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import ConfigError, IllegalMove, NotYours, RuleError
from socialdesk.queue import acts, claims
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from tests.desks import hear, make_officer, post


@pytest.fixture
def conversation(desk: Desk, officer: Officer) -> UUID:
    hear(desk, post("a theft at the station"))
    (only,) = order(desk, officer, Query())
    return only


def test_a_claim_shows_its_owner_to_everyone(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    other = make_officer(desk, "sasha", "Sasha Ali")
    claims.claim(desk, officer, conversation)
    assert lines(desk, officer, [conversation])[conversation].mine
    seen = lines(desk, other, [conversation])[conversation]
    assert (seen.mine, seen.owner) == (False, "Pat Morgan")


def test_nobody_takes_what_someone_holds(desk: Desk, officer: Officer, conversation: UUID) -> None:
    claims.claim(desk, officer, conversation)
    with pytest.raises(NotYours, match="Pat Morgan holds"):
        claims.claim(desk, make_officer(desk, "sasha", "Sasha Ali"), conversation)


def test_a_lease_that_ran_out_is_free_for_others_and_fences_out_its_old_holder(
    desk: Desk, officer: Officer, conversation: UUID, clock: SetClock
) -> None:
    other = make_officer(desk, "sasha", "Sasha Ali")
    first = claims.claim(desk, officer, conversation)
    clock.advance(desk.force.claim_seconds + 1)
    second = claims.claim(desk, other, conversation)
    assert second.fence > first.fence
    with pytest.raises(NotYours):
        acts.close(desk, officer, conversation, "no_action")


def test_claiming_again_renews_the_lease_under_the_same_fence(
    desk: Desk, officer: Officer, conversation: UUID, clock: SetClock
) -> None:
    first = claims.claim(desk, officer, conversation)
    clock.advance(60)
    second = claims.claim(desk, officer, conversation)
    assert second.fence == first.fence
    assert second.until > first.until


def test_of_many_who_reach_for_one_contact_exactly_one_gets_it(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    people = [officer, *(make_officer(desk, f"o{n}", f"Officer {n}") for n in range(4))]
    won: list[str] = []

    def reach(person: Officer) -> None:
        try:
            claims.claim(desk, person, conversation)
        except NotYours:
            return
        won.append(person.name)

    threads = [threading.Thread(target=reach, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_what_is_released_can_be_claimed_by_another(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    claims.claim(desk, officer, conversation)
    claims.release(desk, officer, conversation)
    claims.claim(desk, make_officer(desk, "sasha", "Sasha Ali"), conversation)


def test_every_act_needs_the_claim(desk: Desk, officer: Officer, conversation: UUID) -> None:
    thrive = acts.ThriveNote(Urgency.ROUTINE, "no threat seen")
    for act in (
        lambda: acts.assess(desk, officer, conversation, thrive),
        lambda: acts.escalate(desk, officer, conversation, "dispatch", "see thread"),
        lambda: acts.close(desk, officer, conversation, "no_action"),
        lambda: claims.release(desk, officer, conversation),
    ):
        with pytest.raises(NotYours):
            act()


def test_an_officers_grade_replaces_the_models_up_or_down(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    claims.claim(desk, officer, conversation)
    for grade in (Urgency.IMMEDIATE, Urgency.ROUTINE):
        acts.assess(desk, officer, conversation, acts.ThriveNote(grade, "because"))
        assert lines(desk, officer, [conversation])[conversation].urgency is grade
    assert len(open_thread(desk, officer, conversation).notes) == 2


def test_an_assessment_or_escalation_without_reasons_is_refused(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    claims.claim(desk, officer, conversation)
    with pytest.raises(RuleError, match="needs its reasons"):
        acts.assess(desk, officer, conversation, acts.ThriveNote(Urgency.ROUTINE, "  "))
    with pytest.raises(RuleError, match="needs a note"):
        acts.escalate(desk, officer, conversation, "dispatch", "")


def test_an_escalation_goes_where_the_force_knows_someone(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    claims.claim(desk, officer, conversation)
    with pytest.raises(ConfigError, match="no destination 'the pub'"):
        acts.escalate(desk, officer, conversation, "the pub", "note")
    acts.escalate(desk, officer, conversation, "dispatch", "knife at the door")
    (note,) = open_thread(desk, officer, conversation).notes
    assert (note.kind, note.text) == ("escalated to dispatch", "knife at the door")


def test_closing_names_a_disposition_and_cannot_happen_twice(
    desk: Desk, officer: Officer, conversation: UUID
) -> None:
    claims.claim(desk, officer, conversation)
    with pytest.raises(ConfigError, match="no disposition"):
        acts.close(desk, officer, conversation, "whatever")
    acts.close(desk, officer, conversation, "advice_given")
    claims.claim(desk, officer, conversation)
    with pytest.raises(IllegalMove, match="closed cannot close"):
        acts.close(desk, officer, conversation, "advice_given")
    acts.reopen(desk, officer, conversation)
    assert order(desk, officer, Query()) == [conversation]


def test_another_force_cannot_be_reached_by_guessing_an_id(desk: Desk, officer: Officer) -> None:
    with pytest.raises(RuleError, match="has no conversation"):
        claims.claim(desk, officer, UUID(int=7))
