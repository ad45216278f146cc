"""What comes before what on Bluesky: cursors are the network's own times, never an author's.

An author chooses a post's key and claims its time, so neither may move a cursor: a post dated into
the future would hide what follows. A cursor is therefore the time at which Bluesky lists a thing.
A remote id is understood as well; of a post's address it can only tell the time its author claims.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from socialdesk.channels.bluesky.tid import moment_of
from socialdesk.channels.members import moment

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


def cursor_at(at: datetime) -> str:
    """Return the cursor that stands at a moment."""
    return at.isoformat(timespec="microseconds")


def written(at: datetime) -> str:
    """Return a moment as the AT Protocol writes it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_there(headers: Mapping[str, str]) -> datetime:
    """Return the server's own time, from its Date header; ours where it names none."""
    try:
        found = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return datetime.now(UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
