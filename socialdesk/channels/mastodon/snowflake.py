"""When Mastodon gave out a status id: milliseconds since 1970, then 16 bits.

Source: Mastodon's `timestamp_id`; ids from before 2018 are small numbers and read as 1970.
"""

from datetime import UTC, datetime

SEQUENCE_BITS = 16
_LATEST_MS = 253_402_300_799_000


def moment_of(status_id: str) -> datetime:
    """Return when an id was given out, to the millisecond."""
    milliseconds = min(int(status_id) >> SEQUENCE_BITS, _LATEST_MS)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def id_at(moment: datetime) -> str:
    """Return the lowest id that could be given out at `moment`."""
    return str(max(0, int(moment.timestamp() * 1000)) << SEQUENCE_BITS)
