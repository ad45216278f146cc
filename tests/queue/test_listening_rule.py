from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.core.errors import RuleError
from socialdesk.queue.listening_rule import (
    LONGEST,
    URGENT,
    Authority,
    Form,
    Proposal,
    Rank,
    allowed,
    months_after,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULE = Proposal(("town centre disorder", "#NorthshireFlood"), "disorder at the fair", "DPIA/7")
WRITTEN = Authority(
    "RIPA/2026/3", "A. Superintendent", Rank.SUPERINTENDENT, Form.WRITTEN, NOW, NOW + LONGEST
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis adds the zone


def test_a_rule_on_a_topic_runs_for_28_days_at_most() -> None:
    assert allowed(RULE, NOW).expires_at == NOW + LONGEST
    with pytest.raises(RuleError, match="28 days"):
        allowed(replace(RULE, expires_at=NOW + LONGEST + timedelta(seconds=1)), NOW)
    with pytest.raises(RuleError, match="ended already"):
        allowed(replace(RULE, expires_at=NOW), NOW)


@pytest.mark.parametrize("term", ["John Smith", "@jo", "AB12 CDE", "07700 900123", "from:jo"])
def test_a_rule_that_names_someone_is_refused_without_an_authority(term: str) -> None:
    with pytest.raises(RuleError, match="directed surveillance"):
        allowed(replace(RULE, terms=("flood", term)), NOW)
    assert allowed(replace(RULE, terms=(term,), authority=WRITTEN), NOW).named


def test_a_purpose_that_names_someone_is_refused_as_the_rule_would_be() -> None:
    with pytest.raises(RuleError, match="directed surveillance"):
        allowed(replace(RULE, purpose="to find John Smith at the fair"), NOW)


def test_a_rule_ends_with_its_authority() -> None:
    short = replace(WRITTEN, expires_at=NOW + timedelta(days=2))
    assert allowed(replace(RULE, authority=short), NOW).expires_at == short.expires_at
    with pytest.raises(RuleError, match="no longer than its authority"):
        wanted = short.expires_at + timedelta(hours=1)
        allowed(replace(RULE, authority=short, expires_at=wanted), NOW)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reference": "Supt Jones said so, ring her!"}, "reference"),
        ({"officer": " "}, "authorising officer"),
        ({"rank": Rank.INSPECTOR}, "superintendent"),
        ({"granted_at": NOW + timedelta(minutes=1)}, "future"),
        ({"expires_at": NOW}, "has ended"),
        ({"expires_at": months_after(NOW, 3) + timedelta(seconds=1)}, "3 months"),
        ({"form": Form.URGENT_ORAL, "expires_at": NOW + URGENT + timedelta(seconds=1)}, "72 hours"),
    ],
)
def test_what_could_not_be_an_authority_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(RuleError, match=why):
        allowed(replace(RULE, authority=replace(WRITTEN, **changes)), NOW)  # type: ignore[arg-type]


def test_an_inspector_may_authorise_orally_for_72_hours() -> None:
    oral = replace(WRITTEN, rank=Rank.INSPECTOR, form=Form.URGENT_ORAL, expires_at=NOW + URGENT)
    assert allowed(replace(RULE, authority=oral), NOW).expires_at == NOW + URGENT


@pytest.mark.parametrize(
    "terms",
    [
        (),
        ("",),
        ("ab",),
        ('a "quoted" one',),
        ("x" * 101,),
        ("a\\b c",),
        tuple("abc" + str(n) for n in range(21)),
    ],
)
def test_terms_that_could_not_be_searched_for_are_refused(terms: tuple[str, ...]) -> None:
    with pytest.raises(RuleError):
        allowed(replace(RULE, terms=terms), NOW)


@given(moments, st.integers(1, 24))
def test_months_never_run_longer_than_the_calendar_says(moment: datetime, months: int) -> None:
    later = months_after(moment, months)
    assert (later.year * 12 + later.month) - (moment.year * 12 + moment.month) == months
    assert later.day <= moment.day
    assert later.time() == moment.time()


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=200)))
def test_whatever_is_wanted_no_rule_outlives_28_days_or_its_authority(
    now: datetime, wanted: timedelta
) -> None:
    authority = replace(WRITTEN, granted_at=now, expires_at=months_after(now, 3))
    for held in (None, authority):
        try:
            rule = allowed(replace(RULE, authority=held, expires_at=now + wanted), now)
        except RuleError:
            assert wanted > LONGEST
        else:
            assert now < rule.expires_at <= now + LONGEST
