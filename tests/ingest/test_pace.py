"""The polling pace: no poll is refused, none is wasted, and live streams come first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from socialdesk.ingest.demand import month_end
from socialdesk.ingest.pace import RESERVE, Pace, fill_pages, interval

paces = st.builds(
    Pace,
    usual=st.floats(0.2, 3600),
    live=st.booleans(),
    backlog=st.booleans(),
    left=st.none() | st.integers(0, 1000),
    window_seconds=st.none() | st.floats(0.1, 900),
    budget=st.none() | st.integers(1, 10**6),
    budget_left=st.integers(0, 10**6),
    month_seconds=st.floats(1, 31 * 86400),
    cost=st.integers(0, 1000),
)


@given(st.integers(2, 900), st.floats(0.2, 300), st.lists(st.booleans(), min_size=1), st.booleans())
def test_a_window_is_never_spent_to_its_end(
    limit: int, usual: float, live: list[bool], backlog: bool
) -> None:
    left, now, turn = limit, 0.0, 0
    while now < 900 and turn < 2000:
        left -= 1
        assert left >= RESERVE
        pace = Pace(usual, live[turn % len(live)], backlog, left, 900 - now)
        if backlog:
            left -= fill_pages(pace, 10)
            assert left >= RESERVE
            pace = replace(pace, left=left)
        now += interval(pace)
        turn += 1


@given(paces)
def test_a_live_stream_is_never_polled_later_than_a_quiet_one(pace: Pace) -> None:
    assert interval(replace(pace, live=True)) <= interval(replace(pace, live=False))


@given(paces, st.integers(0, 1000))
def test_a_shrinking_allowance_never_speeds_polling_up(pace: Pace, less: int) -> None:
    if pace.left is not None:
        assert interval(replace(pace, left=max(0, pace.left - less))) >= interval(pace)


@given(st.integers(100, 100_000), st.integers(1, 50), st.booleans())
def test_a_months_budget_lasts_the_month(budget: int, cost: int, live: bool) -> None:
    left, month = budget, 30 * 86400.0
    for _ in range(300):
        assert left >= 0
        wait = interval(
            Pace(60, live, budget=budget, budget_left=left, month_seconds=month, cost=cost)
        )
        month -= wait
        if month <= 0:
            break
        left -= cost
    assert left >= 0


def test_a_stream_with_allowance_to_spare_keeps_its_configured_pace() -> None:
    assert interval(Pace(60, left=900, window_seconds=900)) == 60
    assert interval(Pace(60, live=True, left=900, window_seconds=900)) == 30


def test_a_gap_is_read_faster_where_the_network_allows_more() -> None:
    assert fill_pages(Pace(60, left=900, window_seconds=900), 10) == 10
    assert fill_pages(Pace(60, backlog=True, left=14, window_seconds=900), 10) == 1


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_end(datetime(2026, 12, 31, 23, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_end(datetime(2026, 2, 1, tzinfo=UTC)) - timedelta(days=28) == datetime(
        2026, 2, 1, tzinfo=UTC
    )
