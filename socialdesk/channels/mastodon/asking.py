"""Asking an instance through the real Mastodon.py: the only module that loads it."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import mastodon
import requests

from socialdesk.channels.base import Author
from socialdesk.channels.mastodon import parse
from socialdesk.channels.mastodon.credentials import MastodonCredentials
from socialdesk.channels.mastodon.failures import failures, status_of
from socialdesk.channels.mastodon.parse import Status, Statuses
from socialdesk.channels.mastodon.transport import MastodonSession
from socialdesk.channels.members import Unfit
from socialdesk.channels.slices import document
from socialdesk.channels.transport import FAILED

NOTIFICATIONS_PAGE = 80
STATUSES_PAGE = 40

# At DEBUG this writes addresses with ids of people's messages into the log.
logging.getLogger("urllib3").setLevel(logging.WARNING)

_FAILED = (*FAILED, mastodon.MastodonError, Unfit)
_NEXT = re.compile(r'<[^>]*[?&]max_id=([0-9]{1,19})[^>]*>;\s*rel="next"')

T = TypeVar("T")


class Asking:
    """The instance's endpoints that the desk uses, for one account.

    Every method may raise ChannelDown, RateLimited or AccessRefused, but `publish` and `ancestors`.
    """

    def __init__(self, credentials: MastodonCredentials, session: MastodonSession) -> None:
        self.session = session
        self._me: Author | None = None
        self._client: Any = mastodon.Mastodon(
            access_token=credentials.access_token,
            api_base_url=session.base_url,
            ratelimit_method="throw",
            version_check_mode="none",
            request_timeout=session.timeout_seconds,
            session=session,
            user_agent="socialdesk",
        )

    def me(self) -> Author:
        """Return whose the token is; asked once, for a token never changes hands."""
        if self._me is None:
            answer = self._read(self._client.account_verify_credentials)
            self._me = _understood(lambda: parse.account(document(answer.content).value))
        return self._me

    def notifications(
        self, *, before: str | None, since: str | None, direct: bool
    ) -> tuple[Statuses, Mapping[str, str]]:
        """Return one page of statuses that name the account, and the answer's headers."""
        answer = self._read(
            lambda: self._client.notifications(
                types=["mention"], max_id=before, since_id=since, limit=NOTIFICATIONS_PAGE
            )
        )
        return _understood(lambda: parse.notified(answer.content, direct=direct)), answer.headers

    def own(
        self, *, before: str | None, since: str | None = None
    ) -> tuple[Statuses, Mapping[str, str]]:
        """Return one page of the account's own statuses, and the answer's headers."""
        me = self.me().remote_id
        answer = self._read(
            lambda: self._client.account_statuses(
                me, exclude_reblogs=True, max_id=before, since_id=since, limit=STATUSES_PAGE
            )
        )
        return _understood(lambda: parse.own(answer.content)), answer.headers

    def status(self, remote_id: str) -> Status:
        """Return one status."""
        answer = self._read(lambda: self._client.status(remote_id))
        return _understood(lambda: parse.status(document(answer.content), answer.content))

    def account(self, remote_id: str) -> Author:
        """Return someone's account."""
        answer = self._read(lambda: self._client.account(remote_id))
        return _understood(lambda: parse.account(document(answer.content).value))

    def conversation_with(self, remote_id: str) -> tuple[Author, str] | None:
        """Return a person and the last status of the account's private conversation with them.

        None where it is not among the newest forty; a conversation of more than two is passed over.
        """
        answer = self._read(lambda: self._client.conversations(limit=STATUSES_PAGE))
        return _understood(lambda: parse.conversation(answer.content, remote_id))

    def text_limit(self) -> int | None:
        """Return how long this instance lets a status be; None where it does not say."""
        answer = self._read(self._client.instance_v2)
        return _understood(lambda: parse.text_limit(json.loads(answer.content)))

    def ancestors(self, remote_id: str) -> list[str] | None:
        """Return the ids above a status; None where the instance fails to show this thread.

        Raises:
            ChannelError: the instance is away, limits the account or refuses its token.
        """
        try:
            self._client.status_context(remote_id)
            return parse.ancestors(self.session.answer().content)
        except _FAILED as error:
            if status_of(error) in (None, 401, 429):
                raise failures.reading(error) from error
            return None

    def publish(self, text: str, *, visibility: str, in_reply_to: str | None, key: str) -> Status:
        """Publish a status, asking once; the same key within an hour publishes nothing new.

        Raises:
            ChannelError: see `failures`.
        """
        try:
            self._client.status_post(
                text, in_reply_to_id=in_reply_to, visibility=visibility, idempotency_key=key
            )
            body = self.session.answer().content
            return parse.status(document(body), body)
        except _FAILED as error:
            raise failures.sending(error) from error

    def _read(self, call: Callable[[], Any]) -> requests.Response:
        try:
            call()
            return self.session.answer()
        except _FAILED as error:
            raise failures.reading(error) from error


def older(headers: Mapping[str, str]) -> str | None:
    """Return the `max_id` of the next older page, which only the Link header tells."""
    found = _NEXT.search(headers.get("Link", ""))
    return found[1] if found else None


def _understood(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, RecursionError, Unfit) as error:
        raise failures.reading(error) from error
