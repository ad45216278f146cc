"""A feed as a channel: read with conditional GETs, one page a walk, and never written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256

import requests

from socialdesk.channels.base import (
    Allowance,
    Author,
    Capabilities,
    Outgoing,
    Page,
    Receipt,
    Rejected,
    Stream,
)
from socialdesk.channels.feed.capabilities import FEED
from socialdesk.channels.feed.cursor import FeedCursor, first_ids, read_cursor
from socialdesk.channels.feed.parse import Parsed, parse_feed, short_hash
from socialdesk.channels.feed.transport import Answer, Unreadable, fetch, may_be_asked
from socialdesk.core.clock import Clock, SystemClock
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    ChannelError,
    ConfigError,
    RateLimited,
    SendRefused,
)

ACCEPTED = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8"
_UNKNOWN = Allowance(None, None, None)
_REFUSALS = frozenset((401, 402, 403, 407, 410, 451))


class FeedChannel:
    """One feed. Keeps no state between calls.

    Raises:
        ConfigError: there is no address, or it is neither https nor on this machine.
    """

    def __init__(
        self, base_url: str | None, timeout_seconds: float, clock: Clock | None = None
    ) -> None:
        if base_url is None or not may_be_asked(base_url):
            raise ConfigError(
                f"A feed needs base_url, an address that begins with https, found {base_url!r}.",
                todo="Write for example base_url: https://www.acton.example/news/rss.xml",
            )
        self._url = base_url
        self._timeout = timeout_seconds
        self._clock = clock or SystemClock()

    @property
    def capabilities(self) -> Capabilities:
        """What a feed can do."""
        return FEED

    def identify(self) -> Author:
        """Return the feed's address and title."""
        title = self._parsed(self._answer(FeedCursor(""))).title
        return Author(self._url, "", title)

    def newest(self, first: str, second: str) -> str:
        """Return either: entries have no order of their own; the page's cursor is what counts."""
        return max(first, second)

    def read(
        self, stream: Stream, *, since: str | None, page: str | None, before: str | None = None
    ) -> Page:
        """Return the whole feed as one page; an empty one where it has not changed."""
        del stream, page, before
        cursor = read_cursor(since, short_hash(self._url, 12))
        answer = self._answer(cursor)
        body = sha256(answer.body).hexdigest()[:16]
        if answer.status == requests.codes.not_modified:
            return Page((), (), None, _UNKNOWN, cursor.written())
        moved = replace(
            cursor,
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
            body=body,
        )
        if body == cursor.body:
            return Page((), (), None, _UNKNOWN, moved.written())
        found = self._parsed(answer)
        rejected = [*found.rejected, *_passed_unseen(cursor, found)]
        moved = replace(moved, ids=first_ids(found.ids))
        return Page(found.items, rejected, None, _UNKNOWN, moved.written())

    def send(self, outgoing: Outgoing) -> Receipt:
        """Refuse: nothing can be written to a feed."""
        del outgoing
        raise SendRefused(
            "A feed is only read; nothing was published.", todo="Answer where it was published."
        )

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        """Return None: nothing was ever sent to a feed."""
        del outgoing
        return None

    def _answer(self, cursor: FeedCursor) -> Answer:
        headers = {"Accept": ACCEPTED, "Accept-Encoding": "gzip", "User-Agent": "socialdesk"}
        try:
            answer = fetch(self._url, headers | cursor.conditions(), self._timeout)
        except (Unreadable, requests.RequestException, OSError, ValueError) as error:
            what = str(error) if isinstance(error, Unreadable) else type(error).__name__
            raise ChannelDown(f"The feed could not be read: {what}.", todo=_TODO) from error
        if answer.status in {requests.codes.ok, requests.codes.not_modified}:
            return answer
        raise _refused(answer, self._clock.now())

    def _parsed(self, answer: Answer) -> Parsed:
        try:
            return parse_feed(answer.body, self._url, _charset(answer.headers), self._clock.now())
        except ValueError as error:
            raise ChannelDown(f"The feed could not be read: {error}.", todo=_TODO) from error


_TODO = "Nothing is lost: it is read again. If it stays so, look at its address in a browser."


def _passed_unseen(cursor: FeedCursor, found: Parsed) -> list[Rejected]:
    if not cursor.has_lost_sight(found.ids):
        return []
    note = "nothing that was last read is in the feed any more: entries may have passed unseen"
    return [Rejected(cursor.written().encode(), f"{note}; poll it more often")]


def _charset(headers: Mapping[str, str]) -> str:
    """Return the charset parameter of the content type, where it is a plain name."""
    message = Message()
    message["content-type"] = headers.get("content-type", "")
    charset = message.get_content_charset("")
    return charset if charset.replace("-", "").replace("_", "").isalnum() else ""


def _refused(answer: Answer, now: datetime) -> ChannelError:
    if answer.status == requests.codes.too_many_requests:
        return RateLimited(
            "The feed's publisher has had as many requests as it allows for now.",
            resets_at=_retry_at(answer.headers.get("retry-after", ""), now),
            todo="Nothing is lost: it is read again then.",
        )
    if answer.status in _REFUSALS:
        return AccessRefused(
            f"The feed's publisher no longer gives it to us (HTTP {answer.status}).",
            todo="Ask the publisher, or take the account out of the force's file.",
        )
    return ChannelDown(f"The feed's publisher answered HTTP {answer.status}.", todo=_TODO)


def _retry_at(said: str, now: datetime) -> datetime | None:
    """Return when Retry-After allows the next request (RFC 9110 section 10.2.3)."""
    try:
        if said.isascii() and said.isdigit():
            return now + timedelta(seconds=min(int(said[:9]), 86_400))
        return parsedate_to_datetime(said).astimezone(UTC) if said else None
    except (ValueError, OverflowError, TypeError):
        return None
