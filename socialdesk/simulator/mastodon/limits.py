"""Mastodon's rate limits: windows of five minutes a token, told in three headers."""

from collections.abc import Mapping
from datetime import UTC, datetime

from socialdesk.simulator.limits import Left

WINDOW_SECONDS = 300

REAL_LIKE: Mapping[str, int] = {"*": 300}


def headers(left: Left) -> dict[str, str]:
    """Return Mastodon's three headers."""
    return {
        "X-RateLimit-Limit": str(left.limit),
        "X-RateLimit-Remaining": str(left.remaining),
        "X-RateLimit-Reset": reset(left.resets_at),
    }


def reset(epoch_seconds: float) -> str:
    """Return a moment as Mastodon writes it in the header: ISO 8601 with microseconds, Z."""
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
