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

from .world import World, opened


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


def reply_to(
    world: World, stream: Stream = Stream.MENTIONS, text: str = "We are on it"
) -> Outgoing:
    if stream is Stream.MENTIONS:
        world.mention("jo", "help")
    else:
        world.say("jo", dm="help")
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
    assert world.channel.identify().handle == "NorthshirePolice"


def test_a_mention_is_read_with_its_author_thread_time_and_bytes(world: World) -> None:
    remote_id = world.mention("jo", "is <this> you & yours?")
    (item,) = world.channel.read(Stream.MENTIONS, since=None, page=None).items
    assert item.remote_id == remote_id
    assert item.text == "@NorthshirePolice is <this> you & yours?"
    assert item.author.handle == "jo"
    assert item.thread_key == f"post:{remote_id}:{item.contact_id}"
    assert not item.outbound
    assert abs(item.created_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert b"&lt;this&gt; you &amp; yours?" in item.raw
    assert b'"username": "jo"' in item.raw


def test_a_long_post_is_read_whole(world: World) -> None:
    text = "help " * 100 + "he has a knife"
    world.mention("jo", text)
    (item,) = world.channel.read(Stream.MENTIONS, since=None, page=None).items
    assert item.text.endswith("he has a knife")


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
def test_a_walk_over_pages_finds_everything_once(world: World, stream: Stream) -> None:
    said = {
        world.mention("jo", f"number {n}")
        if stream is Stream.MENTIONS
        else world.say("jo", dm=f"number {n}")
        for n in range(230)
    }
    items, rejected = walk(world, stream)
    assert [item.remote_id for item in items] == sorted(said, key=int, reverse=True)
    assert not rejected


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
def test_a_walk_from_since_finds_all_that_is_newer(world: World, stream: Stream) -> None:
    ids = [
        world.mention("jo", f"{n}") if stream is Stream.MENTIONS else world.say("jo", dm=f"{n}")
        for n in range(210)
    ]
    items, _ = walk(world, stream, since=ids[60])
    found = {item.remote_id for item in items}
    assert set(ids[61:]) <= found
    assert len(found) < 210


def test_newest_orders_ids_as_numbers(world: World) -> None:
    assert world.channel.newest("999", "1000") == "1000"


def test_both_sides_of_a_dm_share_one_thread(world: World) -> None:
    world.channel.send(reply_to(world, Stream.DMS, "are you safe"))
    items, _ = walk(world, Stream.DMS)
    assert [item.outbound for item in items] == [True, False]
    assert len({item.thread_key for item in items}) == 1
    assert len({item.contact_id for item in items}) == 1


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
def test_a_reply_is_published_once_and_found(world: World, stream: Stream) -> None:
    outgoing = reply_to(world, stream, "Thanks & <stay> safe https://example.org/advice?a=1&b=2")
    assert world.channel.find_sent(outgoing) is None
    receipt = world.channel.send(outgoing)
    assert on_network(world) == 1
    found = world.channel.find_sent(outgoing)
    assert found is not None
    assert found.remote_id == receipt.remote_id
    assert found.created_at == receipt.created_at


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
def test_another_text_time_or_person_is_not_taken_for_the_reply(
    world: World, stream: Stream
) -> None:
    outgoing = reply_to(world, stream)
    world.channel.send(outgoing)
    later = outgoing.queued_at + timedelta(hours=1)
    stranger = world.sim.network.join("someone", "Someone").id
    assert world.channel.find_sent(replace(outgoing, text="We are on it!")) is None
    assert world.channel.find_sent(replace(outgoing, queued_at=later)) is None
    assert world.channel.find_sent(replace(outgoing, contact_id=stranger)) is None


def test_the_allowance_tells_what_is_left(world: World) -> None:
    allowance = world.channel.read(Stream.MENTIONS, since=None, page=None).allowance
    assert allowance.limit == 5000
    assert allowance.remaining == 4999
    assert allowance.resets_at is not None


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
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


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
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
    channel = opened(world.sim, timeout_seconds=0.4)
    outgoing = reply_to(world)
    world.fault(**fault)
    began = datetime.now(UTC)
    with pytest.raises(ChannelDown):
        channel.read(Stream.MENTIONS, since=None, page=None)
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
    channel = opened(world.sim)
    with pytest.raises(ChannelDown):
        channel.send(outgoing)
    with pytest.raises(ChannelDown):
        channel.read(Stream.MENTIONS, since=None, page=None)


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
@pytest.mark.parametrize("kind", ["out_of_order", "repeated", "partial_errors"])
def test_a_disordered_page_loses_nothing(world: World, stream: Stream, kind: str) -> None:
    ids = {
        world.mention("jo", f"{n}") if stream is Stream.MENTIONS else world.say("jo", dm=f"{n}")
        for n in range(120)
    }
    world.fault(kind=kind)
    items, rejected = walk(world, stream)
    assert {item.remote_id for item in items} == ids
    assert not rejected


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
def test_bytes_that_are_no_utf8_survive(world: World, stream: Stream) -> None:
    if stream is Stream.MENTIONS:
        world.mention("jo", "hello")
    else:
        world.say("jo", dm="hello")
    world.fault(kind="invalid_utf8")
    (item,) = world.channel.read(stream, since=None, page=None).items
    assert b"\xff\xfe\xed\xa0\x80" in item.raw
    assert item.text.startswith("\udcff\udcfe\udced\udca0\udc80")
    assert item.text.endswith("hello")


@pytest.mark.parametrize("stream", [Stream.MENTIONS, Stream.DMS])
def test_a_malformed_item_is_kept_aside_and_the_walk_goes_on(world: World, stream: Stream) -> None:
    ids = [
        world.mention("jo", f"{n}") if stream is Stream.MENTIONS else world.say("jo", dm=f"{n}")
        for n in range(3)
    ]
    world.fault(kind="malformed_item")
    items, rejected = walk(world, stream)
    assert [item.remote_id for item in items] == [ids[1], ids[0]]
    assert [bad.remote_id for bad in rejected] == [ids[2]]
    assert b'"text": null' in rejected[0].raw


def test_absence_is_not_proven_past_a_message_that_cannot_be_read(world: World) -> None:
    outgoing = reply_to(world)
    world.channel.send(outgoing)
    world.fault(kind="malformed_item")
    with pytest.raises(ChannelDown, match="could not be understood"):
        world.channel.find_sent(outgoing)


def test_a_second_identical_reply_is_left_to_reconciliation(world: World) -> None:
    outgoing = reply_to(world)
    world.channel.send(outgoing)
    with pytest.raises(SendUnknown):
        world.channel.send(outgoing)
    assert on_network(world) == 1
