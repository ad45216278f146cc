"""A feed keeps the Channel protocol, over real HTTP."""

import gzip
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from urllib3.response import HTTPResponse

from socialdesk.channels.base import Author, Item, Outgoing, Page, Stream
from socialdesk.channels.feed import transport
from socialdesk.channels.feed.client import FeedChannel
from socialdesk.channels.registry import capabilities_of, open_channel
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    ConfigError,
    RateLimited,
    RuleError,
    SendRefused,
)
from socialdesk.core.force import Account
from socialdesk.queue.reply_rules import require_answerable

from .publisher import Publisher, item, publishing, rss

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as made:
        yield made


@pytest.fixture
def feed(publisher: Publisher) -> FeedChannel:
    return FeedChannel(publisher.url, 5.0, SetClock(NOW))


def read(feed: FeedChannel, since: str | None = None) -> Page:
    return feed.read(Stream.ENTRIES, since=since, page=None)


def only(page: Page) -> Item:
    (found,) = page.items
    assert not page.rejected
    return found


def test_it_is_opened_by_the_registry_without_credentials(publisher: Publisher) -> None:
    account = Account(
        id="acton",
        channel="feed",
        handle="Acton News",
        base_url=publisher.url,
        streams=("entries",),
    )
    publisher.body = rss(item())
    assert not capabilities_of("feed").has_credentials
    assert open_channel(account, None).identify() == Author(publisher.url, "", "Acton News")


def test_an_entry_is_read_with_its_author_time_link_and_bytes(
    publisher: Publisher, feed: FeedChannel
) -> None:
    more = (
        "<author>jo@example.org (Jo Doe)</author><link>https://acton.example/1</link>"
        "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate>"
    )
    publisher.body = rss(item(title="Fire &amp; smoke", text="On the High Street", more=more))
    found = only(read(feed))
    assert found.text == "Fire & smoke\n\nOn the High Street\n\nhttps://acton.example/1"
    assert found.created_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert "Jo Doe" in found.author.name
    assert "Acton News" in found.author.name
    assert (
        found.raw == item(title="Fire &amp; smoke", text="On the High Street", more=more).encode()
    )
    assert not found.outbound


def test_a_feed_that_has_not_changed_is_asked_for_by_its_validators_and_costs_nothing(
    publisher: Publisher, feed: FeedChannel
) -> None:
    publisher.body = rss(item())
    publisher.headers = {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    first = read(feed)
    again = read(feed, first.cursor)
    assert publisher.asked[1]["if-none-match"] == '"v1"'
    assert publisher.asked[1]["if-modified-since"] == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert (again.items, again.next_page, again.cursor) == ((), None, first.cursor)


def test_a_publisher_without_validators_is_known_by_the_bytes(
    publisher: Publisher, feed: FeedChannel
) -> None:
    publisher.body = rss(item())
    first = read(feed)
    assert read(feed, first.cursor).items == ()
    publisher.body = rss(item("a-2"), item())
    assert len(read(feed, first.cursor).items) == 2


def test_another_feeds_cursor_is_not_used(publisher: Publisher, feed: FeedChannel) -> None:
    publisher.body = rss(item())
    publisher.headers = {"ETag": '"v1"'}
    cursor = read(feed).cursor
    other = FeedChannel(publisher.url + "?other", 5.0, SetClock(NOW))
    assert len(read(other, cursor).items) == 1
    assert len(read(feed, "not a cursor").items) == 1


@pytest.mark.parametrize("etag", ['"' + "e" * 5000 + '"', '"' + "\\" * 200 + '"', '"é"'])
def test_a_cursor_fits_the_ledger_whatever_the_publisher_says(
    publisher: Publisher, feed: FeedChannel, etag: str
) -> None:
    publisher.body = rss(*(item(f"a-{n}") for n in range(20)))
    publisher.headers = {"ETag": etag, "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    cursor = read(feed).cursor
    assert cursor is not None
    assert len(cursor) <= 255
    assert cursor.isascii()
    read(feed, cursor)


def test_entries_that_may_have_passed_unseen_are_told(
    publisher: Publisher, feed: FeedChannel
) -> None:
    publisher.body = rss(item("a-1"), item("a-2"))
    cursor = read(feed).cursor
    publisher.body = rss(item("a-3"), item("a-2"))
    seen = read(feed, cursor)
    assert not seen.rejected
    publisher.body = rss(item("a-8"), item("a-9"))
    (told,) = read(feed, seen.cursor).rejected
    assert "passed unseen" in told.reason


def test_an_edit_is_a_new_version_in_the_same_thread(
    publisher: Publisher, feed: FeedChannel
) -> None:
    publisher.body = rss(item(text="A man with a knife"))
    first = only(read(feed))
    publisher.body = rss(item(text="A man, no knife"))
    second = only(read(feed))
    assert first.thread_key == second.thread_key
    assert first.contact_id == second.contact_id
    assert first.remote_id != second.remote_id
    publisher.body = rss(item(text="A man, <b>no</b> knife", more="<category>new</category>"))
    assert only(read(feed)).remote_id == second.remote_id


def test_nothing_can_be_sent_to_it(feed: FeedChannel) -> None:
    outgoing = Outgoing(Stream.ENTRIES, "hello", None, "c", NOW, "m")
    with pytest.raises(SendRefused):
        feed.send(outgoing)
    assert feed.find_sent(outgoing) is None


@pytest.mark.parametrize(("channel", "stream"), [("feed", "entries"), ("partner", "reports")])
def test_a_reply_is_refused_before_it_is_drafted_with_another_way(
    channel: str, stream: str
) -> None:
    with pytest.raises(RuleError, match="only read") as refused:
        require_answerable(
            capabilities_of(channel), Stream(stream), heard_at=NOW, named=True, now=NOW
        )
    assert "escalate" in refused.value.todo


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AccessRefused),
        (403, AccessRefused),
        (404, ChannelDown),
        (410, AccessRefused),
        (429, RateLimited),
        (500, ChannelDown),
        (503, ChannelDown),
        (204, ChannelDown),
    ],
)
def test_each_refusal_has_its_name(
    publisher: Publisher, feed: FeedChannel, status: int, error: type[Exception]
) -> None:
    publisher.status = status
    with pytest.raises(error):
        read(feed)


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("Tue, 24 Nov 2026 09:05:00 GMT", 300), ("soon", None)]
)
def test_a_rate_limit_says_when_to_come_back(
    publisher: Publisher, feed: FeedChannel, said: str, seconds: int | None
) -> None:
    publisher.status, publisher.headers = 429, {"Retry-After": said}
    with pytest.raises(RateLimited) as limited:
        read(feed)
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert limited.value.resets_at == expected


