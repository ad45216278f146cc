"""How long to wait after failures: doubling, bounded, and jittered so that crowds disperse."""

import random

LONGEST = 300.0


def backoff(failures: int, first: float, longest: float = LONGEST) -> float:
    """Return seconds to wait after `failures` in a row: half to all of first · 2^(failures-1)."""
    ceiling: float = min(longest, first * 2.0 ** min(max(failures, 1) - 1, 30))
    return random.uniform(ceiling / 2, ceiling)  # noqa: S311 spreading load needs no secrecy
