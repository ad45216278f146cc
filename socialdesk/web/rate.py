"""How often a partner may report: a bucket that fills evenly and holds one minute's worth."""

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


class Rates:
    """The buckets of all partners, in one process's memory."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, partner: str, per_minute: int, now: datetime) -> int:
        """Take one request; return 0, or in how many whole seconds there is room for one.

        A clock that was set back neither fills nor empties a bucket.
        """
        bucket = self._buckets.setdefault(partner, _Bucket(per_minute, now))
        gone = max(0.0, (now - bucket.at).total_seconds())
        bucket.left = min(float(per_minute), bucket.left + gone * per_minute / 60)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return max(1, math.ceil((1 - bucket.left) * 60 / per_minute))
