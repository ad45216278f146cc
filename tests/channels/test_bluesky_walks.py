from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.channels.base import Stream
from socialdesk.channels.bluesky import dms
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import (
    ChannelDown,
)
from socialdesk.simulator.bluesky.names import tid_of
from socialdesk.simulator.server import BlueskySimulator
from tests.channels.bluesky import asked, fault, opened, person, walk


@pytest.fixture
def sim() -> Iterator[BlueskySimulator]:
    with BlueskySimulator() as sim:
        yield sim


def test_requests_and_accepted_conversations_are_both_read(sim: BlueskySimulator) -> None:
    for name in ("al", "bo", "cy"):
        sim.network.message(person(sim, name), sim.account, f"I am {name}")
    sim.network.message(sim.account, person(sim, "bo"), "Hello Bo")
    found = walk(opened(sim), Stream.DMS)
    assert sorted(item.text for item in found) == ["Hello Bo", "I am al", "I am bo", "I am cy"]
    assert {item.author.handle for item in found if not item.outbound} == {
        f"{name}.bsky.test" for name in ("al", "bo", "cy")
    }


def test_many_conversations_are_all_read_by_tokens_that_can_be_kept(
    sim: BlueskySimulator,
) -> None:
    for n in range(45):
        sim.network.message(person(sim, f"p{n}"), sim.account, f"{n}")
    channel = opened(sim)
    texts, page = [], None
    while True:
        got = channel.read(Stream.DMS, since=None, page=page)
        texts += [item.text for item in got.items]
        page = got.next_page
        if page is None:
            break
        assert len(page) <= 2000
    assert sorted(texts) == sorted(str(n) for n in range(45))


def test_silent_conversations_are_not_read_again(
    sim: BlueskySimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dms, "MARGIN", timedelta(0))
    past = datetime.now(UTC) - timedelta(hours=1)
    for n in range(5):
        sim.network.message(person(sim, f"p{n}"), sim.account, "old", at=past)
    channel = opened(sim)
    cursor = channel.read(Stream.DMS, since=None, page=None).cursor
    calls = asked(sim)
    assert walk(channel, Stream.DMS, cursor) == []
    assert calls == ["listConvos", "listConvos"]


def test_a_message_that_arrives_behind_a_walk_is_above_its_cursor(sim: BlueskySimulator) -> None:
    now = datetime.now(UTC)
    sim.network.message(person(sim, "al"), sim.account, "first", at=now - timedelta(seconds=9))
    sim.network.message(person(sim, "bo"), sim.account, "second", at=now - timedelta(seconds=8))
    channel = opened(sim)
    page = channel.read(Stream.DMS, since=None, page=None)
    assert [item.text for item in page.items] == ["second"]
    sim.network.message(person(sim, "bo"), sim.account, "behind the walk")
    sim.network.message(person(sim, "al"), sim.account, "ahead of it")
    rest = channel.read(Stream.DMS, since=None, page=page.next_page)
    assert [item.text for item in rest.items] == ["ahead of it", "first"]
    assert "behind the walk" in [item.text for item in walk(channel, Stream.DMS, page.cursor)]


def test_a_post_that_is_listed_late_is_still_found(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    now = datetime.now(UTC)
    jo = person(sim)
    for n in range(30):
        sim.network.post(jo, f"@NorthshirePolice {n}", at=now - timedelta(minutes=60 - n))
    cursor = channel.read(Stream.MENTIONS, since=None, page=None).cursor
    sim.network.post(jo, "@NorthshirePolice late", at=now - timedelta(minutes=45))
    assert "@NorthshirePolice late" in [
        item.text for item in walk(channel, Stream.MENTIONS, cursor)
    ]


def test_a_post_dated_into_the_future_hides_nothing(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    ahead = sim.network.post(person(sim), "@NorthshirePolice I am from 2100", key="j" * 13)
    page = channel.read(Stream.MENTIONS, since=None, page=None)
    assert page.items[0].remote_id.endswith("/" + "j" * 13)
    later = sim.network.post(person(sim), "@NorthshirePolice and I from today")
    found = walk(channel, Stream.MENTIONS, page.cursor)
    assert [item.text for item in found] == [later.said, ahead.said]


def test_all_requests_of_a_call_share_its_time(sim: BlueskySimulator) -> None:
    for name in ("al", "bo"):
        sim.network.message(person(sim, name), sim.account, "hi")
    channel = opened(sim, timeout=0.5)
    channel.identify()
    fault(sim, kind="slow", seconds=0.3)
    began = datetime.now(UTC)
    with pytest.raises(ChannelDown):
        channel.read(Stream.DMS, since=None, page=None)
    assert datetime.now(UTC) - began < timedelta(seconds=1)


@given(st.data())
@settings(max_examples=25)
def test_whatever_arrives_during_walks_is_found_by_the_walks_that_follow(
    data: st.DataObject,
) -> None:
    clock = SetClock(datetime(2026, 3, 7, 9, tzinfo=UTC))
    spoken = st.tuples(st.sampled_from(["al", "bo", "cy", "di"]), st.booleans())
    found: set[str] = set()
    with BlueskySimulator(clock=clock) as sim:
        channel, cursor = opened(sim), None
        for _ in range(4):
            page: str | None = None
            moved: str | None = None
            first = True
            while first or page is not None:
                for name, to_force in data.draw(st.lists(spoken, max_size=3)):
                    pair = (person(sim, name), sim.account)
                    sim.network.message(*(pair if to_force else pair[::-1]), "hello")
                clock.advance(data.draw(st.sampled_from([0.001, 1, 59, 61])))
                got = channel.read(Stream.DMS, since=cursor, page=page)
                found |= {item.remote_id for item in got.items}
                moved = got.cursor if first else moved
                page, first = got.next_page, False
            cursor = moved
        found |= {item.remote_id for item in walk(channel, Stream.DMS, cursor)}
        assert found == {tid_of(message) for message in sim.network.messages}
