"""Rate limits: so many requests an endpoint a caller in each window of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from socialdesk.core.clock import Clock

GENEROUS: Mapping[str, int] = {"*": 5000}
"""Lets a demonstration poll every second."""


@dataclass(frozen=True, slots=True)
class Left:
    """What one request leaves of its window; `resets_at` in epoch seconds."""

    limit: int
    remaining: int
    resets_at: int
    allowed: bool


class Limits:
    """Counts requests by endpoint and caller; safe to use from many threads."""

    def __init__(self, clock: Clock, limits: Mapping[str, int], window_seconds: int) -> None:
        self._clock = clock
        self._limits = limits
        self._window = window_seconds
        self._spent: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = Lock()

    def take(self, endpoint: str, context: str) -> Left:
        """Spend one request, if one is left."""
        limit = self._limits.get(endpoint, self._limits["*"])
        window = int(self._clock.now().timestamp()) // self._window
        with self._lock:
            of, spent = self._spent.get((endpoint, context), (window, 0))
            spent = spent if of == window else 0
            allowed = spent < limit
            self._spent[endpoint, context] = (window, spent + allowed)
        resets_at = (window + 1) * self._window
        return Left(limit, limit - spent - allowed, resets_at, allowed)
