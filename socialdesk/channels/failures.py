"""From what went wrong on the wire to what the desk must know: pure decisions.

Reading is safe to repeat, so whatever is not an answer is `ChannelDown`. Sending is not: only a
request that never left, or the network's own refusal, proves that nothing was published; everything
else is `SendUnknown`, and the outbox looks whether it is there before it asks again. How a network
words its refusals is its own affair, told by a `Failures` in that network's room.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from socialdesk.channels.allowance import LimitHeaders
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

_WAIT_TODO = "Nothing is lost: the desk will try again by itself."
_REFUSED_TODO = "It was not published. Change it, or reach the person another way."
_IN_DOUBT = (408, 409, 425)
"""Refusals that may come after the work was done."""

Problem = dict[str, Any]
"""A refusal's JSON object; empty where it holds none."""


def no_word_of_it(_refused: Refused) -> bool:
    """Say no, for a network that has no such refusal."""
    return False


@dataclass(frozen=True, slots=True)
class Failures:
    """How one network says no.

    Attributes:
        network: its name, as a sentence begins with it.
        place: where the desk looks for a reply in doubt, as in "on X".
        access_todo: how the account is let in again.
        words: the network's own words in a refusal's problem.
        limits: the headers that tell of its rate limits.
        shuts_out: whether a refusal is of the account as such, whatever its status.
        holds_it: whether a refused send says that the network holds this reply, or one like it.
    """

    network: str
    place: str
    access_todo: str
    words: Callable[[Problem], Any]
    limits: LimitHeaders
    shuts_out: Callable[[Refused], bool] = no_word_of_it
    holds_it: Callable[[Refused], bool] = no_word_of_it

    def reading(self, error: Exception) -> ChannelError:
        """Return what a read without a usable answer means."""
        refused = cause_of(error, Refused)
        if refused is None:
            return ChannelDown(
                f"{self.network} gave no usable answer ({_named(error)}).", todo=_WAIT_TODO
            )
        if refused.status == 429:
            return self._rate_limited(refused)
        if refused.status in (401, 403) or self.shuts_out(refused):
            return self._access_refused("read", refused)
        return ChannelDown(
            f"{self.network} answered with an error ({self.reason(refused)}).", todo=_WAIT_TODO
        )

    def preparing(self, error: Exception) -> ChannelError:
        """Return what it means that a reply could not be made ready: nothing was published."""
        refused = cause_of(error, Refused)
        if refused is not None and 400 <= refused.status < 500:
            return self._sending_refused(refused)
        return self.reading(error)

    def sending(self, error: Exception) -> ChannelError:
        """Return what a send without success means."""
        refused = cause_of(error, Refused)
        if refused is not None:
            return self._sending_refused(refused)
        if never_left(error):
            return ChannelDown(
                f"{self.network} could not be reached ({_named(error)}); nothing was sent.",
                todo=_WAIT_TODO,
            )
        return SendUnknown(
            f"{self.network} did not say whether the reply is public ({_named(error)}).",
            todo=self._unknown_todo,
        )

    def not_understood(self, count: int) -> ChannelDown:
        """Refuse to call a reply absent when what was not understood may have been the reply."""
        return ChannelDown(
            f"{count} of the account's own messages {self.place} could not be understood, so it is "
            "not known whether the reply is there.",
            todo=self._by_hand_todo,
        )

    def out_of_reach(self) -> ChannelDown:
        """Refuse to call a reply absent when the search ended before it reached far enough."""
        return ChannelDown(
            f"There are more of the account's own messages {self.place} than could be searched, so "
            "it is not known whether the reply is there.",
            todo=self._by_hand_todo,
        )

    def reason(self, refused: Refused) -> str:
        """Return the network's own words, or the bare status where it gave none."""
        words = self.words(problem_of(refused))
        if not isinstance(words, str) or not words.strip():
            return f"HTTP {refused.status}"
        return f"{short(words).rstrip('. ')} (HTTP {refused.status})"

    def _sending_refused(self, refused: Refused) -> ChannelError:
        status, reason = refused.status, self.reason(refused)
        if status == 429:
            return self._rate_limited(refused)
        if status == 401 or self.shuts_out(refused):
            return self._access_refused("write", refused)
        if self.holds_it(refused):
            return SendDuplicate(
                f"{self.network} says that it holds this reply already ({reason}): an earlier "
                "attempt may be public.",
                todo=self._unknown_todo,
            )
        if 400 <= status < 500 and status not in _IN_DOUBT:
            return SendRefused(f"{self.network} refused the reply: {reason}.", todo=_REFUSED_TODO)
        return SendUnknown(
            f"{self.network}'s answer does not say whether the reply is public ({reason}).",
            todo=self._unknown_todo,
        )

    def _access_refused(self, what: str, refused: Refused) -> AccessRefused:
        return AccessRefused(
            f"{self.network} does not let this account {what} ({self.reason(refused)}).",
            todo=self.access_todo,
        )

    def _rate_limited(self, refused: Refused) -> RateLimited:
        return RateLimited(
            f"{self.network} has had as many requests from this account as it allows for now.",
            resets_at=self.limits.resets_at(refused.headers),
            todo=_WAIT_TODO,
        )

    @property
    def _unknown_todo(self) -> str:
        return f"Do not send it again: the desk looks {self.place} whether it is there."

    @property
    def _by_hand_todo(self) -> str:
        return f"Look at the account {self.place} and settle the reply by hand."


def problem_of(refused: Refused) -> Problem:
    """Return the JSON object in a refusal; an empty one where there is none."""
    try:
        problem = json.loads(refused.body)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _named(error: Exception) -> str:
    cause = cause_of(error, Unreadable) or error
    return f"{type(cause).__name__}: {short(str(cause))}"
