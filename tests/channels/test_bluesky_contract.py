"""Bluesky under the promises of tests/contract, and those that name ids in Bluesky's own words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from socialdesk.channels.base import Channel, Stream
from socialdesk.channels.bluesky.client import BlueskyChannel
from socialdesk.channels.bluesky.credentials import BlueskyCredentials
from socialdesk.channels.bluesky.transport import BlueskySession
from socialdesk.simulator.bluesky.names import Addresses, did_of, tid_of
from socialdesk.simulator.server import BlueskySimulator
from tests.contract import world as worlds
from tests.contract.test_channel_contract import (  # noqa: F401 pytest collects them here as well
    reply_to,
    test_a_disordered_page_loses_nothing,
    test_a_failed_read_says_what_it_means,
    test_a_failed_send_says_whether_it_may_be_public,
    test_a_long_post_is_read_whole,
    test_a_malformed_item_is_kept_aside_and_the_walk_goes_on,
    test_a_rate_limit_says_when_it_ends_if_the_network_did,
    test_a_reply_is_published_once_and_found,
    test_a_second_identical_reply_is_not_published_again,
    test_a_walk_from_the_cursor_finds_all_that_is_newer,
    test_absence_is_not_proven_past_a_message_that_cannot_be_read,
    test_both_sides_of_a_dm_share_one_thread,
    test_bytes_that_are_no_utf8_survive,
    test_no_call_outlasts_the_time_out,
    test_no_message_is_in_both_streams,
    test_nothing_is_sent_when_nobody_listens,
    test_the_allowance_tells_what_is_left,
    walk,
)
from tests.contract.world import SPOKEN, World


@dataclass
class BlueskyWorld(World):
    """A simulated Bluesky; what is said is named by address and message id, as Bluesky does."""

    def say(self, by: str, **said: Any) -> str:
        number = super().say(by, **said)
        if "dm" in said:
            return tid_of(number)
        return Addresses(self.sim.network).uri(self.sim.network.posts[number])

    def opened(self, timeout_seconds: float = 2.0) -> Channel:
        """Return another adapter with an open session."""
        sim = self.sim
        assert isinstance(sim, BlueskySimulator)
        keys = BlueskyCredentials(
            identifier=sim.secrets["identifier"], app_password=sim.secrets["app_password"]
        )
        channel = BlueskyChannel(keys, BlueskySession(sim.base_url, timeout_seconds))
        if not sim._wire.stopping.is_set():
            channel.identify()
        return channel


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[BlueskyWorld]:
    monkeypatch.setitem(worlds.TEXT_MEMBER, "bluesky", "text")
    with BlueskySimulator() as sim:
        made = BlueskyWorld("bluesky", sim, channel=None)  # type: ignore[arg-type] # opened next
        made.channel = made.opened()
        yield made


def test_the_account_knows_who_it_is(world: World) -> None:
    who = world.channel.identify()
    assert (who.handle, who.name) == ("northshirepolice.bsky.test", "Northshire Police")


def test_a_mention_is_read_with_its_author_thread_time_and_bytes(world: World) -> None:
    remote_id = world.mention("jo", "is <this> you & yours?")
    (item,) = world.channel.read(Stream.MENTIONS, since=None, page=None).items
    assert item.remote_id == remote_id
    assert item.text == "@NorthshirePolice is <this> you & yours?"
    assert item.author.handle == "jo.bsky.test"
    assert item.thread_key == f"post:{remote_id}:{item.contact_id}"
    assert not item.outbound
    assert abs(item.created_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert b"is <this> you & yours?" in item.raw
    assert b'"handle": "jo.bsky.test"' in item.raw


@pytest.mark.parametrize("stream", SPOKEN)
def test_a_walk_over_pages_finds_everything_once(world: World, stream: Stream) -> None:
    said = [world.speak(stream, f"number {n}") for n in range(230)]
    items, rejected = walk(world, stream)
    assert [item.remote_id for item in items] == said[::-1]
    assert not rejected


@pytest.mark.parametrize("stream", SPOKEN)
def test_newest_orders_ids_by_time(world: World, stream: Stream) -> None:
    first, second = (world.speak(stream, text) for text in ("first", "second"))
    assert world.channel.newest(first, second) == second
    assert world.channel.newest(second, first) == second


@pytest.mark.parametrize("stream", SPOKEN)
def test_another_text_time_or_person_is_not_taken_for_the_reply(
    world: World, stream: Stream
) -> None:
    outgoing = reply_to(world, stream)
    world.channel.send(outgoing)
    later = outgoing.queued_at + timedelta(hours=1)
    stranger = did_of(world.sim.network.join("someone", "Someone").id)
    assert world.channel.find_sent(replace(outgoing, text="We are on it!")) is None
    assert world.channel.find_sent(replace(outgoing, queued_at=later)) is None
    assert world.channel.find_sent(replace(outgoing, contact_id=stranger)) is None
