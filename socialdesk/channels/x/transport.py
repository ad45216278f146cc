"""The road to X: one host, one deadline, one try.

tweepy 4.17 has X's old host written into it. `XSession` puts the configured address in its place
while the request is being prepared, that is before it is signed: an OAuth 1.0a signature covers the
URL (RFC 5849 §3.4.1.2), so it must be computed for the address that is really asked. The session
has no adapter for any other address, follows no redirect and reads no .netrc, so credentials go
nowhere else. Nothing is ever sent twice: urllib3's retries are off, connection retries included.
"""

import os
import time
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from socialdesk.core.errors import ConfigError

X_HOST = "https://api.x.com"
TWEEPY_HOST = "https://api.twitter.com"
BODY_LIMIT = 8 * 1024 * 1024
PIECE = 64 * 1024


class Refused(Exception):  # noqa: N818 what the network did
    """X answered, and not with success."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


class Unreadable(Exception):  # noqa: N818 the answer's state
    """An answer began and did not arrive whole: cut short, too slow or too large."""


class XSession(requests.Session):
    """A session that speaks to one address alone.

    Args:
        base_url: scheme, host and port; None for X itself.
        timeout_seconds: from a request's start to its answer's end.

    Raises:
        ConfigError: the address is not one.
    """

    def __init__(self, base_url: str | None, timeout_seconds: float) -> None:
        super().__init__()
        self.base_url = _address(base_url or X_HOST)
        self.timeout_seconds = timeout_seconds
        self.trust_env = False
        self.max_redirects = 0
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.adapters.clear()
        self.mount(f"{self.base_url}/", _OneTry(timeout_seconds))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Return `request` readdressed to the configured host, and only then signed."""
        request.url = str(request.url).replace(TWEEPY_HOST, self.base_url, 1)
        return super().prepare_request(request)


class _OneTry(HTTPAdapter):
    """Sends once and reads the whole answer, against the clock and a size cap."""

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(max_retries=0)
        self._timeout = timeout_seconds

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Return the answer, read whole.

        Raises:
            Refused: any status but success.
            Unreadable: the answer did not arrive whole in time.
            requests.RequestException: no answer began.
        """
        ends = time.monotonic() + self._timeout
        connect = min(3.05, self._timeout / 4)
        options |= {
            "stream": True,
            "timeout": (connect, self._timeout - connect),
            "proxies": get_environ_proxies(str(request.url)),
        }
        response = super().send(request, **options)
        with response:
            body = _body(response.raw, ends)
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(response.status_code, response.headers, body)
        return self.build_response(request, _whole(response, body))


def _body(raw: HTTPResponse, ends: float) -> bytes:
    """Read piece by piece: each wait is cut to what is left of the whole time."""
    pieces: list[bytes] = []
    size = 0
    while True:
        left = ends - time.monotonic()
        if left <= 0:
            raise Unreadable("the answer came too slowly")
        sock = getattr(raw.connection, "sock", None)
        if sock is not None:
            sock.settimeout(left)
        try:
            piece = raw.read1(PIECE, decode_content=True)
        except (HTTPError, OSError) as error:
            raise Unreadable(f"the answer broke off: {type(error).__name__}") from error
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > BODY_LIMIT:
            raise Unreadable(f"the answer is larger than {BODY_LIMIT} bytes")


def _whole(response: requests.Response, body: bytes) -> HTTPResponse:
    """Return the answer with its body at hand, already decoded."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
    }
    return HTTPResponse(
        body=BytesIO(body),
        headers=headers,
        status=response.status_code,
        reason=response.reason,
        preload_content=False,
    )


def _address(base_url: str) -> str:
    split = urlsplit(base_url)
    loopback = split.hostname in ("127.0.0.1", "::1", "localhost")
    if split.path.strip("/") or split.query or not split.hostname:
        raise ConfigError(
            f"{base_url!r} is not an address to reach X at: it must be scheme, host and port only.",
            todo=f"Leave base_url out for X itself ({X_HOST}), or write http://127.0.0.1:8400.",
        )
    if split.scheme != "https" and not (split.scheme == "http" and loopback):
        raise ConfigError(
            f"{base_url!r} would send the account's credentials and people's messages unencrypted.",
            todo="Use https; plain http is for a simulator on this machine (127.0.0.1) alone.",
        )
    return base_url.rstrip("/")
