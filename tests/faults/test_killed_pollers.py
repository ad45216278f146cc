"""Pollers killed with SIGKILL in the middle of a page: nothing is lost, nothing is twice."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from socialdesk.audit.fsck import check_log
from socialdesk.core.clock import SetClock
from socialdesk.ingest.poller import Poller
from socialdesk.queue.coverage import open_gaps
from socialdesk.queue.desk import Desk
from socialdesk.simulator.server import XSimulator
from socialdesk.store.tables import AssessmentRow, Conversation, Message
from tests.faults.histories import STREAMS, Played, keyword_poller
from tests.faults.polling import MOMENTS
from tests.networks import break_network, desk_on, port_of

HISTORIES = int(os.environ.get("SOCIALDESK_HISTORIES", "1"))
KILLS = 4


def poll_until_killed(home: Path, moment: str, nth: int) -> bool:
    """Poll once in a process of its own; return whether it was killed on the way."""
    words = [sys.executable, "-m", "tests.faults.polling", str(home), moment, str(nth)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr
    return ended.returncode != 0


class OnNetwork:
    """The world of one desk on one simulated network."""

    def __init__(self, desk: Desk, x: XSimulator) -> None:
        self.desk, self.x, self._count = desk, x, 0

    def say(self, stream: str) -> None:
        self._count += 1
        who = self.x.network.join(f"h{self._count % 7}", "Someone")
        if stream == "dms":
            self.x.network.message(who, self.x.account, "hello")
        else:
            self.x.network.post(who, "@NorthshirePolice hello")

    def held(self, stream: str) -> set[str]:
        people, own = self.x.network, self.x.account.id
        found = people.messages_of(own) if stream == "dms" else people.posts_to(own)
        return {one.id for one in found}

    def suffer(self, rules: list[dict[str, object]]) -> None:
        break_network(self.x, *rules)

    def expire(self) -> None:
        """Its tokens hold a place, and never expire."""

    def poller(self) -> Poller:
        return keyword_poller(self.desk, self.desk.force.accounts[0], None)


def orphans(desk: Desk) -> tuple[int, int]:
    """Return how many messages lack an assessment, and how many too few their threads count."""
    with desk.store.reading() as session:
        messages = session.exec(select(Message.id)).all()
        assessed = set(session.exec(select(AssessmentRow.message_id)).all())
        counted = sum(session.exec(select(Conversation.version)).all())
    return len(set(messages) - assessed), len(messages) - counted


@pytest.mark.fault
@pytest.mark.parametrize("seed", range(2 * HISTORIES))
def test_a_poller_killed_at_any_moment_leaves_a_desk_that_comes_to_hold_all(
    x: XSimulator, tmp_path: Path, seed: int
) -> None:
    chance, home = random.Random(seed), tmp_path / "home"
    clock = SetClock(x.network._clock.now())
    desk = desk_on(port_of(x), home, clock)
    world = OnNetwork(desk, x)
    played = Played(world, desk, clock, desk.force.accounts[0])
    moments = chance.sample(MOMENTS, KILLS)
    killed = []
    for moment in moments:
        for stream in STREAMS:
            for _ in range(chance.randint(8, 25)):
                world.say(stream)
        killed.append(poll_until_killed(home, moment, chance.randint(1, 4)))
        played.require_ledger_holds()
        assert orphans(desk) == (0, 0), f"a page was torn by a kill while {moment}"
    assert sum(killed) >= KILLS - 1
    played.play([])
    for stream in STREAMS:
        assert not open_gaps(desk, desk.force.accounts[0], stream)
    desk.signer().sign(desk.store)
    found = check_log(desk.log, desk.store, desk.outside())
    assert found.good, found.problem
