"""The road to X: tweepy's old host is put right before a request is signed.

tweepy 4.17 has X's old host written into it. `XSession` puts the configured address in its place
while the request is being prepared, that is before it is signed: an OAuth 1.0a signature covers the
URL (RFC 5849 §3.4.1.2), so it must be computed for the address that is really asked.
"""

import requests

from socialdesk.channels.transport import OneHostSession

X_HOST = "https://api.x.com"
TWEEPY_HOST = "https://api.twitter.com"


class XSession(OneHostSession):
    """A session that speaks to X, or to what stands for it at `base_url`, alone.

    Args:
        base_url: scheme, host and port; None for X itself.
        timeout_seconds: from a request's start to its answer's end.

    Raises:
        ConfigError: the address is not one.
    """

    def __init__(self, base_url: str | None, timeout_seconds: float) -> None:
        super().__init__(base_url or X_HOST, timeout_seconds, example=X_HOST)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Return `request` readdressed to the configured host, and only then signed."""
        request.url = str(request.url).replace(TWEEPY_HOST, self.base_url, 1)
        return super().prepare_request(request)
