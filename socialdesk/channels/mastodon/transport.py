"""The road to an instance: Mastodon.py asks, the session keeps the answer's own bytes.

Mastodon.py gives its callers parsed objects, and its parsing may fail on, alter or drop what a
server wrote. So the session keeps each answer whole and hands Mastodon.py an empty one in its
place: the requests are the real client's, the reading of answers is ours, byte for byte.
"""

from typing import Any

import requests

from socialdesk.channels.transport import OneHostSession
from socialdesk.core.errors import ConfigError

EXAMPLE = "https://mastodon.example"


class MastodonSession(OneHostSession):
    """A session that speaks to one instance alone.

    Args:
        base_url: the instance's scheme, host and port.
        timeout_seconds: from a request's start to its answer's end.

    Raises:
        ConfigError: there is no address, or it is not one.
    """

    def __init__(self, base_url: str | None, timeout_seconds: float) -> None:
        if base_url is None:
            raise ConfigError(
                "A Mastodon account needs base_url: there is no one host that all accounts are on.",
                todo=f"Write the account's own instance, for example base_url: {EXAMPLE}",
            )
        super().__init__(base_url, timeout_seconds, example=EXAMPLE)
        self._kept: requests.Response | None = None

    def request(self, *args: Any, **options: Any) -> requests.Response:
        """Ask, keep the answer for `answer`, and return an empty one to Mastodon.py."""
        self._kept = None
        self._kept = super().request(*args, **options)
        return _empty()

    def answer(self) -> requests.Response:
        """Return the answer to the last request.

        Raises:
            ValueError: there was none.
        """
        if self._kept is None:
            raise ValueError("nothing was answered")
        return self._kept


def _empty() -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response.raw = None
    response._content = b"{}"  # noqa: SLF001 as requests' own adapters for tests do
    return response
