"""The poller against a real HTTP network: what is on the network is on the desk, once."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from socialdesk.ingest.poller import Poller
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.simulator.server import XSimulator
from socialdesk.store.tables import Message, StreamState
from tests.desks import KeywordAssessor
from tests.networks import break_network, desk_on, network, port_of, say


@pytest.fixture
def desk(x: XSimulator, tmp_path: Path) -> Desk:
    return desk_on(port_of(x), tmp_path / "home")


@pytest.fixture
def poller(desk: Desk) -> Poller:
    account = desk.force.accounts[0].model_copy(update={"timeout_seconds": 1.0})
    return Poller(desk, desk.service("ingest"), account, KeywordAssessor())


def stored(desk: Desk) -> set[str]:
    with desk.store.reading() as session:
        rows = session.exec(select(Message.remote_id).where(col(Message.outbound).is_(False))).all()
    assert len(rows) == len(set(rows))
    return set(rows)


def cursor(desk: Desk, stream: str = "mentions") -> str | None:
    with desk.store.reading() as session:
        state = session.get(StreamState, ("northshire-x", stream))
        return None if state is None else state.cursor


def due_now(desk: Desk) -> None:
    """Let the next poll happen at once, whatever the back-off says."""
    with desk.store.bookkeeping() as session:
        for state in session.exec(select(StreamState)):
            state.next_attempt_at = None
            session.add(state)


def problems(desk: Desk) -> list[str]:
    return [stream.problem for stream in read_health(desk).streams if stream.problem]


def test_mentions_and_direct_messages_reach_the_desk(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    said = {say(x, "jo", "hello"), say(x, "al", "in private", "dm")}
    poller.poll()
    assert stored(desk) == said
    assert read_health(desk).well


def test_what_is_said_later_is_read_later_and_nothing_is_read_twice(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    said = set()
    for number in range(4):
        said |= {say(x, f"h{number}", f"message {number}"), say(x, "al", f"dm {number}", "dm")}
        poller.poll()
        assert stored(desk) == said


def test_a_backlog_of_many_pages_is_read_to_its_end(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    said = {say(x, f"h{n % 20}", f"message {n}") for n in range(230)}
    said |= {say(x, f"h{n % 20}", f"dm {n}", "dm") for n in range(120)}
    poller.poll()
    assert stored(desk) == said


def test_a_walk_that_dies_in_the_middle_leaves_a_known_gap_and_loses_nothing(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    said = {say(x, f"h{n % 20}", f"message {n}") for n in range(250)}
    break_network(x, {"kind": "server_error", "path": "mentions", "nth": 2})
    poller.poll()
    newest_first = sorted(stored(desk), key=int, reverse=True)
    assert len(newest_first) == 100
    (gap,) = read_health(desk).gaps
    assert (gap.top, gap.bottom) == (newest_first[-1], None)
    assert cursor(desk) == newest_first[0]
    assert problems(desk)
    due_now(desk)
    poller.poll()
    assert stored(desk) == said
    assert problems(desk) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "server_error", "status": 500},
        {"kind": "server_error", "status": 502},
        {"kind": "rate_limited", "reset": True},
        {"kind": "rate_limited", "reset": False},
        {"kind": "hang", "seconds": 2},
        {"kind": "slow", "seconds": 3},
        {"kind": "truncated"},
        {"kind": "unauthorised"},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)
def test_whatever_the_network_does_it_is_shown_and_nothing_is_lost(
    x: XSimulator, desk: Desk, poller: Poller, fault: dict[str, object]
) -> None:
    said = {say(x, "jo", "hello"), say(x, "jo", "in private", "dm")}
    break_network(x, fault)
    poller.poll()
    assert len(problems(desk)) == 2
    break_network(x)
    due_now(desk)
    poller.poll()
    assert stored(desk) == said
    assert problems(desk) == []


@pytest.mark.parametrize("kind", ["out_of_order", "repeated", "partial_errors"])
def test_pages_out_of_order_or_with_repeats_are_stored_right(
    x: XSimulator, desk: Desk, poller: Poller, kind: str
) -> None:
    break_network(x, {"kind": kind})
    said = set()
    for _ in range(3):
        said |= {say(x, f"h{n}", f"message {n}") for n in range(7)}
        poller.poll()
    assert stored(desk) == said


def test_an_item_that_is_none_is_put_aside_and_the_walk_goes_on(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    said = {say(x, "jo", f"message {n}") for n in range(5)}
    break_network(x, {"kind": "malformed_item", "path": "mentions"})
    poller.poll()
    assert stored(desk) < said
    assert read_health(desk).quarantined == 1
    assert not read_health(desk).well


def test_a_network_that_is_down_is_polled_again_later_and_not_in_a_storm(tmp_path: Path) -> None:
    with network() as gone:
        desk = desk_on(port_of(gone), tmp_path / "home")
    account = desk.force.accounts[0]
    poller = Poller(desk, desk.service("ingest"), account, KeywordAssessor())
    waits = []
    for _ in range(5):
        waits.append((poller.poll() - desk.clock.now()).total_seconds())
        due_now(desk)
    assert waits[-1] > 4
    assert len(problems(desk)) == 2


def test_missing_credentials_are_shown_and_mended_without_a_restart(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    path = desk.home.secrets / "northshire-x.yaml"
    kept = path.read_bytes()
    path.unlink()
    poller.poll()
    assert "no such file" in problems(desk)[0]
    path.write_bytes(kept)
    path.chmod(0o600)
    due_now(desk)
    said = {say(x, "jo", "hello")}
    poller.poll()
    assert stored(desk) == said


def test_credentials_that_others_can_read_are_not_used(desk: Desk, poller: Poller) -> None:
    (desk.home.secrets / "northshire-x.yaml").chmod(0o644)
    poller.poll()
    assert "others can read" in problems(desk)[0]
