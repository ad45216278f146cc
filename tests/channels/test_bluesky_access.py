import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from socialdesk.channels.base import Stream
from socialdesk.channels.bluesky.client import BlueskyChannel
from socialdesk.channels.bluesky.credentials import BlueskyCredentials
from socialdesk.channels.bluesky.transport import BlueskySession
from socialdesk.core.clock import SetClock, SystemClock
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    ConfigError,
)
from socialdesk.simulator.bluesky.tokens import ACCESS_SECONDS, REFRESH_SECONDS
from socialdesk.simulator.server import BlueskySimulator
from tests.channels.bluesky import answering, asked, fault, opened


@pytest.fixture
def sim() -> Iterator[BlueskySimulator]:
    with BlueskySimulator() as sim:
        yield sim


def test_an_expired_access_token_is_renewed_and_the_call_goes_through() -> None:
    clock = SetClock(datetime.now(UTC))
    with BlueskySimulator(clock=clock) as sim:
        channel = opened(sim)
        channel.identify()
        clock.advance(ACCESS_SECONDS)
        calls = asked(sim)
        channel.identify()
        assert calls == ["getProfile", "refreshSession", "getProfile"]
        clock.advance(REFRESH_SECONDS)
        calls.clear()
        channel.identify()
        assert calls == ["getProfile", "refreshSession", "createSession", "getProfile"]


def test_a_send_survives_an_expired_token_and_is_published_once() -> None:
    clock = SetClock(datetime.now(UTC))
    with BlueskySimulator(clock=clock) as sim:
        channel = opened(sim)
        outgoing = answering(sim, channel, Stream.MENTIONS)
        fault(sim, kind="slow", seconds=0.01)
        clock.advance(ACCESS_SECONDS)
        channel.send(outgoing)
        assert len(sim.network.posts_by(sim.account.id)) == 1


def test_a_withdrawn_app_password_is_access_refused_and_nothing_is_in_doubt(
    sim: BlueskySimulator,
) -> None:
    channel = opened(sim, password="aaaa-bbbb-cccc-dddd")
    outgoing = answering(sim, opened(sim), Stream.MENTIONS)
    with pytest.raises(AccessRefused, match="Invalid identifier or password"):
        channel.read(Stream.DMS, since=None, page=None)
    with pytest.raises(AccessRefused):
        channel.send(outgoing)


def test_a_session_refused_twice_running_is_given_up(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    channel.identify()
    fault(sim, kind="unauthorised", path="getProfile", times=2)
    for _ in range(2):
        with pytest.raises(AccessRefused):
            channel.identify()
    calls = asked(sim)
    channel.identify()
    assert calls == ["createSession", "getProfile"]


def test_a_session_that_cannot_be_opened_leaves_no_send_in_doubt(sim: BlueskySimulator) -> None:
    outgoing = answering(sim, opened(sim), Stream.MENTIONS)
    fault(sim, kind="server_error", status=502, path="createSession")
    with pytest.raises(ChannelDown):
        opened(sim).send(outgoing)


def test_a_redirect_is_not_followed() -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(307)
            self.send_header("location", "http://127.0.0.1:9/xrpc/steal")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    keys = BlueskyCredentials(identifier="a.test", app_password="aaaa-bbbb-cccc-dddd")
    road = BlueskySession(f"http://127.0.0.1:{server.server_address[1]}", 1.0)
    with pytest.raises(ChannelDown, match="307"):
        BlueskyChannel(keys, road, SystemClock()).identify()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("base_url", ["http://bsky.social", "ftp://127.0.0.1", "https://a.test/x"])
def test_an_address_that_would_leak_or_fail_is_refused(base_url: str) -> None:
    with pytest.raises(ConfigError):
        BlueskySession(base_url, 1)


def test_without_an_address_bluesky_itself_is_asked() -> None:
    road = BlueskySession(None, 1)
    assert road.base_url == "https://bsky.social"
    with pytest.raises(requests.exceptions.InvalidSchema):
        road.get("https://example.org")


def test_what_bluesky_can_do_is_known_without_its_client() -> None:
    program = (
        "import sys, socialdesk.channels.bluesky.capabilities, json;"
        "print(json.dumps([m for m in ('atproto', 'atproto_client', 'httpx') if m in sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert json.loads(ran.stdout) == []
