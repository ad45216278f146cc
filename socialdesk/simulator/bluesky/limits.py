"""Bluesky's rate limits: 3,000 calls in five minutes, sessions far fewer.

Source: Bluesky's published rate limits for hosted accounts. Calls are counted by lexicon name here.
"""

from collections.abc import Mapping

from socialdesk.simulator.limits import Left

WINDOW_SECONDS = 300

REAL_LIKE: Mapping[str, int] = {"*": 3000, "com.atproto.server.createSession": 30}


def headers_of(left: Left) -> dict[str, str]:
    """Return the four headers that tell what is left; the reset is in epoch seconds."""
    return {
        "ratelimit-limit": str(left.limit),
        "ratelimit-remaining": str(left.remaining),
        "ratelimit-reset": str(left.resets_at),
        "ratelimit-policy": f"{left.limit};w={WINDOW_SECONDS}",
    }
