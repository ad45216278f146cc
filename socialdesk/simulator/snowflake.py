"""Identifiers by time: milliseconds since an epoch, then some bits, as decimal text.

By default X's own: its epoch and 22 bits.

Source: the announcement of Snowflake and the public archive of its code; the epoch is
1288834974657 (4 November 2010).
"""

from datetime import UTC, datetime
from hashlib import sha256

EPOCH_MS = 1_288_834_974_657
SEQUENCE_BITS = 22


class Mint:
    """Gives out ids that only rise, near the moment they are asked for."""

    def __init__(self, epoch_ms: int = EPOCH_MS, bits: int = SEQUENCE_BITS) -> None:
        self._epoch_ms = epoch_ms
        self._bits = bits
        self._last = 0

    def next(self, at: datetime) -> str:
        """Return an id above all earlier ones, no earlier than `at`'s own."""
        milliseconds = int(at.timestamp() * 1000) - self._epoch_ms
        self._last = max(milliseconds << self._bits, self._last + 1)
        return str(self._last)

    def seen(self, remote_id: str) -> None:
        """Note an id given out before a restart."""
        self._last = max(self._last, int(remote_id))


def moment(remote_id: str) -> datetime:
    """Return when an id was given out, to the millisecond."""
    milliseconds = (int(remote_id) >> SEQUENCE_BITS) + EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def user_id_for(handle: str) -> str:
    """Return the id every simulated network gives to `handle`: the same on each start."""
    digest = sha256(handle.lower().encode()).digest()
    return str(10**14 + int.from_bytes(digest[:8]) % (9 * 10**14))
