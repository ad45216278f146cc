"""Poller and sender on every network: what is said is on the desk once, a reply public once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from sqlmodel import col, select

from socialdesk.channels.base import Channel, Outgoing, Receipt, Stream
from socialdesk.core.clock import SetClock
from socialdesk.core.force import Account
from socialdesk.ingest.poller import Poller
from socialdesk.outbox.sender import Sender
from socialdesk.queue import claims, replies
from socialdesk.queue.coverage import open_gaps
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.listing import order
from socialdesk.queue.search import Query
from socialdesk.store.tables import Message, Quarantined, Reply, StreamState
from tests.desks import KeywordAssessor, make_officer
from tests.networks import desk_at

from .world import SPOKEN, World

PUBLISHING = "tweets|messages|statuses|createRecord|sendMessage"
STREAMS = pytest.mark.parametrize("stream", SPOKEN)
FAULTS = pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limited"},
        {"kind": "rate_limited", "reset": False},
        {"kind": "server_error", "status": 500},
        {"kind": "server_error", "status": 503},
        {"kind": "accept_then_drop"},
        {"kind": "hang", "seconds": 1.2},
        {"kind": "truncated"},
        {"kind": "unauthorised"},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    made = desk_at({world.name: world.sim.base_url}, tmp_path / "home")
    yield made
    made.store.engine.dispose()


def account_of(desk: Desk) -> Account:
    quick = {"timeout_seconds": 0.8, "settle_seconds": 0.0}
    return desk.force.accounts[0].model_copy(update=quick)


def new_poller(desk: Desk) -> Poller:
    return Poller(desk, desk.service("ingest"), account_of(desk), KeywordAssessor())


def new_sender(desk: Desk) -> Sender:
    sender = Sender(desk, desk.service("outbox"), account_of(desk))
    sender.begin()
    return sender


def due_now(desk: Desk) -> None:
    """Let what waits out a back-off happen at once."""
    with desk.store.bookkeeping() as session:
        for state in session.exec(select(StreamState)):
            state.next_attempt_at, state.failures = None, 0
        for reply in session.exec(select(Reply).where(col(Reply.next_attempt_at).is_not(None))):
            reply.next_attempt_at = desk.clock.now()


def stored(desk: Desk) -> list[str]:
    with desk.store.reading() as session:
        rows = session.exec(select(Message.remote_id).where(col(Message.outbound).is_(False)))
        return sorted(rows)


def answered(world: World, desk: Desk, text: str) -> UUID:
    """Read what the public wrote and queue a reply to it; return the conversation."""
    new_poller(desk).poll()
    officer = make_officer(desk)
    conversation = order(desk, officer, Query())[0]
    claims.claim(desk, officer, conversation)
    replies.submit(desk, officer, replies.begin_draft(desk, officer, conversation), text)
    return conversation


def run_dry(desk: Desk, sender: Sender) -> None:
    for _ in range(12):
        due_now(desk)
        sender.closed.clear()
        if not sender.step():
            return


def public(world: World) -> list[str]:
    found = world.sim.control.summary()["desk"]
    return [reply["text"] for reply in (*found["posts"], *found["dms"])]


def states(desk: Desk) -> list[str]:
    with desk.store.reading() as session:
        return list(session.exec(select(Reply.state)))


class Unheard:
    """A channel whose send is accepted unheard, after which the network cannot be read."""

    def __init__(self, world: World, channel: Channel) -> None:
        self._world, self._channel = world, channel

    def send(self, outgoing: Outgoing) -> Receipt:
        self._world.fault(kind="accept_then_drop", path=PUBLISHING, method="POST")
        try:
            return self._channel.send(outgoing)
        finally:
            self._world.fault(kind="server_error", method="GET")

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        return self._channel.find_sent(outgoing)


@FAULTS
def test_a_failing_network_is_read_in_the_end_and_nothing_is_lost_or_twice(
    world: World, desk: Desk, fault: dict[str, object]
) -> None:
    said = [world.speak(stream, f"message {n}") for n in range(3) for stream in SPOKEN]
    world.fault(method="GET", **{"times": 2, **fault})
    poller = new_poller(desk)
    poller.poll()
    assert not read_health(desk).well
    for _ in range(4):
        due_now(desk)
        poller.poll()
    assert stored(desk) == sorted(said)
    assert read_health(desk).well


@STREAMS
@pytest.mark.parametrize("breaks_at", [1, 2, 3, 4])
def test_a_backlog_whose_reading_breaks_off_leaves_a_gap_that_is_read_later(
    world: World, tmp_path: Path, stream: Stream, breaks_at: int
) -> None:
    clock = SetClock(datetime.now(UTC))
    desk = desk_at({world.name: world.sim.base_url}, tmp_path / "home", clock)
    account = account_of(desk).model_copy(update={"streams": (stream.value,)})
    poller = Poller(desk, desk.service("ingest"), account, KeywordAssessor())
    said = [world.speak(stream, "the first")]
    poller.poll()
    said += [world.speak(stream, f"message {n}") for n in range(230)]
    world.fault(kind="server_error", method="GET", after=breaks_at, times=1)
    for _ in range(8):
        clock.advance(3600)
        poller.turn()
    said.append(world.speak(stream, "the last"))
    clock.advance(3600)
    poller.turn()
    assert stored(desk) == sorted(said)
    assert open_gaps(desk, account, stream.value) == []
    assert world.sim.faults.applied["server_error"] == 1


@STREAMS
def test_a_malformed_item_is_quarantined_and_those_around_it_are_on_the_desk(
    world: World, desk: Desk, stream: Stream
) -> None:
    said = [world.speak(stream, f"{n}") for n in range(3)]
    world.fault(kind="malformed_item", method="GET")
    poller = new_poller(desk)
    poller.poll()
    poller.poll()
    assert stored(desk) == sorted(said[:2])
    with desk.store.reading() as session:
        kept = session.exec(select(Quarantined.stream)).all()
    assert kept == [stream.value]


@STREAMS
@FAULTS
def test_a_reply_is_public_exactly_once_after_a_fault(
    world: World, desk: Desk, stream: Stream, fault: dict[str, object]
) -> None:
    world.speak(stream, "is the front desk open?")
    answered(world, desk, "Yes, until 6pm.")
    world.fault(method="POST", times=1, **fault)
    run_dry(desk, new_sender(desk))
    (text,) = public(world)
    assert text.endswith("Yes, until 6pm.")
    assert states(desk) == ["sent"]


@STREAMS
def test_a_reply_stays_in_doubt_while_the_network_cannot_be_read(
    world: World, desk: Desk, stream: Stream
) -> None:
    world.speak(stream, "is the front desk open?")
    answered(world, desk, "Yes, until 6pm.")
    sender = new_sender(desk)
    sender.channel = cast("Channel", Unheard(world, sender._open()))
    run_dry(desk, sender)
    assert states(desk) == ["unknown"]
    world.sim.faults.replace([])
    run_dry(desk, sender)
    assert states(desk) == ["sent"]
    assert len(public(world)) == 1


@STREAMS
def test_a_refused_reply_fails_with_its_reason_and_is_not_published(
    world: World, desk: Desk, stream: Stream
) -> None:
    world.speak(stream, "is the front desk open?")
    answered(world, desk, "Yes, until 6pm.")
    world.fault(kind="forbidden_reply", method="POST", path=PUBLISHING)
    run_dry(desk, new_sender(desk))
    assert states(desk) == ["failed"]
    assert public(world) == []
