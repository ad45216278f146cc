"""What comes before what on Bluesky: cursors are the network's own times, never an author's.

An author chooses a post's key and claims its time, so neither may move a cursor: a post dated into
the future would hide what follows. A cursor is therefore the time at which Bluesky lists a thing.
A remote id is understood as well; of a post's address it can only tell the time its author claims.
"""

from datetime import UTC, datetime

from socialdesk.channels.bluesky.tid import moment_of

EARLIEST = datetime.min.replace(tzinfo=UTC)


def time_of(place: str) -> datetime:
    """Return the time that a cursor or a remote id stands for; of what tells none, the earliest.

    An address ends in its key, and a cursor of two times in the later one.
    """
    last = place.rpartition("/")[2]
    claimed = moment_of(last)
    if claimed is not None:
        return claimed
    try:
        return moment(last)
    except ValueError:
        return EARLIEST


def moment(text: str) -> datetime:
    """Return the time in a datetime string of the AT Protocol, in UTC.

    Raises:
        ValueError: it is not one, or names no time zone.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text[:40]!r} is beyond all calendars") from error
    raise ValueError("the time names no time zone")


def cursor_at(at: datetime) -> str:
    """Return the cursor that stands at a moment."""
    return at.isoformat(timespec="microseconds")


def written(at: datetime) -> str:
    """Return a moment as the AT Protocol writes it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
