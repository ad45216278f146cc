"""From what went wrong on the wire to what the desk must know: pure decisions.

Reading is safe to repeat, so whatever is not an answer is `ChannelDown`. Before a reply leaves, its
parent or conversation is looked up: a failure there proves that nothing was published. Creating the
record or message itself is certain only when it never left or was refused; a server error may stand
for a record that exists (the reference server answers 500 to a key in use), so it is `SendUnknown`,
and the reply is looked for under its own key.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from socialdesk.channels.causes import cause_of, never_left, short
from socialdesk.channels.transport import Refused, Unreadable
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    ChannelError,
    RateLimited,
    SendDuplicate,
    SendRefused,
    SendUnknown,
)

_ACCESS_TODO = "Renew the account's app password on Bluesky; direct messages need its permission."
_WAIT_TODO = "Nothing is lost: the desk will try again by itself."
_UNKNOWN_TODO = "Do not send it again: the desk looks on Bluesky whether it is there."
_REFUSED_TODO = "It was not published. Change it, or reach the person another way."
_STALE = frozenset(("ExpiredToken", "InvalidToken"))
_NO_ACCESS = _STALE | {"AuthMissing", "AccountTakedown", "AccountDeactivated", "InsufficientScope"}
_EXISTS = frozenset(("InvalidSwap", "RecordAlreadyExists"))
_IN_DOUBT = (408, 409, 425)


def reading_failed(error: Exception) -> ChannelError:
    """Return what a read without a usable answer means."""
    refused = cause_of(error, Refused)
    if refused is None:
        return ChannelDown(f"Bluesky gave no usable answer ({_named(error)}).", todo=_WAIT_TODO)
    if refused.status == 429:
        return _rate_limited(refused)
    if refused.status in (401, 403) or name_of(refused) in _NO_ACCESS:
        return AccessRefused(
            f"Bluesky does not let this account read ({_reason(refused)}).", todo=_ACCESS_TODO
        )
    return ChannelDown(f"Bluesky answered with an error ({_reason(refused)}).", todo=_WAIT_TODO)


def preparing_failed(error: Exception) -> ChannelError:
    """Return what it means that a reply could not be made ready: nothing was published."""
    refused = cause_of(error, Refused)
    if refused is not None and 400 <= refused.status < 500:
        return _sending_refused(refused)
    return reading_failed(error)


def sending_failed(error: Exception) -> ChannelError:
    """Return what a send without success means."""
    refused = cause_of(error, Refused)
    if refused is not None:
        return _sending_refused(refused)
    if never_left(error):
        return ChannelDown(
            f"Bluesky could not be reached ({_named(error)}); nothing was sent.", todo=_WAIT_TODO
        )
    return SendUnknown(
        f"Bluesky did not say whether the reply is public ({_named(error)}).", todo=_UNKNOWN_TODO
    )


def is_stale(refused: Refused) -> bool:
    """Say whether Bluesky wants a fresh access token."""
    return name_of(refused) in _STALE


def is_absent(error: Exception) -> bool:
    """Say whether Bluesky answered that there is no such record."""
    refused = cause_of(error, Refused)
    return refused is not None and name_of(refused) == "RecordNotFound"


def name_of(refused: Refused) -> str:
    """Return the error's name, as the lexicons know it; empty when it has none."""
    name = _problem(refused).get("error")
    return name if isinstance(name, str) else ""


def reset_time(headers: Mapping[str, str]) -> datetime | None:
    """Return when the rate limit resets (`ratelimit-reset`, epoch seconds)."""
    try:
        return datetime.fromtimestamp(int(headers.get("ratelimit-reset", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _sending_refused(refused: Refused) -> ChannelError:
    status, name, reason = refused.status, name_of(refused), _reason(refused)
    if status == 429:
        return _rate_limited(refused)
    if status == 401 or name in _NO_ACCESS:
        return AccessRefused(
            f"Bluesky does not let this account write ({reason}).", todo=_ACCESS_TODO
        )
    if name in _EXISTS:
        return SendDuplicate(
            f"Bluesky holds a record under this reply's key already ({reason}).",
            todo=_UNKNOWN_TODO,
        )
    if 400 <= status < 500 and status not in _IN_DOUBT:
        return SendRefused(f"Bluesky refused the reply: {reason}.", todo=_REFUSED_TODO)
    return SendUnknown(
        f"Bluesky's answer does not say whether the reply is public ({reason}).",
        todo=_UNKNOWN_TODO,
    )


def _rate_limited(refused: Refused) -> RateLimited:
    return RateLimited(
        "Bluesky has had as many requests from this account as it allows for now.",
        resets_at=reset_time(refused.headers),
        todo=_WAIT_TODO,
    )


def _named(error: Exception) -> str:
    cause = cause_of(error, Unreadable) or error
    return f"{type(cause).__name__}: {short(str(cause))}"


def _problem(refused: Refused) -> dict[str, Any]:
    try:
        problem = json.loads(refused.body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _reason(refused: Refused) -> str:
    """Return Bluesky's own words, or the bare status where it gave none."""
    words = _problem(refused).get("message") or name_of(refused)
    if not isinstance(words, str) or not words.strip():
        return f"HTTP {refused.status}"
    return f"{short(words).rstrip('. ')} (HTTP {refused.status})"
