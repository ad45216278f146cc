"""Rate limits: so many requests an endpoint an account in each window of fifteen minutes.

Source: X's published rate-limit table; `REAL_LIKE` holds its figures for a user on the Basic plan,
`GENEROUS` lets a demonstration poll every second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from socialdesk.core.clock import Clock

WINDOW_SECONDS = 900

GENEROUS: Mapping[str, int] = {"*": 5000}
REAL_LIKE: Mapping[str, int] = {
    "*": 15,
    "GET /2/users/me": 250,
    "GET /2/users/:id/mentions": 10,
    "GET /2/tweets/search/recent": 60,
    "GET /2/tweets": 15,
    "GET /2/users/:id/tweets": 5,
    "POST /2/tweets": 100,
}


@dataclass(frozen=True, slots=True)
class Left:
    """What one request leaves of its window."""

    limit: int
    remaining: int
    resets_at: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        """Return X's three headers; the reset is in epoch seconds."""
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.resets_at),
        }


class Limits:
    """Counts requests by endpoint and context; safe to use from many threads."""

    def __init__(self, clock: Clock, limits: Mapping[str, int]) -> None:
        self._clock = clock
        self._limits = limits
        self._spent: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = Lock()

    def take(self, endpoint: str, context: str) -> Left:
        """Spend one request, if one is left."""
        limit = self._limits.get(endpoint, self._limits["*"])
        window = int(self._clock.now().timestamp()) // WINDOW_SECONDS
        with self._lock:
            of, spent = self._spent.get((endpoint, context), (window, 0))
            spent = spent if of == window else 0
            allowed = spent < limit
            self._spent[endpoint, context] = (window, spent + allowed)
        resets_at = (window + 1) * WINDOW_SECONDS
        return Left(limit, limit - spent - allowed, resets_at, allowed)
