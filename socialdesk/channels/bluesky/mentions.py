"""The walk over notifications, newest first.

Bluesky lists a post by the time at which it was indexed, or by the time its author claims where
that is earlier. A phone whose clock is slow therefore puts its post a little below the newest, so
the walk reads one page further than the one that reached the cursor. What an author dates back past
that page is beyond a walk from a cursor; a walk without one finds it.
"""

from socialdesk.channels.base import Page
from socialdesk.channels.bluesky.failures import failures
from socialdesk.channels.bluesky.order import cursor_at, time_of
from socialdesk.channels.bluesky.parse import SPOKEN, Parsed, parse_notifications
from socialdesk.channels.bluesky.transport import Answer
from socialdesk.channels.bluesky.xrpc import Xrpc

PAGE_SIZE = 50


def read_mentions(xrpc: Xrpc, *, since: str | None, page: str | None) -> Page:
    """Return one page of mentions, replies and quotes; where it reaches `since`, the next as well.

    Raises:
        ChannelError, any of transport.FAILED: as the calls met with.
    """
    parsed, answer = _listed(xrpc, page)
    items, rejected, onward = list(parsed.items), list(parsed.rejected), parsed.next_page
    if onward is not None and since is not None and _reaches(parsed, since):
        further, answer = _listed(xrpc, onward)
        items += further.items
        rejected += further.rejected
        onward = None
    return Page(
        items=items,
        rejected=rejected,
        next_page=onward,
        allowance=failures.limits.allowance(answer.headers),
        cursor=cursor_at(max(parsed.times)) if parsed.times else None,
    )


def _listed(xrpc: Xrpc, cursor: str | None) -> tuple[Parsed, Answer]:
    params = {"limit": PAGE_SIZE, "reasons": sorted(SPOKEN)}
    if cursor is not None:
        params["cursor"] = cursor
    answer = xrpc.query("app.bsky.notification.listNotifications", params)
    return parse_notifications(answer.body, xrpc.session.did), answer


def _reaches(parsed: Parsed, since: str) -> bool:
    return any(at <= time_of(since) for at in parsed.times)
