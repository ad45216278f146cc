"""X as a channel, over the real tweepy client. This is the only module that loads tweepy.

Mentions are read with the application's bearer token where there is one (its rate limit is its
own); everything else needs the account's OAuth 1.0a user context.

tweepy is asked for in the words it sends itself (`tweet.fields`); X's OpenAPI document has since
renamed them (`post.fields`), and `parse` reads answers in either.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import requests
import tweepy

from socialdesk.channels.base import (
    Allowance,
    Author,
    Capabilities,
    Outgoing,
    Page,
    Receipt,
    Rechecked,
    Stream,
)
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.x import failures, sent
from socialdesk.channels.x.capabilities import X
from socialdesk.channels.x.media import gone_in, newest_versions
from socialdesk.channels.x.parse import Parsed, parse_page
from socialdesk.channels.x.search import HORIZON, query_of
from socialdesk.channels.x.slices import document, member
from socialdesk.channels.x.transport import Refused, Unreadable, XSession
from socialdesk.core.clock import Clock, SystemClock
from socialdesk.core.errors import ChannelDown

PAGE_SIZE = 100
SLACK = timedelta(minutes=1)
"""Between our clock and X's, where X would refuse an id as too old."""
POST_WALK = 8
"""Pages of own posts that `find_sent` reads at most: X serves no more than 800 to 3,200 of them."""

# At DEBUG these write tokens, signatures and people's messages into the log.
for _talkative in ("tweepy", "oauthlib", "requests_oauthlib", "urllib3"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)

_FAILED = (requests.RequestException, Unreadable, ValueError, RecursionError, OSError)
_MEDIA_FIELDS = ["alt_text", "media_key", "preview_image_url", "type", "url", "variants"]
_LOOKUP_PARAMETERS: dict[str, Any] = {
    "tweet_fields": [
        "attachments",
        "author_id",
        "conversation_id",
        "created_at",
        "entities",
        "in_reply_to_user_id",
        "note_tweet",
        "referenced_tweets",
    ],
    "expansions": ["author_id", "attachments.media_keys"],
    "user_fields": ["name", "username"],
    "media_fields": _MEDIA_FIELDS,
}
_POST_PARAMETERS: Mapping[str, Any] = _LOOKUP_PARAMETERS | {"max_results": PAGE_SIZE}
_EVENT_PARAMETERS: Mapping[str, Any] = {
    "dm_event_fields": [
        "attachments",
        "created_at",
        "dm_conversation_id",
        "entities",
        "event_type",
        "text",
    ],
    "expansions": ["sender_id", "participant_ids", "attachments.media_keys"],
    "user_fields": ["name", "username"],
    "media_fields": _MEDIA_FIELDS,
    "event_types": "MessageCreate",
    "max_results": PAGE_SIZE,
}

Call = Callable[[], Any]
"""A request through tweepy, which is untyped."""