@pytest.mark.parametrize("body", [b"", b"<html><body>Hello</body></html>", b"{}", b"\x00\xff" * 99])
def test_what_is_no_feed_is_an_outage_and_not_an_empty_feed(
    publisher: Publisher, feed: FeedChannel, body: bytes
) -> None:
    publisher.body = body
    with pytest.raises(ChannelDown, match="neither RSS nor Atom"):
        read(feed)


def test_an_empty_feed_is_read_to_its_end(publisher: Publisher, feed: FeedChannel) -> None:
    publisher.body = rss()
    page = read(feed)
    assert (page.items, page.rejected, page.next_page) == ([], [], None)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "http://feeds.example/rss",
        "ftp://feeds.example/rss",
        "file:///etc/passwd",
        "https://user:secret@feeds.example/rss",
        "https:///rss",
        "https://[half/rss",
    ],
)
def test_an_address_that_is_not_https_is_refused_when_it_is_opened(url: str | None) -> None:
    with pytest.raises(ConfigError):
        FeedChannel(url, 5.0)


def redirect(publisher: Publisher, *locations: str) -> None:
    """Answer with each redirect in turn, then as usual."""
    left = list(locations)

    def answer(request: BaseHTTPRequestHandler) -> None:
        location = left.pop(0)
        if not left:
            publisher.answer = None
        request.send_response(302)
        request.send_header("Location", location)
        request.send_header("Content-Length", "0")
        request.end_headers()

    publisher.answer = answer


def test_a_redirect_on_the_same_host_is_followed(publisher: Publisher, feed: FeedChannel) -> None:
    publisher.body = rss(item())
    redirect(publisher, "/elsewhere.xml", "final.xml#part")
    only(read(feed))
    assert publisher.paths[-1] == "/final.xml"


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/feed",
        "gopher://127.0.0.1/feed",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:1/feed",
        "https://user:password@feeds.example/feed",
        "//169.254.169.254/feed",
        "data:text/xml,<rss/>",
    ],
)
def test_a_redirect_to_any_other_scheme_or_machine_is_not_followed(
    publisher: Publisher, feed: FeedChannel, location: str
) -> None:
    redirect(publisher, location)
    with pytest.raises(ChannelDown, match="redirects to an address"):
        read(feed)
    assert len(publisher.paths) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_redirect_by_https_into_this_machine_is_let_go_before_a_byte_is_sent(
    feed: FeedChannel, publisher: Publisher, host: str
) -> None:
    with publishing() as inside:
        redirect(publisher, f"https://{host}:{inside.port}/secret")
        with pytest.raises(ChannelDown):
            read(feed)
        assert inside.asked == []


def test_redirects_in_a_circle_end(publisher: Publisher, feed: FeedChannel) -> None:
    redirect(publisher, *(["/again"] * 20))
    with pytest.raises(ChannelDown, match="redirects more than"):
        read(feed)


def test_a_body_that_is_too_large_is_given_up(
    publisher: Publisher, feed: FeedChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "BODY_LIMIT", 100_000)
    publisher.body = rss(item(text="x" * 200_000))
    with pytest.raises(ChannelDown, match="larger than"):
        read(feed)


def test_a_compressed_bomb_is_given_up_before_it_is_unpacked(
    publisher: Publisher, feed: FeedChannel
) -> None:
    sizes: list[int] = []
    publisher.body = gzip.compress(bytes(64_000_000), 1)
    publisher.headers = {"Content-Encoding": "gzip"}
    original = HTTPResponse.read1

    def watched(raw: HTTPResponse, *args: Any, **options: Any) -> bytes:
        piece = original(raw, *args, **options)
        sizes.append(len(piece))
        return piece

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPResponse, "read1", watched)
        with pytest.raises(ChannelDown, match="larger than"):
            read(feed)
    assert sum(sizes) < 3 * transport.BODY_LIMIT


def test_a_compressed_feed_is_read(publisher: Publisher, feed: FeedChannel) -> None:
    publisher.body = gzip.compress(rss(item()))
    publisher.headers = {"Content-Encoding": "gzip"}
    only(read(feed))


def test_an_answer_that_drips_is_given_up_at_the_deadline(publisher: Publisher) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        while True:
            request.wfile.write(b"x")
            time.sleep(0.02)

    publisher.answer = drip
    with pytest.raises(ChannelDown, match=r"too slowly|broke off"):
        read(FeedChannel(publisher.url, 0.5))


@pytest.mark.parametrize("declared", ["100000", "5"])
def test_a_length_that_lies_stores_nothing_it_should_not(
    publisher: Publisher, feed: FeedChannel, declared: str
) -> None:
    def lie(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", declared)
        request.end_headers()
        request.wfile.write(rss(item()))
        request.close_connection = True

    publisher.answer = lie
    with pytest.raises(ChannelDown):
        read(feed)
