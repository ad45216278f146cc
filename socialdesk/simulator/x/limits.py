"""X's rate limits: windows of fifteen minutes, told in three headers.

Source: X's published rate-limit table; `REAL_LIKE` holds its figures for a user on the Basic plan.
"""

from collections.abc import Mapping

from socialdesk.simulator.limits import Left

WINDOW_SECONDS = 900

REAL_LIKE: Mapping[str, int] = {
    "*": 15,
    "GET /2/users/me": 250,
    "GET /2/users/:id/mentions": 10,
    "GET /2/tweets/search/recent": 60,
    "GET /2/tweets": 15,
    "GET /2/users/:id/tweets": 5,
    "POST /2/tweets": 100,
}


def headers(left: Left) -> dict[str, str]:
    """Return X's three headers; the reset is in epoch seconds."""
    return {
        "x-rate-limit-limit": str(left.limit),
        "x-rate-limit-remaining": str(left.remaining),
        "x-rate-limit-reset": str(left.resets_at),
    }
