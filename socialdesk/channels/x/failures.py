"""From what went wrong on the wire to what the desk must know: pure decisions.

Reading is safe to repeat, so whatever is not an answer is `ChannelDown`. Sending is not: only a
connection that was never made, or X's own refusal, proves that nothing was published; everything
else is `SendUnknown`. X's refusal of duplicate content is a `SendUnknown` too, because the post it
duplicates may be our own earlier attempt; `find_sent` tells.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from socialdesk.channels.causes import never_left, short
from socialdesk.channels.transport import Refused
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    ChannelError,
    RateLimited,
    SendDuplicate,
    SendRefused,
    SendUnknown,
)

_ACCESS_KINDS = (
    "client-forbidden",
    "unsupported-authentication",
    "oauth1-permissions",
    "not-authorized-for-resource",
)
_ACCESS_TODO = "Renew the account's X credentials or permissions in X's developer portal."
_WAIT_TODO = "Nothing is lost: the desk will try again by itself."
_UNKNOWN_TODO = "Do not send it again: the desk looks on X whether it is there."


def reading_refused(refused: Refused) -> ChannelError:
    """Return what an unsuccessful answer to a read means."""
    if refused.status == 429:
        return _rate_limited(refused)
    if refused.status in (401, 403):
        return AccessRefused(
            f"X does not let this account read ({_reason(refused)}).", todo=_ACCESS_TODO
        )
    return ChannelDown(f"X answered with an error ({_reason(refused)}).", todo=_WAIT_TODO)


def reading_failed(error: Exception) -> ChannelDown:
    """Return what a read without a usable answer means."""
    return ChannelDown(
        f"X gave no usable answer ({type(error).__name__}: {short(str(error))}).", todo=_WAIT_TODO
    )


def sending_refused(refused: Refused) -> ChannelError:
    """Return what an unsuccessful answer to a send means."""
    status, reason = refused.status, _reason(refused)
    if status == 429:
        return _rate_limited(refused)
    if status == 401 or (status == 403 and _about_access(refused)):
        return AccessRefused(f"X does not let this account write ({reason}).", todo=_ACCESS_TODO)
    if "duplicate content" in reason.lower():
        return SendDuplicate(
            "X says that this account has already posted this text: an earlier attempt may be "
            "public.",
            todo=_UNKNOWN_TODO,
        )
    if 400 <= status < 500 and status not in (408, 409, 425):
        return SendRefused(
            f"X refused the reply: {reason}.",
            todo="It was not published. Change it, or reach the person another way.",
        )
    return SendUnknown(
        f"X answered with an error that does not say whether the reply is public ({reason}).",
        todo=_UNKNOWN_TODO,
    )


def sending_failed(error: Exception) -> ChannelError:
    """Return what a send without a usable answer means."""
    if never_left(error):
        return ChannelDown(
            f"X could not be reached ({type(error).__name__}); nothing was sent.", todo=_WAIT_TODO
        )
    return SendUnknown(
        f"X did not say whether the reply is public ({type(error).__name__}: {short(str(error))}).",
        todo=_UNKNOWN_TODO,
    )


def reset_time(headers: Mapping[str, str]) -> datetime | None:
    """Return when X says the rate limit resets (`x-rate-limit-reset`, epoch seconds)."""
    try:
        return datetime.fromtimestamp(int(headers.get("x-rate-limit-reset", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _rate_limited(refused: Refused) -> RateLimited:
    return RateLimited(
        "X has had as many requests from this account as it allows for now.",
        resets_at=reset_time(refused.headers),
        todo=_WAIT_TODO,
    )


def _about_access(refused: Refused) -> bool:
    kind = str(_problem(refused).get("type", ""))
    return kind.rpartition("/")[2] in _ACCESS_KINDS


def _problem(refused: Refused) -> dict[str, Any]:
    try:
        problem = json.loads(refused.body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _reason(refused: Refused) -> str:
    """Return X's own words, or the bare status where it gave none."""
    problem = _problem(refused)
    words = problem.get("detail") or problem.get("title")
    errors = problem.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        words = errors[0].get("message") or words
    if not isinstance(words, str) or not words.strip():
        return f"HTTP {refused.status}"
    return f"{short(words).rstrip('. ')} (HTTP {refused.status})"
