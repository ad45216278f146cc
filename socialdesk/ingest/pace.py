"""How soon a stream is read again: a pure decision from priority, rate limit and monthly budget.

A stream that is live (people write there now) is read more often than configured. Whatever is
wished, the requests left of a window are spread over the rest of it and the last is kept back, so
that a poll is never refused; the month's budget is spread over the rest of the month in the same
way, and its last tenth is for live streams alone.
"""

from dataclasses import dataclass

RESERVE = 1
LIVE_SPEED = 2.0
FASTEST = 1.0
LIVE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """What decides how soon a stream is read again.

    Attributes:
        usual: the configured interval, in seconds.
        live: people write on this stream now.
        backlog: a gap is being read at the same endpoint, one page a poll.
        left: requests left of the endpoint's window; None where the network does not say.
        window_seconds: until the window begins anew; None where the network does not say.
        budget: messages a month may read; None without a budget.
        budget_left: what remains of it.
        month_seconds: until the month ends.
        cost: messages that the last poll read.
    """

    usual: float
    live: bool = False
    backlog: bool = False
    left: int | None = None
    window_seconds: float | None = None
    budget: int | None = None
    budget_left: int = 0
    month_seconds: float = 0.0
    cost: int = 0


def interval(pace: Pace) -> float:
    """Return the seconds until the next poll."""
    wanted = max(min(pace.usual, FASTEST), pace.usual / LIVE_SPEED) if pace.live else pace.usual
    return max(wanted, _by_window(pace), _by_month(pace))


def fill_pages(pace: Pace, most: int) -> int:
    """Return how many pages of a gap may be read between two polls without slowing them."""
    if pace.left is None or pace.window_seconds is None:
        return most
    if pace.left <= RESERVE + 1:
        return 0
    polls = pace.window_seconds / interval(pace)
    return max(1, min(most, int(pace.left - RESERVE - 2 * polls - 1)))


def _by_window(pace: Pace) -> float:
    if pace.left is None or pace.window_seconds is None:
        return 0.0
    requests = pace.left - RESERVE
    polls = requests // 2 if pace.backlog else requests
    if polls <= 0:
        return pace.window_seconds + 0.5
    return pace.window_seconds / polls


def _by_month(pace: Pace) -> float:
    if pace.budget is None or pace.cost == 0:
        return 0.0
    kept = 0.0 if pace.live else pace.budget * LIVE_SHARE
    left = pace.budget_left - kept
    if left < pace.cost:
        return pace.month_seconds
    return min(pace.month_seconds, pace.month_seconds * pace.cost / left)
