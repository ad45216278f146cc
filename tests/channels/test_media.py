"""Fetching media from a server that lies, drips, redirects and never ends."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.media import (
    Limits,
    MediaFailed,
    MediaRefused,
    Reach,
    fetch,
    is_public,
    reach_of,
    require_reachable,
    sniffed,
)
from socialdesk.simulator.x.media import content

PNG = content("cat.png")
SMALL = Limits(image_bytes=10_000, video_bytes=20_000, seconds=1.0)
Say = Callable[[socket.socket], None]


class Hostile:
    """A server that says whatever it is told, byte for byte."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.asked: list[bytes] = []
        self.stopping = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def netloc(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self.asked.append(connection.recv(65_536))
                self._say(connection)

    def close(self) -> None:
        self.stopping.set()
        self._listener.close()


@pytest.fixture
def hostile() -> Iterator[Callable[[Say], Hostile]]:
    made: list[Hostile] = []

    def make(say: Say) -> Hostile:
        made.append(Hostile(say))
        return made[-1]

    yield make
    for server in made:
        server.close()


def get(server: Hostile, limits: Limits = SMALL, path: str = "/a.png") -> bytes:
    reach = Reach(frozenset(), server.netloc)
    return fetch(f"http://{server.netloc}{path}", reach, limits).content


def whole(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Say:
    size = len(body) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers]) + "\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + body)


Make = Callable[[Say], Hostile]


def test_an_image_arrives_as_it_is_named_by_its_content_and_hashed(hostile: Make) -> None:
    server = hostile(whole(PNG, "Content-Type: text/html"))
    reach = Reach(frozenset(), server.netloc)
    found = fetch(f"http://{server.netloc}/a?b=c", reach, SMALL)
    assert found.content == PNG
    assert found.media_type == "image/png"
    assert found.sha256 == sha256(PNG).digest()
    assert server.asked[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"accept-encoding: identity" in server.asked[0].lower()
    assert b"authorization" not in server.asked[0].lower()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html><script>alert(1)</script></html>", "neither an image nor a video"),
        (b"PK\x03\x04" + b"\0" * 100, "neither an image nor a video"),
        (b"MZ" + b"\0" * 100, "neither an image nor a video"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "neither"),
        (b"", "empty"),
        (PNG[:8], "too short"),
    ],
)
def test_what_is_no_image_is_refused_whatever_the_server_calls_it(
    hostile: Make, body: bytes, why: str
) -> None:
    with pytest.raises(MediaRefused, match=why):
        get(hostile(whole(body, "Content-Type: image/png")))


def test_what_says_that_it_is_too_large_is_not_read(hostile: Make) -> None:
    with pytest.raises(MediaRefused, match="said to be"):
        get(hostile(whole(PNG, length=10**12)))


def test_what_never_ends_is_cut_at_the_limit(hostile: Make) -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"800\r\n" + PNG[:0x800].ljust(0x800, b"x") + b"\r\n")

    with pytest.raises(MediaRefused, match="larger than 10000"):
        get(hostile(endless))


def test_a_length_that_promises_more_than_comes_is_a_failure_not_a_short_image(
    hostile: Make,
) -> None:
    with pytest.raises(MediaFailed):
        get(hostile(whole(PNG, length=len(PNG) + 100)))


def test_a_slow_drip_ends_with_the_time_allowed(hostile: Make) -> None:
    server: Hostile

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + PNG[:64])
        while not server.stopping.wait(0.05):
            connection.sendall(b"x")

    server = hostile(drip)
    with pytest.raises(MediaFailed):
        get(server, Limits(10_000, 10_000, seconds=0.4))


def test_a_server_that_says_nothing_ends_with_the_time_allowed(hostile: Make) -> None:
    server: Hostile

    def nothing(_: socket.socket) -> None:
        server.stopping.wait()

    server = hostile(nothing)
    with pytest.raises(MediaFailed):
        get(server, Limits(10_000, 10_000, seconds=0.3))


def test_a_compressed_answer_is_refused_and_never_unpacked(hostile: Make) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    with pytest.raises(MediaRefused, match="compressed"):
        get(hostile(whole(bomb, "Content-Encoding: gzip")))


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/a.png",
        "https://evil.example/a.png",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//evil.example/a.png",
    ],
)
def test_a_redirect_out_of_reach_is_refused_and_not_asked(hostile: Make, target: str) -> None:
    with pytest.raises(MediaRefused):
        get(hostile(whole(b"", f"Location: {target}", status="302 Found")))


def test_redirects_end(hostile: Make) -> None:
    server = hostile(whole(b"", "Location: /again", status="302 Found"))
    with pytest.raises(MediaRefused, match="redirected"):
        get(server)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("404 Not Found", MediaRefused),
        ("403 Forbidden", MediaRefused),
        ("503 Service Unavailable", MediaFailed),
        ("429 Too Many Requests", MediaFailed),
        ("204 No Content", MediaRefused),
    ],
)
def test_a_refusal_is_final_and_an_outage_is_not(
    hostile: Make, status: str, outcome: type[Exception]
) -> None:
    with pytest.raises(outcome):
        get(hostile(whole(PNG, status=status)))


def test_nobody_listening_is_a_failure_to_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        netloc = f"127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(MediaFailed):
        fetch(f"http://{netloc}/a.png", Reach(frozenset(), netloc), SMALL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com.evil.example/a.jpg",
        "https://evil.example/pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com@evil.example/a.jpg",
        "https://user:pass@pbs.twimg.com/a.jpg",
        "https://pbs.twimg.com:8443/a.jpg",
        "https://127.0.0.1/a.jpg",
        "http://127.0.0.1:8400/a.jpg",
        "https://[::1]/a.jpg",
        "https://[half",
        "ftp://pbs.twimg.com/a.jpg",
        "file:///etc/passwd",
    ],
)
def test_only_the_channels_own_hosts_over_https_are_reached(url: str) -> None:
    reach = reach_of(frozenset(("pbs.twimg.com",)), "https://api.x.com")
    with pytest.raises(MediaRefused):
        require_reachable(url, reach)
    require_reachable("https://pbs.twimg.com/media/a.jpg", reach)


def test_a_local_address_is_reached_only_where_the_account_itself_is_local() -> None:
    here = reach_of(frozenset(), "http://127.0.0.1:8400")
    require_reachable("http://127.0.0.1:8400/media/a.png", here)
    for other in ("http://127.0.0.1:22/", "http://127.0.0.2:8400/", "http://localhost:8400/"):
        with pytest.raises(MediaRefused):
            require_reachable(other, here)


def test_a_declared_host_that_leads_to_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MediaRefused, match="private"):
        fetch("https://localhost/a.png", Reach(frozenset(("localhost",))), SMALL)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 an address to refuse
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:127.0.0.1", False),
    ],
)
def test_private_addresses_are_known_in_every_form(address: str, public: bool) -> None:
    assert is_public(address) is public


@given(st.binary(max_size=64))
def test_anything_at_all_is_a_known_kind_or_none(head: bytes) -> None:
    kind = sniffed(head)
    assert kind is None or kind.startswith(("image/", "video/"))


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.jpg", "a.mp4"])
def test_the_kinds_networks_serve_are_known(name: str) -> None:
    kind = {"png": "image/png", "gif": "image/gif", "jpg": "image/jpeg", "mp4": "video/mp4"}
    assert sniffed(content(name)[:32]) == kind[name[2:]]
