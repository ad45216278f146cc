import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from socialdesk.channels.base import Item, Outgoing, Rejected, Stream
from socialdesk.core.errors import (
    AccessRefused,
    ChannelDown,
    RateLimited,
    SendRefused,
    SendUnknown,
)

from .world import SPOKEN, TEXT_MEMBER, World


def walk(
    world: World, stream: Stream, since: str | None = None
) -> tuple[list[Item], list[Rejected]]:
    items: list[Item] = []
    rejected: list[Rejected] = []
    page: str | None = None
    while True:
        got = world.channel.read(stream, since=since, page=page)
        items += got.items
        rejected += got.rejected
        page = got.next_page
        if page is None:
            return items, rejected


def cursor_after(world: World, stream: Stream) -> str | None:
    """Return where a walk leaves the cursor, as ingest moves it: by its first page."""
    page = world.channel.read(stream, since=None, page=None)
    cursor = page.cursor
    for item in page.items if cursor is None else ():
        newer = cursor is None or world.channel.newest(cursor, item.remote_id) != cursor
        cursor = item.remote_id if newer else cursor
    return cursor


def reply_to(
    world: World, stream: Stream = Stream.MENTIONS, text: str = "We are on it"
) -> Outgoing:
    world.speak(stream, "help")
    item = world.channel.read(stream, since=None, page=None).items[0]
    return Outgoing(
        stream=stream,
        text=text,
        in_reply_to=item.remote_id if stream is Stream.MENTIONS else None,
        contact_id=item.contact_id,
        queued_at=datetime.now(UTC),
        marker="m-1",
    )


def on_network(world: World) -> int:
    return int(world.sim.control.summary()["desk"]["total"])


def test_the_account_knows_who_it_is(world: World) -> None:
    assert world.channel.identify().handle == world.handle("NorthshirePolice")


