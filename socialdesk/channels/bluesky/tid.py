"""Timestamp identifiers: 53 bits of microseconds since 1970 and 10 of a clock's id, as 13 letters.

Source: the AT Protocol's TID and record-key specifications. Whoever writes a record chooses its
TID, so a TID from outside tells when its author says it was written, and nothing more.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH = 13
_CLOCK_BITS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNDATED = 1_700_000_000_000
"""Milliseconds from which markers that carry no time are spread, over two years."""
_SPREAD_BITS = 46


def encoded(number: int) -> str:
    """Return a number of up to 63 bits as a TID; TIDs sort as their numbers do."""
    letters = [LETTERS[(number >> shift) & 31] for shift in range(60, -1, -5)]
    return "".join(letters)


def moment_of(tid: str) -> datetime | None:
    """Return the time in a TID; None when it is none."""
    if len(tid) != LENGTH or any(letter not in LETTERS for letter in tid):
        return None
    number = 0
    for letter in tid:
        number = number * 32 + LETTERS.index(letter)
    try:
        return _EPOCH + timedelta(microseconds=number >> _CLOCK_BITS)
    except OverflowError:
        return None


def rkey_for(marker: str) -> str:
    """Return the record key of the reply that `marker` names: always the same one.

    A marker that is a UUIDv7 gives its own time, so that our records lie in the order of their
    writing, as the protocol would have it; the rest comes from the marker's hash.
    """
    mixed = int.from_bytes(sha256(marker.encode()).digest()[:8])
    made_at = _milliseconds(marker)
    if made_at is None:
        microseconds = _UNDATED * 1000 + (mixed >> _CLOCK_BITS) % (1 << _SPREAD_BITS)
    else:
        microseconds = made_at * 1000 + (mixed >> _CLOCK_BITS) % 1000
    return encoded(microseconds << _CLOCK_BITS | mixed & 1023)


def _milliseconds(marker: str) -> int | None:
    try:
        unique = UUID(marker)
    except ValueError:
        return None
    return unique.int >> 80 if unique.version == 7 else None
