"""Looking back for a reply whose sending ended in doubt: found, proven absent, or neither."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from socialdesk.channels.base import Outgoing, Receipt
from socialdesk.channels.failures import Failures

CLOCK_SKEW = timedelta(minutes=2)
"""How far our clock and a network's may disagree."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one page of the account's own messages showed.

    Attributes:
        found: the reply, if it was on the page.
        unread: how many messages on it could not be understood.
        times: when those that could be understood were written.
        next_page: token of the next older page.
    """

    found: Receipt | None
    unread: int
    times: Sequence[datetime]
    next_page: str | None


def earliest(outgoing: Outgoing) -> datetime:
    """Return the moment before which a network cannot hold `outgoing`."""
    return outgoing.queued_at - CLOCK_SKEW


def search(
    look: Callable[[str | None], Look], outgoing: Outgoing, failures: Failures, *, pages: int
) -> Receipt | None:
    """Look page by page, newest first, until the reply is found or must have been met.

    Raises:
        ChannelDown: its absence is not proven, as some message could not be understood or `pages`
            did not reach back to before it was queued.
        ChannelError: as `look` raises.
    """
    page: str | None = None
    unread = 0
    for _ in range(pages):
        seen = look(page)
        if seen.found is not None:
            return seen.found
        unread += seen.unread
        page = seen.next_page
        if page is None or any(at < earliest(outgoing) for at in seen.times):
            if unread:
                raise failures.not_understood(unread)
            return None
    raise failures.out_of_reach()