class XChannel:
    """One X account. Keeps no state between calls; safe to use from one thread at a time."""

    def __init__(
        self, credentials: Credentials, session: XSession, clock: Clock | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._account_id = credentials.account_id
        self._by_application = credentials.bearer_token is not None
        self._client: Any = tweepy.Client(
            bearer_token=credentials.bearer_token,
            consumer_key=credentials.consumer_key,
            consumer_secret=credentials.consumer_secret,
            access_token=credentials.access_token,
            access_token_secret=credentials.access_token_secret,
            return_type=requests.Response,
            wait_on_rate_limit=False,
        )
        self._client.session = session

    @property
    def capabilities(self) -> Capabilities:
        """What X can do."""
        return X

    def identify(self) -> Author:
        """Return who the credentials belong to."""
        response = _read(lambda: self._client.get_me(user_auth=True))
        try:
            data = member(document(response.content), "data")
            user = data.value if data else {}
            return Author(str(user["id"]), str(user["username"]), str(user["name"]))
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            raise failures.reading_failed(error) from error

    def newest(self, first: str, second: str) -> str:
        """Return the later id: X's ids rise with time, as numbers."""
        return max(first, second, key=int)

    def read(
        self, stream: Stream, *, since: str | None, page: str | None, before: str | None = None
    ) -> Page:
        """Return one page; direct messages, which X cannot serve from an id on, end at `since`."""
        response = _read(lambda: self._ask(stream, since, page, before))
        parsed = self._parsed(response, stream)
        return Page(
            items=parsed.items,
            rejected=parsed.rejected,
            next_page=None if _reaches(parsed, since) else parsed.next_page,
            allowance=_allowance(response.headers),
        )

    def search(
        self, terms: Sequence[str], *, since: str | None, page: str | None, before: str | None
    ) -> Page:
        """Return one page of recent posts with any of `terms`; the account's own are left out.

        X serves seven days back and refuses an id older than that: such a `since` is left out, and
        below such a `before` there is nothing.
        """
        if before is not None and not self._is_served(before):
            return Page((), (), None, Allowance(None, None, None))
        response = _read(
            lambda: self._client.search_recent_tweets(
                query_of(terms),
                user_auth=not self._by_application,
                since_id=since if since and self._is_served(since) else None,
                until_id=before,
                next_token=page,
                **_POST_PARAMETERS,
            )
        )
        parsed = self._parsed(response, Stream.LISTENING)
        return Page(
            items=[item for item in parsed.items if not item.outbound],
            rejected=parsed.rejected,
            next_page=None if _reaches(parsed, since) else parsed.next_page,
            allowance=_allowance(response.headers),
        )

    def recheck(self, remote_ids: Sequence[str]) -> Rechecked:
        """Look posts up again; one that was edited is answered with its newest version."""
        response = self._look_up(remote_ids)
        items = list(self._parsed(response, Stream.MENTIONS).items)
        whole = document(response.content)
        if later := newest_versions(whole):
            response = self._look_up(sorted(later))
            items += self._parsed(response, Stream.MENTIONS).items
        return Rechecked(items, gone_in(whole), _allowance(response.headers))

    def send(self, outgoing: Outgoing) -> Receipt:
        """Publish a reply, asking X once; see `failures` for what each outcome means."""
        try:
            response = self._publish(outgoing)
            remote_id = _new_id(response.content, outgoing.stream)
            return Receipt(remote_id, sent.moment_of(remote_id))
        except Refused as refused:
            raise failures.sending_refused(refused) from refused
        except _FAILED as error:
            raise failures.sending_failed(error) from error

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        """Look for a reply among the account's own posts, or in the conversation with the person.

        Raises:
            ChannelDown: also when one of the messages could not be understood, or the walk did not
                reach back far enough: its absence is not proven then.
        """
        token: str | None = None
        unread = 0
        for _ in range(POST_WALK):
            parsed = self._own(outgoing, token)
            unread += len(parsed.rejected)
            for item in parsed.items:
                if sent.is_the_same(item, outgoing):
                    return Receipt(item.remote_id, item.created_at)
            token = parsed.next_page
            if token is None or any(
                item.created_at < sent.earliest(outgoing) for item in parsed.items
            ):
                _require_all_read(unread)
                return None
        raise ChannelDown(
            "X holds more of the account's own messages than could be searched, so it is not known "
            "whether the reply is there.",
            todo="Look at the account on X and settle the reply by hand.",
        )

    def _is_served(self, remote_id: str) -> bool:
        return sent.moment_of(remote_id) > self._clock.now() - HORIZON + SLACK

    def _look_up(self, remote_ids: Sequence[str]) -> requests.Response:
        return _read(
            lambda: self._client.get_tweets(
                list(remote_ids), user_auth=not self._by_application, **_LOOKUP_PARAMETERS
            )
        )

    def _ask(self, stream: Stream, since: str | None, page: str | None, before: str | None) -> Any:
        if stream is Stream.DMS:
            return self._client.get_direct_message_events(
                user_auth=True, pagination_token=page, **_EVENT_PARAMETERS
            )
        return self._client.get_users_mentions(
            self._account_id,
            user_auth=not self._by_application,
            since_id=since,
            until_id=before,
            pagination_token=page,
            **_POST_PARAMETERS,
        )

    def _own(self, outgoing: Outgoing, page: str | None) -> Parsed:
        def ask() -> Any:
            if outgoing.stream is Stream.DMS:
                return self._client.get_direct_message_events(
                    participant_id=outgoing.contact_id,
                    user_auth=True,
                    pagination_token=page,
                    **_EVENT_PARAMETERS,
                )
            return self._client.get_users_tweets(
                self._account_id, user_auth=True, pagination_token=page, **_POST_PARAMETERS
            )

        return self._parsed(_read(ask), outgoing.stream)

    def _publish(self, outgoing: Outgoing) -> Any:
        if outgoing.stream is Stream.DMS:
            return self._client.create_direct_message(
                participant_id=outgoing.contact_id, text=outgoing.text, user_auth=True
            )
        return self._client.create_tweet(
            text=outgoing.text, in_reply_to_tweet_id=outgoing.in_reply_to, user_auth=True
        )

    def _parsed(self, response: requests.Response, stream: Stream) -> Parsed:
        try:
            return parse_page(response.content, stream, account_id=self._account_id)
        except (ValueError, RecursionError) as error:
            raise failures.reading_failed(error) from error


def _read(call: Call) -> requests.Response:
    try:
        response: requests.Response = call()
    except Refused as refused:
        raise failures.reading_refused(refused) from refused
    except _FAILED as error:
        raise failures.reading_failed(error) from error
    return response


def _require_all_read(unread: int) -> None:
    """Refuse to call a reply absent when a message not understood may have been the reply."""
    if unread:
        raise ChannelDown(
            f"{unread} of the account's own messages on X could not be understood, so it is not "
            "known whether the reply is there.",
            todo="Look at the account on X and settle the reply by hand.",
        )


def _reaches(parsed: Parsed, since: str | None) -> bool:
    """Say whether a page goes back to `since` (a rejected item's id counts as well)."""
    if since is None:
        return False
    ids = [item.remote_id for item in parsed.items]
    ids += [item.remote_id for item in parsed.rejected if item.remote_id]
    return any(int(remote_id) <= int(since) for remote_id in ids)


def _new_id(body: bytes, stream: Stream) -> str:
    """Return the id in X's answer to a send.

    Raises:
        ValueError, RecursionError: there is none.
    """
    data = member(document(body), "data")
    name = "dm_event_id" if stream is Stream.DMS else "id"
    remote_id = data.value.get(name) if data and isinstance(data.value, dict) else None
    if not (isinstance(remote_id, str) and remote_id.isascii() and remote_id.isdigit()):
        raise ValueError(f"the answer holds no {name}")
    return remote_id


def _allowance(headers: Mapping[str, str]) -> Allowance:
    def number(name: str) -> int | None:
        value = headers.get(name, "")
        return int(value) if value.isascii() and value.isdigit() else None

    return Allowance(
        limit=number("x-rate-limit-limit"),
        remaining=number("x-rate-limit-remaining"),
        resets_at=failures.reset_time(headers),
    )
