"""The road to Bluesky: atproto's requests over a session that knows one host, one try, one clock.

atproto brings httpx, which follows redirects and bounds each wait but not the whole; its request
class is replaced by one that asks through `OneHostSession`, and keeps the answer's bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from atproto_client.request import Request, RequestBase

from socialdesk.channels.transport import OneHostSession

BLUESKY_HOST = "https://bsky.social"


@dataclass(frozen=True, slots=True)
class Answer:
    """A success, in the shape that atproto expects of a response, with its bytes."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes
    success: bool = True
    content: Any = field(default=None)

    def values(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            ValueError: it is none.
        """
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("the answer is not a JSON object")  # noqa: TRY004 the content is wrong
        return found


class BlueskySession(OneHostSession):
    """A session that speaks to Bluesky, or to the account's own server at `base_url`, alone.

    Raises:
        ConfigError: the address is not one.
    """

    def __init__(self, base_url: str | None, timeout_seconds: float) -> None:
        super().__init__(base_url or BLUESKY_HOST, timeout_seconds, example=BLUESKY_HOST)


class Road(Request):  # type: ignore[misc] # atproto carries no types
    """atproto's way to the network; an answer that is no success raises `Refused`."""

    def __init__(self, session: BlueskySession) -> None:
        RequestBase.__init__(self)
        self._session = session

    def get(self, url: str, params: Any = None, **options: Any) -> Answer:
        """Ask and return the answer."""
        return self._ask("GET", url, params=params, headers=options.get("headers"))

    def post(self, url: str, content: str | None = None, **options: Any) -> Answer:
        """Send and return the answer."""
        return self._ask("POST", url, data=content, headers=options.get("headers"))

    def _ask(self, method: str, url: str, headers: Any, **options: Any) -> Answer:
        response = self._session.request(method, url, headers=self.get_headers(headers), **options)
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, lowered, response.content)
