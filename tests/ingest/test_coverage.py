"""What cannot be read, or not yet, is known and said: horizons, depths, expired tokens."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from socialdesk.channels.base import Channel, Stream
from socialdesk.cli.app import app
from socialdesk.core.clock import SetClock
from socialdesk.ingest import walk
from socialdesk.ingest.poller import Poller
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.stream_health import GapHealth
from socialdesk.simulator.faults import rules_from
from socialdesk.store.tables import Message
from tests.desks import START, KeywordAssessor
from tests.faults.memory import PAGE, MemoryNetwork

HORIZON = timedelta(days=30)
Build = Callable[..., tuple[MemoryNetwork, Poller]]


@pytest.fixture
def watched(desk: Desk, clock: SetClock) -> Build:
    """Return a network in memory and the poller that reads it."""

    def build(**options: Any) -> tuple[MemoryNetwork, Poller]:
        network = MemoryNetwork(clock, **options)
        account = desk.force.accounts[0]
        channel = cast("Channel", network)
        return network, Poller(desk, desk.service("ingest"), account, KeywordAssessor(), channel)

    return build


def stored(desk: Desk) -> set[str]:
    with desk.store.reading() as session:
        return set(session.exec(select(Message.remote_id)).all())


def say(network: MemoryNetwork, count: int, stream: Stream = Stream.DMS) -> set[str]:
    return {network.say(stream) for _ in range(count)}


def gaps(desk: Desk, *, lost: bool) -> list[GapHealth]:
    return [gap for gap in read_health(desk).gaps if gap.lost is lost]


def fail(network: MemoryNetwork, **rule: object) -> None:
    network.faults.replace(rules_from([rule] if rule else [], source="the test"))


def coverage(desk: Desk, *options: str) -> tuple[int, str]:
    """Run `socialdesk coverage` on a desk's home."""
    answer = CliRunner().invoke(
        app, ["--home", str(desk.home.root), "coverage", *options], catch_exceptions=False
    )
    return answer.exit_code, answer.stdout


def test_what_fell_beyond_the_horizon_is_told_and_the_rest_is_read(
    desk: Desk, clock: SetClock, watched: Build
) -> None:
    network, poller = watched(horizon=HORIZON)
    before = say(network, 3)
    poller.poll()
    clock.advance(timedelta(days=5).total_seconds())
    say(network, 4)
    clock.advance(timedelta(days=20).total_seconds())
    within = say(network, 12)
    clock.advance(timedelta(days=15).total_seconds())
    poller.poll()
    assert stored(desk) == before | within
    (gap,) = gaps(desk, lost=True)
    assert (gap.stream, gap.since, gap.until) == ("dms", START, clock.now() - HORIZON)
    assert gaps(desk, lost=False) == []
    _status, said = coverage(desk)
    assert (
        "may have missed messages from 2026-11-23 09:00:00 UTC to 2026-12-03 09:00:00 UTC" in said
    )


def test_a_stream_read_within_its_horizon_has_missed_nothing(
    desk: Desk, clock: SetClock, watched: Build
) -> None:
    network, poller = watched(horizon=HORIZON)
    for _ in range(4):
        say(network, 7)
        poller.poll()
        clock.advance(timedelta(days=29).total_seconds())
    poller.poll()
    assert gaps(desk, lost=True) == []


def test_more_than_the_network_serves_is_a_gap_that_is_told_and_never_filled(
    desk: Desk, clock: SetClock, watched: Build
) -> None:
    network, poller = watched(depth=4 * PAGE)
    before = say(network, 3, Stream.MENTIONS)
    poller.poll()
    read_at = clock.now()
    clock.advance(3600)
    say(network, 2 * PAGE, Stream.MENTIONS)
    clock.advance(3600)
    served = say(network, 4 * PAGE, Stream.MENTIONS)
    oldest_served = clock.now()
    poller.poll()
    assert stored(desk) == before | served
    (gap,) = gaps(desk, lost=True)
    assert (gap.since, gap.until) == (read_at, oldest_served)
    clock.advance(3600)
    asked = network.reads
    poller.poll()
    assert network.reads == asked + 2, "a lost interval is not asked for again"
    assert len(gaps(desk, lost=True)) == 1


