from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.queue.looks import (
    COUNTED,
    ONE_LOOK,
    WINDOW,
    Circumstance,
    Ground,
    Look,
    NeedsPermission,
    NeedsReason,
    ground_for,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def decided(
    *ages_in_days: float,
    found: bool = True,
    life: bool = False,
    permission: Ground | None = None,
    reason: str = "",
) -> Ground:
    looks = [Look(NOW - timedelta(days=age), Ground.FIRST_LOOK, here=True) for age in ages_in_days]
    return ground_for(Circumstance(found, life, looks, permission, reason), NOW)


def test_the_first_look_is_free_the_second_asks_a_reason_the_third_a_permission() -> None:
    assert decided() is Ground.FIRST_LOOK
    with pytest.raises(NeedsReason):
        decided(1)
    assert decided(1, reason="the fair moved") is Ground.REASON
    with pytest.raises(NeedsPermission):
        decided(1, 2, reason="the fair moved again")
    assert decided(1, 2, permission=Ground.AUTHORITY) is Ground.AUTHORITY


def test_after_28_days_a_look_counts_no_more() -> None:
    assert decided(28, 29, 40) is Ground.FIRST_LOOK
    with pytest.raises(NeedsReason):
        decided(27.9)


def test_opening_the_same_conversation_again_at_once_is_the_same_look() -> None:
    minute = 1 / 1440
    assert decided(29 * minute) is Ground.SAME_LOOK
    with pytest.raises(NeedsReason):
        decided(30 * minute)


@given(st.lists(st.floats(0, 60), max_size=8), st.booleans())
def test_whoever_wrote_to_us_and_whoever_is_in_danger_never_waits(
    ages: list[float], life: bool
) -> None:
    assert decided(*ages, found=False, life=life) is Ground.INBOUND_CONTACT
    assert decided(*ages, life=True) in {Ground.THREAT_TO_LIFE, Ground.SAME_LOOK}


looks = st.builds(
    Look,
    st.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 24), timezones=st.just(UTC)),  # noqa: DTZ001 hypothesis adds the zone
    st.sampled_from(Ground),
    st.booleans(),
)


@given(st.lists(looks, max_size=10), st.sampled_from(["", "  ", "because"]))
def test_no_history_lets_a_third_counted_look_pass_unpermitted(
    history: list[Look], reason: str
) -> None:
    recent = [look for look in history if look.ground in COUNTED and NOW - look.at < WINDOW]
    same = any(look.here and NOW - look.at < ONE_LOOK for look in history)
    of = Circumstance(found=True, life_at_risk=False, looks=history, permission=None, reason=reason)
    try:
        ground = ground_for(of, NOW)
    except NeedsPermission:
        assert len(recent) >= 2
    except NeedsReason:
        assert len(recent) == 1
        assert not reason.strip()
    else:
        assert same or len(recent) < 2
        assert ground not in {Ground.AUTHORITY, Ground.RATIONALE}
