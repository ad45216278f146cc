"""The road to a feed: one deadline over all redirects, a size cap, and nowhere but where allowed.

A feed's address is the force's own choice; where a redirect leads is the publisher's. So a redirect
may lead only to https, without user or password, and to a machine with a public address (checked on
the socket that was connected, before a byte is sent, so that no name can change its answer between
the check and the use). Plain http is for this machine alone. No other scheme has an adapter.
"""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import HTTPResponse

BODY_LIMIT = 8 * 1024 * 1024
PIECE = 64 * 1024
REDIRECTS = 4
_MOVED = frozenset((301, 302, 303, 307, 308))


class Unreadable(Exception):  # noqa: N818 the answer's state
    """No whole answer came: cut short, too slow, too large, or sent elsewhere than is allowed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher answered, its body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def may_be_asked(url: str) -> bool:
    """Say whether an address is https, or on this machine; without user, password or fragment."""
    try:
        split = urlsplit(url)
        host, _port = split.hostname, split.port
    except ValueError:
        return False
    if not host or split.username or split.password or split.fragment:
        return False
    return split.scheme == "https" or (split.scheme == "http" and _here(host))


def fetch(url: str, headers: Mapping[str, str], timeout_seconds: float) -> Answer:
    """Ask once, following redirects, for `timeout_seconds` altogether.

    Raises:
        Unreadable: no whole answer came.
        requests.RequestException: nobody could be reached.
    """
    ends = time.monotonic() + timeout_seconds
    asked = url
    for _ in range(REDIRECTS + 1):
        answer = _ask(asked, headers, ends, chosen=_origin(asked) == _origin(url))
        location = answer.headers.get("location")
        if answer.status not in _MOVED or not location:
            return answer
        asked = _onward(asked, location, url)
    raise Unreadable(f"it redirects more than {REDIRECTS} times")


def _onward(asked: str, location: str, chosen: str) -> str:
    onward = urljoin(asked, location).partition("#")[0]
    if not may_be_asked(onward) or (
        urlsplit(onward).scheme == "http" and _origin(onward) != _origin(chosen)
    ):
        raise Unreadable("it redirects to an address that is not https")
    return onward


def _ask(url: str, headers: Mapping[str, str], ends: float, *, chosen: bool) -> Answer:
    left = ends - time.monotonic()
    if left <= 0:
        raise Unreadable("the answer came too slowly")
    with requests.Session() as session:
        session.trust_env = False
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        session.adapters.clear()
        session.mount(f"{_origin(url)}/", HTTPAdapter() if chosen else _PublicOnly())
        session.headers.clear()
        request = session.prepare_request(requests.Request("GET", url, headers=dict(headers)))
        connect = min(3.05, left / 4)
        response = session.send(
            request,
            stream=True,
            allow_redirects=False,
            timeout=(connect, left - connect),
            proxies=get_environ_proxies(url),
            verify=session.verify,
        )
        with response:
            moved = (
                response.status_code in _MOVED or response.status_code == HTTPStatus.NOT_MODIFIED
            )
            body = b"" if moved else _body(response.raw, ends)
        return Answer(response.status_code, response.headers, body)


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
            raise Unreadable(f"the answer broke off ({type(error).__name__})") from error
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > BODY_LIMIT:
            raise Unreadable(f"the answer is larger than {BODY_LIMIT} bytes")


class _PublicConnection(HTTPSConnection):
    """A connection that is let go, unused, unless it reached a public address."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        address = connected.getpeername()[0]
        if not ip_address(str(address).partition("%")[0]).is_global:
            connected.close()
            raise NewConnectionError(self, "the address that it redirects to is not public")
        return connected


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicOnly(HTTPAdapter):
    """Reaches public machines alone."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make a pool that knows https alone."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}".lower()


def _here(host: str) -> bool:
    return host in {"127.0.0.1", "::1", "localhost"}
