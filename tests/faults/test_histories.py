"""Whatever happens to walks, what is stored comes to equal what is on the network, once.

SOCIALDESK_HISTORIES=N multiplies the number of histories played.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from sqlalchemy import event

from socialdesk.channels.base import Channel, Stream
from socialdesk.channels.x import client
from socialdesk.core.clock import SetClock
from socialdesk.core.force import Account
from socialdesk.ingest import walk
from socialdesk.ingest.poller import Poller
from socialdesk.queue.accounts import open_account, secrets_path
from socialdesk.queue.desk import Desk
from socialdesk.simulator.faults import rules_from
from socialdesk.simulator.server import XSimulator
from tests.desks import START, make_desk
from tests.faults.histories import Played, Step, histories, keyword_poller
from tests.faults.memory import MemoryNetwork
from tests.networks import break_network, desk_on, network, port_of

TIMES = int(os.environ.get("SOCIALDESK_HISTORIES", "1"))
IN_MEMORY, OVER_HTTP = 80 * TIMES, 40 * TIMES
_numbers = itertools.count()


class InMemory:
    """A history's world without a wire."""

    def __init__(self, desk: Desk, account: Account, clock: SetClock) -> None:
        self.desk, self.account = desk, account
        self.network = MemoryNetwork(clock)

    def say(self, stream: str) -> None:
        self.network.say(Stream(stream))

    def held(self, stream: str) -> set[str]:
        return {item.remote_id for item in self.network.said[Stream(stream)]}

    def suffer(self, rules: list[dict[str, object]]) -> None:
        self.network.faults.replace(rules_from(rules, source="the history"))

    def expire(self) -> None:
        self.network.era += 1

    def poller(self) -> Poller:
        return keyword_poller(self.desk, self.account, cast("Channel", self.network))


class OverHttp:
    """A history's world on the simulated network, read by the real client."""

    def __init__(self, desk: Desk, account: Account, simulator: XSimulator) -> None:
        self.desk, self.account, self.simulator = desk, account, simulator
        shutil.copy(secrets_path(desk, desk.force.accounts[0]), secrets_path(desk, account))

    def say(self, stream: str) -> None:
        people = self.simulator.network
        who = people.join(f"h{next(_numbers) % 7}", "Someone")
        if stream == "dms":
            people.message(who, self.simulator.account, "hello")
        else:
            people.post(who, "@NorthshirePolice hello")

    def held(self, stream: str) -> set[str]:
        people, own = self.simulator.network, self.simulator.account.id
        found: list[Any] = [*(people.messages_of(own) if stream == "dms" else people.posts_to(own))]
        return {one.id for one in found}

    def suffer(self, rules: list[dict[str, object]]) -> None:
        break_network(self.simulator, *rules)

    def expire(self) -> None:
        """Its tokens hold a place, and never expire."""

    def poller(self) -> Poller:
        return keyword_poller(self.desk, self.account, open_account(self.desk, self.account))


def unhurried(desk: Desk) -> Desk:
    """Let the disk of a test's desk lag behind: no power is cut here."""

    def relax(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(desk.store.engine, "connect", relax)
    desk.store.engine.dispose()
    return desk


@pytest.fixture(scope="module")
def short_walks() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(walk, "HEAD_PAGES", 3)
    for parameters in (client._POST_PARAMETERS, client._EVENT_PARAMETERS):
        patch.setitem(cast("dict[str, Any]", parameters), "max_results", 5)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def memory_desk(tmp_path_factory: pytest.TempPathFactory, short_walks: None) -> Desk:
    return unhurried(make_desk(tmp_path_factory.mktemp("memory") / "home", SetClock(START)))


@pytest.fixture(scope="module")
def http_desk(tmp_path_factory: pytest.TempPathFactory, short_walks: None) -> Desk:
    clock = SetClock(datetime.now(UTC))
    return unhurried(desk_on(1, tmp_path_factory.mktemp("http") / "home", clock))


def own_account(desk: Desk, **more: object) -> Account:
    """Return an account of a history's own, so that many share one database."""
    return desk.force.accounts[0].model_copy(update={"id": f"history-{next(_numbers)}", **more})


@settings(max_examples=IN_MEMORY)
@given(steps=histories)
def test_any_history_ends_with_all_stored_once(memory_desk: Desk, steps: list[Step]) -> None:
    clock = cast("SetClock", memory_desk.clock)
    account = own_account(memory_desk)
    Played(InMemory(memory_desk, account, clock), memory_desk, clock, account).play(steps)


@settings(max_examples=OVER_HTTP)
@given(steps=histories)
def test_any_history_over_http_ends_with_all_stored_once(
    http_desk: Desk, steps: list[Step]
) -> None:
    clock = cast("SetClock", http_desk.clock)
    with network(clock=clock) as simulator:
        account = own_account(http_desk, base_url=f"http://127.0.0.1:{port_of(simulator)}")
        Played(OverHttp(http_desk, account, simulator), http_desk, clock, account).play(steps)


def test_histories_do_kill_and_leave_gaps(memory_desk: Desk) -> None:
    clock = cast("SetClock", memory_desk.clock)
    account = own_account(memory_desk)
    world = InMemory(memory_desk, account, clock)
    played = Played(world, memory_desk, clock, account)
    played.play([("say", ("dms", 25)), ("kill", ("after storing", 2)), ("expire", None)])
    assert played.kills == 1
    assert set(played.stored("dms")) == world.held("dms")
