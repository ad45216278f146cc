"""Mastodon's channel over a simulated instance: what is its own beside the shared contract."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from socialdesk.channels.base import Channel, Item, Outgoing, Stream
from socialdesk.channels.mastodon.client import MastodonChannel, connected
from socialdesk.channels.mastodon.credentials import MastodonCredentials
from socialdesk.core.clock import SetClock, SystemClock
from socialdesk.core.errors import ChannelDown, ConfigError, SendRefused, SendUnknown
from socialdesk.simulator.exchange import Request
from socialdesk.simulator.mastodon import objects
from socialdesk.simulator.server import MastodonSimulator
from tests.networks import break_network, say


@pytest.fixture
def sim() -> Iterator[MastodonSimulator]:
    with MastodonSimulator() as simulator:
        yield simulator


@pytest.fixture
def channel(sim: MastodonSimulator) -> MastodonChannel:
    return opened(sim)


def opened(sim: MastodonSimulator) -> MastodonChannel:
    keys = MastodonCredentials(**sim.secrets)
    return connected(keys, sim.base_url, 2.0, SystemClock())


def heard(sim: MastodonSimulator) -> list[Request]:
    """Return a list to which every request from now on is added."""
    requests: list[Request] = []
    answer = sim._dialect.answer

    def noting(request: Request) -> object:
        requests.append(request)
        return answer(request)

    sim._dialect.answer = noting  # type: ignore[method-assign,assignment]
    return requests


def walk(channel: Channel, stream: Stream, since: str | None = None) -> list[Item]:
    items: list[Item] = []
    page: str | None = None
    while True:
        got = channel.read(stream, since=since, page=page)
        items += got.items
        page = got.next_page
        if page is None:
            return items


def answer_to(item: Item, text: str = "Yes, until 6pm.") -> Outgoing:
    in_reply_to = item.remote_id if item.stream is Stream.MENTIONS else None
    return Outgoing(item.stream, text, in_reply_to, item.contact_id, datetime.now(UTC), "marker-1")


def test_a_second_send_under_the_same_key_publishes_nothing_new(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    say(sim, "jo", "hello")
    requests = heard(sim)
    outgoing = answer_to(walk(channel, Stream.MENTIONS)[0])
    break_network(sim, {"kind": "accept_then_drop", "method": "POST", "times": 1})
    with pytest.raises(SendUnknown):
        channel.send(outgoing)
    found = channel.find_sent(outgoing)
    assert channel.send(outgoing) == found
    keys = [asked.headers["idempotency-key"] for asked in requests if asked.method == "POST"]
    assert keys == ["marker-1", "marker-1"]
    assert len(sim.control.summary()["desk"]["posts"]) == 1


def test_a_key_is_forgotten_after_an_hour_so_the_desk_looks_first() -> None:
    clock = SetClock(datetime.now(UTC))
    with MastodonSimulator(clock=clock) as sim:
        say(sim, "jo", "hello")
        channel = connected(MastodonCredentials(**sim.secrets), sim.base_url, 2.0, clock)
        outgoing = answer_to(walk(channel, Stream.MENTIONS)[0])
        first = channel.send(outgoing)
        clock.advance(3601)
        assert channel.find_sent(outgoing) == first
        assert channel.send(outgoing) != first


def test_a_public_reply_names_whom_it_answers_and_keeps_their_visibility(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    jo = sim.network.join("jo", "Jo")
    sim.network.post(jo, "@NorthshirePolice hello", visibility="unlisted")
    channel.send(answer_to(walk(channel, Stream.MENTIONS)[0]))
    (own,) = sim.network.posts_by(sim.account.id)
    assert (own.said, own.visibility) == ("@jo Yes, until 6pm.", "unlisted")


def test_a_private_reply_goes_to_one_person_alone(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    say(sim, "jo", "help me", "dm")
    (item,) = walk(channel, Stream.DMS)
    with pytest.raises(SendRefused, match="@al"):
        channel.send(answer_to(item, "I have asked @al about it"))
    channel.send(answer_to(item))
    (sent,) = sim.control.summary()["desk"]["dms"]
    assert sent["to"] == item.contact_id
    assert sim.control.summary()["desk"]["posts"] == []


def test_an_answer_to_what_was_deleted_is_refused_before_anything_is_sent(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    remote_id = say(sim, "jo", "hello")
    outgoing = answer_to(walk(channel, Stream.MENTIONS)[0])
    sim.network.delete_post(remote_id)
    requests = heard(sim)
    with pytest.raises(SendRefused, match="no longer there"):
        channel.send(outgoing)
    assert [asked.method for asked in requests] == ["GET"]


def test_a_conversation_that_grows_stays_one_thread(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    first = say(sim, "jo", "hello")
    receipt = channel.send(answer_to(walk(channel, Stream.MENTIONS)[0]))
    say(sim, "jo", "thanks, and on Sunday?", reply_to=receipt.remote_id)
    keys = {item.thread_key for item in walk(opened(sim), Stream.MENTIONS)}
    assert keys == {f"post:{first}:{walk(channel, Stream.MENTIONS)[0].contact_id}"}


def test_markup_becomes_text_and_the_bytes_are_kept(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    link = "https://example.org/a-long-address-of-more-than-thirty-letters?x=1&y=2"
    say(sim, "jo", f"see {link}\n\nis <that> you?")
    (item,) = walk(channel, Stream.MENTIONS)
    assert item.text == f"@NorthshirePolice see {link}\n\nis <that> you?"
    assert b"ellipsis" in item.raw
    assert json.loads(item.raw)["status"]["id"] == item.remote_id


def test_the_instances_own_text_limit_is_taken_on(
    sim: MastodonSimulator, channel: MastodonChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert channel.capabilities.text_limit[Stream.DMS] == 500
    monkeypatch.setattr(objects, "POST_LIMIT", 5000)
    channel.identify()
    assert set(channel.capabilities.text_limit.values()) == {5000}


def test_a_quiet_poll_of_direct_messages_asks_twice(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    say(sim, "jo", "hello", "dm")
    cursor = channel.read(Stream.DMS, since=None, page=None).cursor
    requests = heard(sim)
    assert channel.read(Stream.DMS, since=cursor, page=None).next_page is None
    assert [asked.path.rpartition("/")[2] for asked in requests] == ["notifications", "statuses"]


def test_what_the_account_wrote_elsewhere_is_read_as_its_own(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    jo = sim.network.join("jo", "Jo")
    say(sim, "jo", "hello", "dm")
    sim.network.message(sim.account, jo, "@jo we saw this")
    items = walk(channel, Stream.DMS)
    assert {(item.outbound, item.thread_key) for item in items} == {
        (False, f"dm:{jo.id}"), (True, f"dm:{jo.id}"),
    }  # fmt: skip


def test_a_walk_may_stop_at_any_page_and_go_on_from_its_token_anew(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    said = {say(sim, "jo", f"{n}") for n in range(170)}
    first = channel.read(Stream.MENTIONS, since=None, page=None)
    later = say(sim, "jo", "later")
    found, page = {item.remote_id for item in first.items}, first.next_page
    while page is not None:
        got = opened(sim).read(Stream.MENTIONS, since=None, page=page)
        found |= {item.remote_id for item in got.items}
        page = got.next_page
    assert found == said
    after = walk(channel, Stream.MENTIONS, since=first.cursor)
    assert later in {item.remote_id for item in after}


def test_a_search_that_reads_nothing_back_proves_nothing(
    sim: MastodonSimulator, channel: MastodonChannel
) -> None:
    say(sim, "jo", "hello")
    outgoing = replace(answer_to(walk(channel, Stream.MENTIONS)[0]), marker="marker-2")
    assert channel.find_sent(outgoing) is None
    break_network(sim, {"kind": "truncated", "path": "statuses"})
    with pytest.raises(ChannelDown):
        channel.find_sent(outgoing)


def test_an_account_without_its_instance_is_a_mistake_in_the_configuration() -> None:
    keys = MastodonCredentials(access_token="t" * 30)
    with pytest.raises(ConfigError, match="base_url"):
        connected(keys, None, 1.0, SystemClock())