def test_a_mention_is_read_with_its_author_thread_time_and_bytes(world: World) -> None:
    remote_id = world.mention("jo", "is <this> you & yours?")
    (item,) = world.channel.read(Stream.MENTIONS, since=None, page=None).items
    assert item.remote_id == remote_id
    assert item.text == "@NorthshirePolice is <this> you & yours?"
    assert item.author.handle == world.handle("jo")
    assert item.thread_key == f"post:{remote_id}:{item.contact_id}"
    assert not item.outbound
    assert abs(item.created_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert any(said in item.raw for said in (b"&lt;this&gt; you &amp; yours?", b"<this> you & "))
    assert f'"{world.handle("jo")}"'.encode() in item.raw


def test_a_long_post_is_read_whole(world: World) -> None:
    text = "help " * 100 + "he has a knife"
    world.mention("jo", text)
    (item,) = world.channel.read(Stream.MENTIONS, since=None, page=None).items
    assert item.text.endswith("he has a knife")


@pytest.mark.parametrize("stream", SPOKEN)
def test_a_walk_over_pages_finds_everything_once(world: World, stream: Stream) -> None:
    said = [world.speak(stream, f"number {n}") for n in range(230)]
    items, rejected = walk(world, stream)
    assert [item.remote_id for item in items] == said[::-1]
    assert not rejected


@pytest.mark.parametrize("stream", SPOKEN)
def test_a_walk_from_the_cursor_finds_all_that_is_newer(world: World, stream: Stream) -> None:
    earlier = [world.speak(stream, f"{n}") for n in range(110)]
    cursor = cursor_after(world, stream)
    later = [world.speak(stream, f"{n}") for n in range(210)]
    items, _ = walk(world, stream, since=cursor)
    found = {item.remote_id for item in items}
    assert set(later) <= found
    assert not set(earlier[:10]) & found


def test_no_message_is_in_both_streams(world: World) -> None:
    said = {world.speak(stream, "hello") for stream in SPOKEN}
    found = [item.remote_id for stream in SPOKEN for item in walk(world, stream)[0]]
    assert sorted(found) == sorted(said)


@pytest.mark.parametrize("stream", SPOKEN)
def test_newest_orders_ids_by_time(world: World, stream: Stream) -> None:
    first, second = (world.speak(stream, text) for text in ("first", "second"))
    assert world.channel.newest(first, second) == second
    assert world.channel.newest(second, first) == second


def test_both_sides_of_a_dm_share_one_thread(world: World) -> None:
    world.channel.send(reply_to(world, Stream.DMS, "are you safe"))
    items, _ = walk(world, Stream.DMS)
    assert sorted(item.outbound for item in items) == [False, True]
    assert len({item.thread_key for item in items}) == 1
    assert len({item.contact_id for item in items}) == 1


@pytest.mark.parametrize("stream", SPOKEN)
def test_a_reply_is_published_once_and_found(world: World, stream: Stream) -> None:
    outgoing = reply_to(world, stream, "Thanks & <stay> safe https://example.org/advice?a=1&b=2")
    assert world.channel.find_sent(outgoing) is None
    receipt = world.channel.send(outgoing)
    assert on_network(world) == 1
    found = world.channel.find_sent(outgoing)
    assert found is not None
    assert found.remote_id == receipt.remote_id
    assert found.created_at == receipt.created_at


@pytest.mark.parametrize("stream", SPOKEN)
def test_another_text_time_or_person_is_not_taken_for_the_reply(
    world: World, stream: Stream
) -> None:
    outgoing = reply_to(world, stream)
    world.channel.send(outgoing)
    later = outgoing.queued_at + timedelta(hours=1)
    stranger = world.user("someone")
    assert world.channel.find_sent(replace(outgoing, text="We are on it!")) is None
    assert world.channel.find_sent(replace(outgoing, queued_at=later)) is None
    assert world.channel.find_sent(replace(outgoing, contact_id=stranger)) is None


def test_the_allowance_tells_what_is_left(world: World) -> None:
    allowance = world.channel.read(Stream.MENTIONS, since=None, page=None).allowance
    assert allowance.limit == 5000
    assert allowance.remaining == 4999
    assert allowance.resets_at is not None


@pytest.mark.parametrize("stream", SPOKEN)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "rate_limited"}, RateLimited),
        ({"kind": "server_error", "status": 500}, ChannelDown),
        ({"kind": "server_error", "status": 503}, ChannelDown),
        ({"kind": "accept_then_drop"}, ChannelDown),
        ({"kind": "truncated"}, ChannelDown),
        ({"kind": "unauthorised"}, AccessRefused),
        ({"kind": "forbidden_reply"}, AccessRefused),
    ],
)
def test_a_failed_read_says_what_it_means(
    world: World, stream: Stream, fault: dict[str, object], error: type[Exception]
) -> None:
    world.mention("jo", "hello")
    world.fault(times=1, **fault)
    with pytest.raises(error):
        world.channel.read(stream, since=None, page=None)
    world.channel.read(stream, since=None, page=None)


@pytest.mark.parametrize("stream", SPOKEN)
@pytest.mark.parametrize(
    ("fault", "error", "published"),
    [
        ({"kind": "rate_limited"}, RateLimited, 0),
        ({"kind": "unauthorised"}, AccessRefused, 0),
        ({"kind": "forbidden_reply"}, SendRefused, 0),
        ({"kind": "duplicate_content"}, SendUnknown, 0),
        ({"kind": "server_error", "status": 502}, SendUnknown, 0),
        ({"kind": "accept_then_drop"}, SendUnknown, 1),
        ({"kind": "truncated"}, SendUnknown, 1),
    ],
)
def test_a_failed_send_says_whether_it_may_be_public(
    world: World, stream: Stream, fault: dict[str, object], error: type[Exception], published: int
) -> None:
    outgoing = reply_to(world, stream)
    world.fault(method="POST", **fault)
    with pytest.raises(error):
        world.channel.send(outgoing)
    assert on_network(world) == published
    assert (world.channel.find_sent(outgoing) is not None) == bool(published)


@pytest.mark.parametrize("fault", [{"kind": "hang", "seconds": 5}, {"kind": "slow", "seconds": 5}])
def test_no_call_outlasts_the_time_out(world: World, fault: dict[str, object]) -> None:
    channel = world.opened(timeout_seconds=0.4)
    channel.identify()
    outgoing = reply_to(world)
    world.fault(**fault)
    began = datetime.now(UTC)
    with pytest.raises(ChannelDown):
        channel.read(Stream.MENTIONS, since=None, page=None)
    world.fault(method="POST", **fault)
    with pytest.raises(SendUnknown):
        channel.send(outgoing)
    assert datetime.now(UTC) - began < timedelta(seconds=1.5)


