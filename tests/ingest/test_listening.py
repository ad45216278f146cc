"""A listening rule against a real HTTP network: what is posted while it runs is on the desk."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from socialdesk.channels.credentials import Credentials
from socialdesk.channels.x.client import XChannel
from socialdesk.channels.x.transport import XSession
from socialdesk.core.clock import SetClock, SystemClock
from socialdesk.core.shipped import shipped
from socialdesk.ingest.poller import Poller
from socialdesk.queue import listening
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import stream_of
from socialdesk.queue.health import read_health
from socialdesk.queue.listening_list import listed
from socialdesk.queue.listening_rule import Authority, Form, Proposal, Rank
from socialdesk.queue.people import Officer, Role
from socialdesk.queue.retention import load_rules
from socialdesk.simulator.server import XSimulator
from socialdesk.store.tables import Conversation, CoverageGap, Finding, Message, StreamState
from tests.desks import KeywordAssessor, make_officer
from tests.networks import break_network, desk_on, network, port_of

RULES = load_rules(shipped("config"))
DAY = 86_400.0


@pytest.fixture
def clock() -> SetClock:
    return SetClock(SystemClock().now())


@pytest.fixture
def x(clock: SetClock) -> Iterator[XSimulator]:
    with network(clock=clock) as simulator:
        yield simulator


@pytest.fixture
def desk(x: XSimulator, tmp_path: Path, clock: SetClock) -> Desk:
    return desk_on(port_of(x), tmp_path / "home", clock)


@pytest.fixture
def chief(desk: Desk) -> Officer:
    return make_officer(desk, "sam", "Sam Field", Role.SUPERVISOR)


@pytest.fixture
def poller(desk: Desk) -> Poller:
    return Poller(desk, desk.service("ingest"), desk.force.accounts[0], KeywordAssessor())


def begin(desk: Desk, chief: Officer, *terms: str, authority: Authority | None = None) -> UUID:
    proposal = Proposal(terms, "disorder around the fair", "DPIA/7", None, authority)
    return listening.add(desk, chief, "northshire-x", proposal, RULES, "listening")


def publish(x: XSimulator, text: str, by: str = "al") -> str:
    return x.network.post(x.network.join(by, by.title()), text).id


def stored(desk: Desk) -> set[str]:
    with desk.store.reading() as session:
        return set(session.exec(select(Message.remote_id)).all())


def test_what_matches_any_term_is_found_and_nothing_else(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    clock.advance(1)
    begin(desk, chief, "town centre disorder", "#fair", "flood")
    clock.advance(1)
    wanted = {
        publish(x, "Town centre disorder again!"),
        publish(x, "off to the #Fair", by="bo"),
        publish(x, "FLOOD on Mill Lane", by="cy"),
    }
    publish(x, "disorder in the town centre")
    publish(x, "what a fair day, a flooded road")
    poller.poll()
    assert stored(desk) == wanted
    with desk.store.reading() as session:
        assert len(session.exec(select(Finding)).all()) == 3
        assert {row.stream for row in session.exec(select(Conversation))} == {"listening"}
    assert read_health(desk).well


def test_what_was_said_before_the_rule_began_is_not_collected(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    for number in range(30):
        publish(x, f"#fair {number}")
    clock.advance(60)
    rule = begin(desk, chief, "#fair")
    clock.advance(60)
    after = publish(x, "#fair at last")
    poller.poll()
    assert stored(desk) == {after}
    with desk.store.reading() as session:
        assert session.exec(select(CoverageGap)).all() == []
        assert session.get(StreamState, ("northshire-x", stream_of(rule))) is not None


def test_many_pages_over_many_polls_are_found_once_each(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    begin(desk, chief, "#fair")
    wanted: set[str] = set()
    for turn in range(3):
        clock.advance(60)
        wanted |= {publish(x, f"#fair {turn} {n}", by=f"p{n % 7}") for n in range(130)}
        poller.poll()
        assert stored(desk) == wanted


def test_a_walk_that_dies_is_read_on_and_nothing_is_lost(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    begin(desk, chief, "#fair")
    clock.advance(60)
    wanted = {publish(x, f"#fair {n}") for n in range(250)}
    break_network(x, {"kind": "server_error", "path": "search", "nth": 2})
    poller.poll()
    assert len(stored(desk)) == 100
    break_network(x)
    for _ in range(4):
        clock.advance(3600)
        poller.turn()
    assert stored(desk) == wanted


def test_a_desk_that_slept_beyond_what_the_network_serves_reads_what_there_is(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    credentials = Credentials(**asdict(x.credentials))
    poller.channel = XChannel(credentials, XSession(x.base_url, 5.0), clock)
    begin(desk, chief, "#fair")
    clock.advance(60)
    first = publish(x, "#fair first")
    poller.poll()
    clock.advance(10 * DAY)
    second = publish(x, "#fair second")
    poller.poll()
    assert stored(desk) == {first, second}
    with desk.store.reading() as session:
        (gap,) = session.exec(
            select(CoverageGap).where(col(CoverageGap.stream).like("listening:%"))
        ).all()
    assert gap.lost


def test_a_rule_stops_by_itself_at_its_end_and_asks_the_network_no_more(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    now = clock.now()
    oral = Authority(
        "OP/1", "Insp A", Rank.INSPECTOR, Form.URGENT_ORAL, now, now + timedelta(hours=72)
    )
    begin(desk, chief, "@al", authority=oral)
    clock.advance(60)
    wanted = {publish(x, "the man himself"), publish(x, "ask @al", by="bo")}
    poller.poll()
    assert stored(desk) == wanted
    clock.advance(3 * DAY)
    publish(x, "said too late to be collected")
    poller.poll()
    assert stored(desk) == wanted
    (view,) = listed(desk, chief, ended=True)
    assert view.stopped_because == "expired"


def test_the_accounts_own_posts_are_not_found(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    begin(desk, chief, "#fair")
    clock.advance(60)
    x.network.post(x.account, "See you at the #fair")
    poller.poll()
    assert stored(desk) == set()


def test_a_mention_that_a_rule_finds_too_is_one_message_of_a_contact(
    x: XSimulator, desk: Desk, chief: Officer, poller: Poller, clock: SetClock
) -> None:
    begin(desk, chief, "#fair")
    clock.advance(60)
    publish(x, "@NorthshirePolice trouble at the #fair")
    poller.poll()
    poller.poll()
    with desk.store.reading() as session:
        (conversation,) = session.exec(select(Conversation)).all()
    assert conversation.found_by is None
    assert len(stored(desk)) == 1