def test_a_walk_that_met_fewer_than_the_network_serves_has_missed_nothing(
    desk: Desk, clock: SetClock, watched: Build
) -> None:
    network, poller = watched(depth=4 * PAGE)
    said = set[str]()
    for _ in range(3):
        said |= say(network, 4 * PAGE - 1, Stream.MENTIONS)
        poller.poll()
        clock.advance(3600)
    assert stored(desk) == said
    assert gaps(desk, lost=True) == []


def test_what_arrives_while_a_gap_waits_counts_towards_the_depth(
    desk: Desk, clock: SetClock, watched: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "HEAD_PAGES", 1)
    network, poller = watched(depth=4 * PAGE)
    say(network, 3 * PAGE, Stream.MENTIONS)
    fail(network, kind="server_error", status=503, path="mentions", nth=2)
    poller.poll()
    assert len(gaps(desk, lost=False)) == 1
    fail(network)
    clock.advance(3600)
    late = say(network, 3 * PAGE, Stream.MENTIONS)
    for _ in range(4):
        clock.advance(3600)
        poller.poll()
    assert stored(desk) >= late
    assert gaps(desk, lost=False) == []
    assert gaps(desk, lost=True), "what lay below the newest was no longer served"


@pytest.mark.parametrize("by_id", [True, False], ids=["read from an id", "read by token"])
def test_a_page_token_that_expires_in_mid_walk_costs_no_message(
    desk: Desk, clock: SetClock, watched: Build, *, by_id: bool
) -> None:
    network, poller = watched(reads_before=frozenset((Stream.MENTIONS,)) if by_id else frozenset())
    said = say(network, 6 * PAGE, Stream.MENTIONS)
    fail(network, kind="server_error", status=503, path="mentions", nth=3)
    poller.poll()
    assert len(stored(desk)) == 2 * PAGE
    network.era += 1
    fail(network)
    for _ in range(4):
        clock.advance(3600)
        poller.turn()
    assert stored(desk) == said
    assert gaps(desk, lost=False) == []


def test_access_that_ends_in_mid_walk_is_said_and_the_walk_goes_on_when_it_is_renewed(
    desk: Desk, clock: SetClock, watched: Build
) -> None:
    network, poller = watched()
    said = say(network, 6 * PAGE)
    fail(network, kind="unauthorised", path="dm_events", nth=4)
    poller.poll()
    assert len(stored(desk)) == 3 * PAGE
    assert "not let in" in coverage(desk)[1]
    fail(network)
    clock.advance(3600)
    poller.turn()
    assert stored(desk) == said


def test_coverage_tells_every_stream_its_gaps_and_what_the_network_allows(
    desk: Desk, watched: Build
) -> None:
    network, poller = watched()
    status, said = coverage(desk)
    assert status == 1
    assert "northshire-x mentions: never read" in said
    say(network, 2 * PAGE)
    fail(network, kind="server_error", status=503, path="dm_events", nth=2)
    poller.poll()
    status, said = coverage(desk)
    assert status == 1
    assert "northshire-x mentions: read until 2026-11-23 09:00:00 UTC, next poll" in said
    assert "gap from its beginning to 2026-11-23 09:00:00 UTC, still to be read" in said


def test_coverage_as_json_names_the_ids_between_which_nothing_is_proven(
    desk: Desk, clock: SetClock, watched: Build
) -> None:
    network, poller = watched()
    names = sorted(say(network, 2 * PAGE), key=int)
    fail(network, kind="server_error", status=503, path="dm_events", nth=2)
    poller.poll()
    status, said = coverage(desk, "--json")
    found = json.loads(said)
    (gap,) = found["gaps"]
    assert status == 1
    assert (gap["stream"], gap["top"], gap["bottom"]) == ("dms", names[PAGE], None)
    assert {one["stream"]: one["never_read"] for one in found["streams"]} == {
        "mentions": False,
        "dms": True,
    }
    assert all(one["next_attempt_at"] for one in found["streams"])


def test_coverage_is_content_when_all_is_read(
    desk: Desk, clock: SetClock, watched: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialdesk.queue.desk.SystemClock", lambda: clock)
    network, poller = watched()
    say(network, 2)
    poller.poll()
    status, said = coverage(desk)
    assert status == 0
    assert "gap" not in said
