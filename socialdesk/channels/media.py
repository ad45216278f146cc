"""Fetching an image or video: one address, bounded in hosts, size, kind and time.

Only hosts that the channel declares are asked, over https, and never a private address unless the
account's own configured address is on this machine (a simulator). Names are resolved here and the
connection goes to the very address that was checked, so a name cannot change meanwhile. Nothing is
decompressed, rendered or followed beyond a few redirects among the same hosts, and no credentials
are sent. What the content is, its first bytes say; the server's own word is not taken.
"""

import ipaddress
import os
import socket
import time
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import certifi
import urllib3
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

PIECE = 64 * 1024
REDIRECTS = 3
IMAGE, VIDEO = "image", "video"
_REDIRECTED = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429)
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"mif1": "image/heif"}


class MediaRefused(Exception):  # noqa: N818 what was decided
    """This will not be fetched, now or later; the text says why."""


class MediaFailed(Exception):  # noqa: N818 what happened
    """It did not come this time; it may later."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken: bytes of an image and of a video, seconds for the whole fetch."""

    image_bytes: int = 20 * 1024 * 1024
    video_bytes: int = 100 * 1024 * 1024
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Where media may be fetched from: hosts, and the account's own address where it is local."""

    hosts: frozenset[str]
    local: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """An image or video as it came."""

    content: bytes
    media_type: str
    sha256: bytes


def reach_of(hosts: frozenset[str], base_url: str | None) -> Reach:
    """Return where an account's media may come from."""
    split = urlsplit(base_url or "")
    local = split.hostname in {"127.0.0.1", "::1", "localhost"}
    return Reach(hosts, split.netloc if local else None)


def fetch(url: str, reach: Reach, limits: Limits) -> Fetched:
    """Return what lies at `url`.

    Raises:
        MediaRefused: it is outside our reach, too large, or neither image nor video.
        MediaFailed: it did not arrive whole in time, or the server would not give it now.
    """
    ends = time.monotonic() + limits.seconds
    for _ in range(REDIRECTS + 1):
        require_reachable(url, reach)
        answer = _answer(url, reach, ends)
        try:
            if answer.status in _REDIRECTED:
                url = urljoin(url, answer.headers.get("location", ""))
                continue
            _require_success(answer.status)
            return _received(answer, limits, ends)
        finally:
            answer.close()
            answer.release_conn()
    raise MediaRefused(f"it was redirected more than {REDIRECTS} times")


def require_reachable(url: str, reach: Reach) -> None:
    """Refuse an address outside our reach, before anything is asked.

    Raises:
        MediaRefused: another host, another scheme, or credentials in the address.
    """
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise MediaRefused("its address is none") from error
    if reach.local is not None and split.scheme == "http" and split.netloc == reach.local:
        return
    if split.scheme != "https" or split.username is not None or port not in {None, 443}:
        raise MediaRefused("its address is not plain https")
    if (split.hostname or "") not in reach.hosts:
        raise MediaRefused(f"{(split.hostname or 'its host')[:100]} is not the network's own")


def is_public(address: str) -> bool:
    """Say whether an IP address lies in the public internet."""
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None) or found
    return bool(mapped.is_global) and not mapped.is_multicast


def sniffed(head: bytes) -> str | None:
    """Return the media type that content begins with, or None for anything else."""
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return None


def _answer(url: str, reach: Reach, ends: float) -> urllib3.BaseHTTPResponse:
    split = urlsplit(url)
    host, local = split.hostname or "", split.netloc == reach.local
    target = split.path + (f"?{split.query}" if split.query else "")
    left = max(0.1, ends - time.monotonic())
    try:
        return _pool(split.scheme, host, split.port, local=local).urlopen(
            "GET",
            url if _proxy(url) else (target or "/"),
            headers={"Host": split.netloc, "Accept-Encoding": "identity", "Accept": "*/*"},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            assert_same_host=False,
            timeout=urllib3.Timeout(connect=min(5.0, left), read=left),
        )
    except (HTTPError, OSError) as error:
        raise MediaFailed(f"no answer ({type(error).__name__})") from error


def _pool(
    scheme: str, host: str, port: int | None, *, local: bool
) -> urllib3.HTTPConnectionPool | urllib3.PoolManager:
    """Return a pool that connects to an address which was checked, or to the proxy in force."""
    proxy = None if local else _proxy(f"{scheme}://{host}/")
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()
    if proxy is not None:
        return urllib3.ProxyManager(proxy, ca_certs=bundle)
    address = host if local else _resolved(host)
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port or 80, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        address,
        port or 443,
        maxsize=1,
        ca_certs=bundle,
        cert_reqs="CERT_REQUIRED",
        server_hostname=host,
        assert_hostname=host,
    )


def _proxy(url: str) -> str | None:
    return get_environ_proxies(url).get(urlsplit(url).scheme)


def _resolved(host: str) -> str:
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise MediaFailed("its host is not known now") from error
    if not found or not all(is_public(address) for address in found):
        raise MediaRefused("its host leads to a private address")
    return found[0]


def _require_success(status: int) -> None:
    if status == HTTPStatus.OK:
        return
    if status >= 500 or status in _LATER:
        raise MediaFailed(f"the server answered {status}")
    raise MediaRefused(f"the server answered {status}")


def _received(answer: urllib3.BaseHTTPResponse, limits: Limits, ends: float) -> Fetched:
    """Read piece by piece, each wait cut to what is left of the time, up to the kind's limit."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaRefused("it came compressed, though asked for as it is")
    pieces: list[bytes] = []
    size, kind, limit = 0, None, max(limits.image_bytes, limits.video_bytes)
    declared = answer.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise MediaRefused(f"it is said to be {int(declared)} bytes; the limit is {limit}")
    while piece := _piece(answer, ends):
        pieces.append(piece)
        size += len(piece)
        if kind is None and size >= 12:
            kind = sniffed(b"".join(pieces)[:32])
            if kind is None:
                raise MediaRefused("it is neither an image nor a video that the desk knows")
            limit = limits.image_bytes if kind.startswith(IMAGE) else limits.video_bytes
        if size > limit:
            raise MediaRefused(f"it is larger than {limit} bytes")
    if kind is None:
        raise MediaRefused("it is empty or too short to be an image or a video")
    content = b"".join(pieces)
    return Fetched(content, kind, sha256(content).digest())


def _piece(answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
    left = ends - time.monotonic()
    if left <= 0:
        raise MediaFailed("it came too slowly")
    sock = getattr(getattr(answer, "connection", None), "sock", None)
    if sock is not None:
        sock.settimeout(left)
    try:
        return bytes(answer.read1(PIECE, decode_content=False))
    except (HTTPError, OSError) as error:
        raise MediaFailed(f"it broke off ({type(error).__name__})") from error
