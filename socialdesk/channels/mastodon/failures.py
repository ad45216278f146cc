"""From what went wrong on the wire to what the desk must know: pure decisions.

Reading is safe to repeat, so whatever is not an answer is `ChannelDown`. Sending is not: only a
request that never left, or the instance's own refusal, proves that nothing was published;
everything else is `SendUnknown`. Mastodon honours an Idempotency-Key for an hour, so that a second
attempt within it publishes nothing new; the outbox still looks before it asks again.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from socialdesk.channels.causes import cause_of, never_left, short
from socialdesk.channels.transport import Refused, Unreadable
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    ChannelError,
    RateLimited,
    SendRefused,
    SendUnknown,
)

_ACCESS_TODO = "Renew the account's access token on its instance (Preferences, Development)."
_WAIT_TODO = "Nothing is lost: the desk will try again by itself."
_UNKNOWN_TODO = "Do not send it again: the desk looks on the instance whether it is there."
_IN_DOUBT = (408, 409, 425)


def reading_failed(error: Exception) -> ChannelError:
    """Return what a read without a usable answer means."""
    refused = cause_of(error, Refused)
    if refused is None:
        return ChannelDown(
            f"The instance gave no usable answer ({_named(error)}).", todo=_WAIT_TODO
        )
    if refused.status == 429:
        return _rate_limited(refused)
    if refused.status in (401, 403):
        return AccessRefused(
            f"The instance does not let this account read ({_reason(refused)}).", todo=_ACCESS_TODO
        )
    return ChannelDown(
        f"The instance answered with an error ({_reason(refused)}).", todo=_WAIT_TODO
    )


def sending_failed(error: Exception) -> ChannelError:
    """Return what a send without success means."""
    refused = cause_of(error, Refused)
    if refused is not None:
        return _sending_refused(refused)
    if never_left(error):
        return ChannelDown(
            f"The instance could not be reached ({_named(error)}); nothing was sent.",
            todo=_WAIT_TODO,
        )
    return SendUnknown(
        f"The instance did not say whether the reply is public ({_named(error)}).",
        todo=_UNKNOWN_TODO,
    )


def status_of(error: Exception) -> int | None:
    """Return the status of the refusal behind an error, if that is what it was."""
    refused = cause_of(error, Refused)
    return None if refused is None else refused.status


def reset_time(headers: Mapping[str, str]) -> datetime | None:
    """Return when the rate limit resets (`X-RateLimit-Reset`, an ISO time)."""
    try:
        moment = datetime.fromisoformat(headers.get("X-RateLimit-Reset", ""))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _sending_refused(refused: Refused) -> ChannelError:
    status, reason = refused.status, _reason(refused)
    if status == 429:
        return _rate_limited(refused)
    if status == 401 or (status == 403 and "authorized scopes" in reason):
        return AccessRefused(
            f"The instance does not let this account write ({reason}).", todo=_ACCESS_TODO
        )
    if 400 <= status < 500 and status not in _IN_DOUBT:
        return SendRefused(
            f"The instance refused the reply: {reason}.",
            todo="It was not published. Change it, or reach the person another way.",
        )
    return SendUnknown(
        f"The instance's answer does not say whether the reply is public ({reason}).",
        todo=_UNKNOWN_TODO,
    )


def _rate_limited(refused: Refused) -> RateLimited:
    return RateLimited(
        "The instance has had as many requests from this account as it allows for now.",
        resets_at=reset_time(refused.headers),
        todo=_WAIT_TODO,
    )


def _named(error: Exception) -> str:
    cause = cause_of(error, Unreadable) or error
    return f"{type(cause).__name__}: {short(str(cause))}"


def _reason(refused: Refused) -> str:
    """Return the instance's own words, or the bare status where it gave none."""
    try:
        problem = json.loads(refused.body)
    except (ValueError, RecursionError):
        problem = None
    words = problem.get("error") if isinstance(problem, dict) else None
    if not isinstance(words, str) or not words.strip():
        return f"HTTP {refused.status}"
    return f"{short(words).rstrip('. ')} (HTTP {refused.status})"
