from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from socialdesk.channels.base import Outgoing, Stream
from socialdesk.channels.bluesky.tid import rkey_for
from socialdesk.core.errors import (
    ChannelDown,
    RateLimited,
    SendRefused,
    SendUnknown,
)
from socialdesk.simulator.bluesky.names import did_of
from socialdesk.simulator.server import BlueskySimulator
from tests.channels.bluesky import answering, asked, fault, opened, person

CREATE = "/xrpc/com.atproto.repo.createRecord"


@pytest.fixture
def sim() -> Iterator[BlueskySimulator]:
    with BlueskySimulator() as sim:
        yield sim


def test_a_second_create_under_one_key_makes_no_second_post(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    outgoing = answering(sim, channel, Stream.MENTIONS)
    receipt = channel.send(outgoing)
    assert receipt.remote_id.endswith(f"/{rkey_for('m-1')}")
    with pytest.raises(SendUnknown):
        channel.send(outgoing)
    assert channel.find_sent(outgoing) == receipt
    assert len(sim.network.posts_by(sim.account.id)) == 1


@pytest.mark.parametrize("kind", ["accept_then_drop", "truncated"])
def test_a_lost_answer_is_found_by_the_key(sim: BlueskySimulator, kind: str) -> None:
    channel = opened(sim)
    outgoing = answering(sim, channel, Stream.MENTIONS)
    fault(sim, kind=kind, path=CREATE)
    with pytest.raises(SendUnknown):
        channel.send(outgoing)
    assert channel.find_sent(outgoing) is not None


def test_a_search_that_fails_proves_no_absence(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    outgoing = answering(sim, channel, Stream.MENTIONS)
    for kind, error in (("server_error", ChannelDown), ("rate_limited", RateLimited)):
        fault(sim, kind=kind, path="getRecord")
        with pytest.raises(error):
            channel.find_sent(outgoing)


def test_an_answer_to_a_deleted_post_is_refused_before_anything_is_sent(
    sim: BlueskySimulator,
) -> None:
    channel = opened(sim)
    outgoing = answering(sim, channel, Stream.MENTIONS)
    sim.network.delete_post(next(iter(sim.network.posts)))
    calls = asked(sim)
    with pytest.raises(SendRefused, match="no longer"):
        channel.send(outgoing)
    assert "createRecord" not in calls


def test_a_reply_deep_in_a_thread_names_root_and_parent(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    jo = person(sim)
    root = sim.network.post(person(sim, "al"), "what is going on?")
    sim.network.post(jo, "@NorthshirePolice look", reply_to=root.id)
    item = channel.read(Stream.MENTIONS, since=None, page=None).items[0]
    assert item.in_reply_to is not None
    assert item.thread_key == f"post:{item.in_reply_to}:{did_of(jo.id)}"
    outgoing = Outgoing(
        Stream.MENTIONS, "Seen", item.remote_id, item.contact_id, datetime.now(UTC), "m-2"
    )
    channel.send(outgoing)
    (post,) = sim.network.posts_by(sim.account.id)
    assert post.conversation_id == root.id


def test_characters_that_have_no_bytes_are_refused(sim: BlueskySimulator) -> None:
    channel = opened(sim)
    outgoing = answering(sim, channel, Stream.DMS)
    with pytest.raises(SendRefused):
        channel.send(replace(outgoing, text="broken \udcff"))