@pytest.mark.parametrize("reset", [True, False])
def test_a_rate_limit_says_when_it_ends_if_the_network_did(world: World, reset: bool) -> None:
    world.fault(kind="rate_limited", reset=reset)
    with pytest.raises(RateLimited) as caught:
        world.channel.read(Stream.DMS, since=None, page=None)
    assert (caught.value.resets_at is not None) is reset


def test_nothing_is_sent_when_nobody_listens(world: World) -> None:
    outgoing = reply_to(world)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world.sim.stop()
    world.sim._wire.server_address = ("127.0.0.1", port)
    channel = world.opened()
    with pytest.raises(ChannelDown):
        channel.send(outgoing)
    with pytest.raises(ChannelDown):
        channel.read(Stream.MENTIONS, since=None, page=None)


@pytest.mark.parametrize("stream", SPOKEN)
@pytest.mark.parametrize("kind", ["out_of_order", "repeated", "partial_errors"])
def test_a_disordered_page_loses_nothing(world: World, stream: Stream, kind: str) -> None:
    ids = {world.speak(stream, f"{n}") for n in range(120)}
    world.fault(kind=kind)
    items, rejected = walk(world, stream)
    assert {item.remote_id for item in items} == ids
    assert not rejected


@pytest.mark.parametrize("stream", SPOKEN)
def test_bytes_that_are_no_utf8_survive(world: World, stream: Stream) -> None:
    world.speak(stream, "hello")
    world.fault(kind="invalid_utf8")
    (item,) = world.channel.read(stream, since=None, page=None).items
    assert b"\xff\xfe\xed\xa0\x80" in item.raw
    assert item.text.startswith("\udcff\udcfe\udced\udca0\udc80")
    assert item.text.endswith("hello")


@pytest.mark.parametrize("stream", SPOKEN)
def test_a_malformed_item_is_kept_aside_and_the_walk_goes_on(world: World, stream: Stream) -> None:
    ids = [world.speak(stream, f"{n}") for n in range(3)]
    world.fault(kind="malformed_item")
    items, rejected = walk(world, stream)
    assert [item.remote_id for item in items] == [ids[1], ids[0]]
    assert [bad.remote_id for bad in rejected] == [ids[2]]
    assert f'"{TEXT_MEMBER[world.name]}": null'.encode() in rejected[0].raw


@pytest.mark.parametrize("stream", SPOKEN)
def test_what_was_kept_of_an_item_is_enough_to_read_it_again(world: World, stream: Stream) -> None:
    world.channel.send(reply_to(world, stream))
    world.speak(stream, "again")
    items, _ = walk(world, stream)
    assert [world.opened().understand(stream, item.raw) for item in items] == items


@pytest.mark.parametrize("stream", SPOKEN)
def test_an_item_that_is_still_not_understood_says_why(world: World, stream: Stream) -> None:
    world.speak(stream, "hello")
    world.fault(kind="malformed_item")
    (rejected,) = walk(world, stream)[1]
    again = world.channel.understand(stream, rejected.raw)
    assert isinstance(again, Rejected)
    assert again.reason == rejected.reason
    assert isinstance(world.channel.understand(stream, b"\xff{"), Rejected)


def test_absence_is_not_proven_past_a_message_that_cannot_be_read(world: World) -> None:
    outgoing = reply_to(world)
    world.channel.send(outgoing)
    world.fault(kind="malformed_item")
    with pytest.raises(ChannelDown, match="could not be understood"):
        world.channel.find_sent(outgoing)


def test_a_second_identical_reply_is_not_published_again(world: World) -> None:
    outgoing = reply_to(world)
    first = world.channel.send(outgoing)
    try:
        assert world.channel.send(outgoing) == first
    except SendUnknown:
        assert world.channel.find_sent(outgoing) == first
    assert on_network(world) == 1
