"""What Bluesky's headers say is left of a rate limit, and what time it is there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from socialdesk.channels.base import Allowance
from socialdesk.channels.bluesky.failures import reset_time


def allowance(headers: Mapping[str, str]) -> Allowance:
    """Return what is left of the limit that an answer names."""
    return Allowance(
        limit=_number(headers.get("ratelimit-limit", "")),
        remaining=_number(headers.get("ratelimit-remaining", "")),
        resets_at=reset_time(headers),
    )


def time_there(headers: Mapping[str, str]) -> datetime:
    """Return the server's own time, from its Date header; ours where it names none."""
    try:
        found = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return datetime.now(UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
