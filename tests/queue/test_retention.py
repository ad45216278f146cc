from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.core.clock import SetClock
from socialdesk.core.errors import ConfigError, NotAllowed, RuleError
from socialdesk.core.shipped import shipped
from socialdesk.queue import acts, claims
from socialdesk.queue.desk import Desk
from socialdesk.queue.erasure import Warrant, erase_conversation
from socialdesk.queue.holds import add_hold, contact_of
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer, Role, add_person, sign_in
from socialdesk.queue.retention import (
    Group,
    due_for_review,
    keep,
    load_rules,
    record_review,
    review_date,
    years_after,
)
from socialdesk.queue.search import Query
from tests.desks import PASSPHRASE, hear, post

RULES = load_rules(shipped("config"))
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
GROUPS = st.sampled_from(RULES.groups)
YEAR_SECONDS = 366 * 86400


@pytest.fixture
def desk(any_desk: Desk) -> Desk:
    """Every promise here holds on both databases."""
    return any_desk


@pytest.fixture
def chief(desk: Desk) -> Officer:
    add_person(desk, "sam", "Sam Field", Role.SUPERVISOR, PASSPHRASE)
    return sign_in(desk, "sam", PASSPHRASE)


@given(DAYS, st.integers(1, 100))
def test_a_period_ends_on_its_own_date_and_never_a_day_early(day: date, years: int) -> None:
    end = years_after(day, years)
    assert end.year == day.year + years
    assert (end.month, end.day) >= (day.month, day.day)
    assert (end - day).days >= years * 365


@pytest.mark.parametrize(
    ("day", "years", "end"),
    [
        (date(2024, 2, 29), 1, date(2025, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2096, 2, 29), 4, date(2100, 3, 1)),
        (date(2026, 10, 25), 6, date(2032, 10, 25)),
    ],
)
def test_leap_days_and_clock_changes_move_no_date_forward(day: date, years: int, end: date) -> None:
    assert years_after(day, years) == end


@given(DAYS, st.none() | DAYS, GROUPS)
def test_a_review_never_comes_before_the_first_period_has_run(
    last: date, kept: date | None, group: Group
) -> None:
    found = review_date(last, kept, group)
    assert found >= years_after(last, group.first_review.years)
    if kept is not None and kept >= last:
        assert found >= years_after(kept, group.then.years)


@given(DAYS, GROUPS, st.integers(0, 4000))
def test_a_later_contact_never_brings_the_review_forward(
    last: date, group: Group, later: int
) -> None:
    newer = last + timedelta(days=later)
    assert review_date(newer, None, group) >= review_date(last, None, group)


@given(st.sampled_from([*RULES.dispositions, "unknown"]), st.sampled_from([*RULES.categories]))
def test_what_the_model_thought_can_only_lengthen(disposition: str, category: str) -> None:
    plain = RULES.group(disposition, "chatter").first_review.years
    assert RULES.group(disposition, category).first_review.years >= plain


def test_every_disposition_of_the_shipped_force_has_a_group(desk: Desk) -> None:
    assert {ending.id for ending in desk.force.dispositions} == set(RULES.dispositions)
    assert all(group.verify_before_go_live for group in RULES.groups)


def closed_contact(desk: Desk, officer: Officer, ending: str = "no_action") -> None:
    hear(desk, post("hello", thread="t"))
    (conversation,) = order(desk, officer, Query())
    claims.claim(desk, officer, conversation)
    acts.close(desk, officer, conversation, ending)


def test_what_is_due_is_listed_once_its_day_has_come_and_never_erased_by_itself(
    desk: Desk, officer: Officer, chief: Officer, clock: SetClock
) -> None:
    closed_contact(desk, officer)
    clock.advance(730 * 86400)
    assert due_for_review(desk, RULES) == []
    clock.advance(86400)
    (due,) = due_for_review(desk, RULES)
    assert (due.group, due.held, due.closed) == ("no_police_purpose", False, True)
    record_review(desk, chief, [due])
    assert due_for_review(desk, RULES) == [due]
    erase_conversation(desk, chief, due.conversation, Warrant("RRD 7", "retention_review"))
    assert due_for_review(desk, RULES) == []


def test_a_hold_is_shown_and_a_new_message_starts_the_period_again(
    desk: Desk, officer: Officer, chief: Officer, clock: SetClock
) -> None:
    closed_contact(desk, officer)
    clock.advance(3 * YEAR_SECONDS)
    (due,) = due_for_review(desk, RULES)
    add_hold(desk, chief, contact_of(desk, due.conversation), "CPIA 1")
    (held,) = due_for_review(desk, RULES)
    assert held.held
    assert "HELD" in held.line(clock.now().date())
    hear(desk, post("me again", at=clock.now()))
    assert due_for_review(desk, RULES) == []


def test_keeping_is_a_reasoned_decision_that_sets_the_next_date(
    desk: Desk, officer: Officer, chief: Officer, clock: SetClock
) -> None:
    closed_contact(desk, officer)
    clock.advance(3 * YEAR_SECONDS)
    (due,) = due_for_review(desk, RULES)
    with pytest.raises(NotAllowed):
        keep(desk, officer, RULES, due.conversation, "risk_remains")
    with pytest.raises(RuleError, match="not a reason"):
        keep(desk, chief, RULES, due.conversation, "because")
    following = keep(desk, chief, RULES, due.conversation, "risk_remains")
    assert following == years_after(clock.now().date(), 1)
    assert due_for_review(desk, RULES) == []
    clock.advance(YEAR_SECONDS)
    assert [one.conversation for one in due_for_review(desk, RULES)] == [due.conversation]


def test_a_rule_file_that_names_no_such_group_is_refused_with_its_name(tmp_path: Path) -> None:
    text = (shipped("config") / "retention.yaml").read_text("utf-8")
    (tmp_path / "retention.yaml").write_text(text.replace("spam: no_police", "spam: no_such"))
    with pytest.raises(ConfigError, match="no_such"):
        load_rules(tmp_path)
