"""The road to a network: one host, one deadline, one try.

The session has no adapter for any address but the configured one, follows no redirect and reads no
.netrc, so credentials go nowhere else. Nothing is ever sent twice: urllib3's retries are off,
connection retries included. Every answer is read whole, against the clock and a size cap.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

BODY_LIMIT = 8 * 1024 * 1024
PIECE = 64 * 1024


class Refused(Exception):  # noqa: N818 what the network did
    """The network answered, and not with success."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


class Unreadable(Exception):  # noqa: N818 the answer's state
    """An answer began and did not arrive whole: cut short, too slow or too large."""


class OutOfTime(Exception):  # noqa: N818 a state
    """The call's time was spent before this request began: nothing was sent."""


FAILED = (
    Refused,
    Unreadable,
    OutOfTime,
    requests.RequestException,
    ValueError,
    TypeError,
    KeyError,
    RecursionError,
    OSError,
)
"""What a call through a network's client, or the reading of its answer, may raise."""


class OneHostSession(requests.Session):
    """A session that speaks to one address alone.

    Args:
        base_url: scheme, host and port.
        timeout_seconds: from a request's start to its answer's end.
        example: an address of this network, for who wrote a wrong one.

    Raises:
        ConfigError: the address is not one.
    """

    def __init__(self, base_url: str, timeout_seconds: float, *, example: str) -> None:
        super().__init__()
        self.base_url = _address(base_url, example)
        self.timeout_seconds = timeout_seconds
        self.trust_env = False
        self.max_redirects = 0
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.adapters.clear()
        self._once = _OneTry(timeout_seconds)
        self.mount(f"{self.base_url}/", self._once)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Bound all requests made inside together, by `seconds` from now."""
        before = self._once.ends
        ends = time.monotonic() + seconds
        self._once.ends = ends if before is None else min(before, ends)
        try:
            yield
        finally:
            self._once.ends = before


class _OneTry(HTTPAdapter):
    """Sends once and reads the whole answer, against the clock and a size cap."""

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(max_retries=0)
        self._timeout = timeout_seconds
        self.ends: float | None = None

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Return the answer, read whole.

        Raises:
            Refused: any status but success.
            Unreadable: the answer did not arrive whole in time.
            OutOfTime: there was no time left to ask.
            requests.RequestException: no answer began.
        """
        now = time.monotonic()
        ends = min(now + self._timeout, self.ends or now + self._timeout)
        left = ends - now
        if left <= 0:
            raise OutOfTime("there was no time left to ask")
        connect = min(3.05, left / 4)
        options |= {
            "stream": True,
            "timeout": (connect, left - connect),
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


def _address(base_url: str, example: str) -> str:
    split = urlsplit(base_url)
    loopback = split.hostname in ("127.0.0.1", "::1", "localhost")
    if split.path.strip("/") or split.query or not split.hostname:
        raise ConfigError(
            f"{base_url!r} is not an address to reach the network at: it must be scheme, host and "
            "port only.",
            todo=f"Write for example {example}, or http://127.0.0.1:8400 for a simulator.",
        )
    if split.scheme != "https" and not (split.scheme == "http" and loopback):
        raise ConfigError(
            f"{base_url!r} would send the account's credentials and people's messages unencrypted.",
            todo="Use https; plain http is for a simulator on this machine (127.0.0.1) alone.",
        )
    return base_url.rstrip("/")
