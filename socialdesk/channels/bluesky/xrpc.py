"""Calls by lexicon name, signed with a session that is opened, renewed and kept in memory alone.

Tokens go to the configured host and no other: bsky.social passes calls on to the server that holds
the account, so the address in the session's DID document is not followed.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from atproto import Client
from atproto_client.models.dot_dict import DotDict

from socialdesk.channels.bluesky.failures import failures, is_stale
from socialdesk.channels.bluesky.transport import Answer, BlueskySession, Road
from socialdesk.channels.transport import FAILED, Refused

CHAT = {"atproto-proxy": "did:web:api.bsky.chat#bsky_chat"}
"""Direct messages live on a service of their own, which the account's server passes calls to."""

# At DEBUG these write addresses and people's messages into the log.
for _talkative in ("httpx", "httpcore", "urllib3"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)

Headers = Mapping[str, str]
Call = Callable[[Headers], Answer]


@dataclass(frozen=True, slots=True)
class Session:
    """An open session; its tokens never show."""

    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)


class Xrpc:
    """One account's calls; safe to use from one thread at a time."""

    def __init__(self, road: BlueskySession, identifier: str, app_password: str) -> None:
        self._client: Any = Client(base_url=road.base_url, request=Road(road))
        self._login = {"identifier": identifier, "password": app_password}
        self._session: Session | None = None
        self._refused_before = False

    @property
    def session(self) -> Session:
        """The open session; opened now if there is none.

        Raises:
            ChannelError: Bluesky did not open one; nothing else was asked of it.
        """
        if self._session is None:
            self._session = self._opened()
        return self._session

    def query(self, nsid: str, params: Mapping[str, Any], headers: Headers | None = None) -> Answer:
        """Read by a lexicon's query.

        Raises:
            ChannelError: there is no session to be had.
            any of transport.FAILED: what the call itself met with.
        """
        return self._signed(
            lambda signed: self._client.invoke_query(
                nsid, params=DotDict(dict(params)), headers={**(headers or {}), **signed}
            )
        )

    def procedure(
        self, nsid: str, data: Mapping[str, Any], headers: Headers | None = None
    ) -> Answer:
        """Change something by a lexicon's procedure; raises as `query` does."""
        return self._signed(
            lambda signed: self._client.invoke_procedure(
                nsid, data=DotDict(dict(data)), headers={**(headers or {}), **signed}
            )
        )

    def _signed(self, call: Call) -> Answer:
        """Call once, and once more when the access token was refused as stale, so did nothing.

        A session that is refused twice running without being called stale is given up.
        """
        try:
            answer = call(_bearer(self.session.access))
        except Refused as refused:
            if is_stale(refused):
                self._session = self._renewed(self.session)
                return call(_bearer(self._session.access))
            if refused.status == 401:
                self._session = None if self._refused_before else self._session
                self._refused_before = not self._refused_before
            raise
        self._refused_before = False
        return answer

    def _opened(self) -> Session:
        try:
            answer = self._client.invoke_procedure(
                "com.atproto.server.createSession", data=DotDict(dict(self._login))
            )
            return _session(answer)
        except FAILED as error:
            raise failures.reading(error) from error

    def _renewed(self, session: Session) -> Session:
        try:
            answer = self._client.invoke_procedure(
                "com.atproto.server.refreshSession", headers=_bearer(session.refresh)
            )
            return _session(answer)
        except Refused as refused:
            if refused.status in (400, 401):
                return self._opened()
            raise failures.reading(refused) from refused
        except FAILED as error:
            raise failures.reading(error) from error


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _session(answer: Answer) -> Session:
    found = answer.values()
    names = ("did", "handle", "accessJwt", "refreshJwt")
    parts = [found.get(name) for name in names]
    if not all(isinstance(part, str) and part.isascii() and part.isprintable() for part in parts):
        raise ValueError("the answer opens no session")
    return Session(*(str(part) for part in parts))
