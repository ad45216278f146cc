"""Many replies sent over a failing network by a sender that is killed at every step.

The sending names no network: a `SendWorld` lends a desk, lets the public ask, breaks the network
and says what became public. `WORLDS` holds one for each network.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

from sqlmodel import select

from socialdesk.core.clock import SetClock
from socialdesk.ingest.poller import Poller
from socialdesk.outbox import sender as outbox
from socialdesk.outbox.sender import Sender
from socialdesk.queue import claims, replies
from socialdesk.queue.coverage import open_gaps
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.search import Query
from socialdesk.simulator.local import Simulator
from socialdesk.simulator.server import NETWORKS
from socialdesk.store.tables import Reply
from tests.desks import KeywordAssessor, make_officer
from tests.networks import break_network, desk_at

FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "accept_then_drop"},
    {"kind": "accept_then_drop"},
    {"kind": "truncated"},
    {"kind": "server_error", "status": 500},
    {"kind": "server_error", "status": 503},
    {"kind": "rate_limited"},
    {"kind": "unauthorised"},
)
STEPS = (
    "take_next",
    "send",
    "published",
    "lost_sight",
    "postponed",
    "next_unknown",
    "find_sent",
    "proven_absent",
)
"""Where the sender dies, before the step or after it: all it does is one of these."""
RARE = ("proven_absent",) * 4
"""What the sender comes to seldom is tried more often."""
LEADS_TO: dict[str, dict[str, object]] = {
    "postponed": {"kind": "rate_limited"},
    "lost_sight": {"kind": "accept_then_drop"},
    "proven_absent": {"kind": "server_error", "status": 503},
}
"""Steps that the sender comes to only when this goes wrong, now or a little earlier."""
OPEN = ("queued", "sending", "unknown")


_LEADING_NAME = re.compile(r"^@\S+ ")
"""Mastodon shows a reply with the name of whom it answers before it."""


class Killed(BaseException):
    """The sender was killed here."""


class SendWorld(Protocol):
    """A desk on some network."""

    @property
    def desk(self) -> Desk:
        """The desk; its clock is the network's."""

    @property
    def clock(self) -> SetClock:
        """What time it is for both."""

    def ask(self, number: int) -> None:
        """Let a member of the public write to the account, somebody else for each number."""

    def suffer(self, rules: list[dict[str, object]]) -> None:
        """Put fault rules in force; none mends the network."""

    def public(self) -> Counter[str]:
        """Return the texts that the account has on the network, public and private."""


@dataclass(frozen=True)
class OnNetwork:
    """A simulated network, over HTTP, by the real client."""

    desk: Desk
    clock: SetClock
    sim: Simulator

    def ask(self, number: int) -> None:
        who = self.sim.network.join(f"h{number}", "Someone")
        if number % 2:
            self.sim.network.message(who, self.sim.account, f"question {number}")
        else:
            self.sim.network.post(who, f"@NorthshirePolice question {number}")

    def suffer(self, rules: list[dict[str, object]]) -> None:
        break_network(self.sim, *rules)

    def public(self) -> Counter[str]:
        found = self.sim.control.summary()["desk"]
        said = Counter(reply["text"] for reply in (*found["posts"], *found["dms"]))
        return Counter({_LEADING_NAME.sub("", text): count for text, count in said.items()})


def on(name: str) -> Callable[[Path], AbstractContextManager[SendWorld]]:
    """Return what lends a desk on the network called `name`."""

    @contextmanager
    def lent(home: Path) -> Iterator[SendWorld]:
        clock = SetClock(datetime.now(UTC))
        with NETWORKS[name](clock=clock) as sim:
            yield OnNetwork(desk_at({name: sim.base_url}, home, clock), clock, sim)

    return lent


WORLDS = {name: on(name) for name in NETWORKS}


@dataclass
class Sent:
    """How the sending went."""

    wanted: Counter[str]
    public: Counter[str]
    states: Counter[str]
    kills: Counter[str]


def send_through(world: SendWorld, count: int, seed: int) -> Sent:
    """Queue `count` replies, send them through faults and kills, and return what came of it."""
    wanted = _queue_replies(world, count)
    chance, kills = random.Random(seed), Counter[str]()
    sender = _new_sender(world.desk)
    while any(states(world.desk)[state] for state in OPEN):
        step, first = chance.choice((*STEPS, *RARE)), chance.random() < 0.5
        fault = {**LEADS_TO.get(step, chance.choice(FAULTS)), "method": "POST", "times": 1}
        world.suffer([fault] if step in LEADS_TO or chance.random() < 0.3 else [])
        worked = True
        try:
            if chance.random() < 0.5:
                with killing(sender, step, first=first):
                    worked = sender.step()
            else:
                worked = sender.step()
        except Killed:
            kills[step] += 1
            sender = _new_sender(world.desk)
        world.clock.advance(0.05 if worked else 60)
    return Sent(wanted, world.public(), states(world.desk), kills)


@contextmanager
def killing(sender: Sender, step: str, *, first: bool) -> Iterator[None]:
    """Kill the sender when it comes to a step: before it (`first`), or right after."""
    where = sender._open() if step in {"send", "find_sent"} else outbox
    act = getattr(where, step)

    def dying(*arguments: Any, **more: Any) -> Any:
        if not first:
            act(*arguments, **more)
        raise Killed

    with patch.object(where, step, dying):
        yield


def states(desk: Desk) -> Counter[str]:
    """Return how many replies stand in each state."""
    with desk.store.reading() as session:
        return Counter(session.exec(select(Reply.state)).all())


def _queue_replies(world: SendWorld, count: int) -> Counter[str]:
    """Let the public write and an officer answer each; return the replies' texts."""
    desk, account = world.desk, world.desk.force.accounts[0]
    officer = make_officer(desk)
    for number in range(count):
        world.ask(number)
    poller = Poller(desk, desk.service("ingest"), account, KeywordAssessor())
    poller.poll()
    while any(open_gaps(desk, account, stream) for stream in account.streams):
        world.clock.advance(3600)
        poller.turn()
    waiting = order(desk, officer, Query())
    assert len(waiting) == count
    for number, conversation in enumerate(waiting):
        claims.claim(desk, officer, conversation)
        draft = replies.begin_draft(desk, officer, conversation)
        replies.submit(desk, officer, draft, f"Answer number {number}.")
    return Counter(f"Answer number {number}." for number in range(count))


def _new_sender(desk: Desk) -> Sender:
    sender = Sender(desk, desk.service("outbox"), desk.force.accounts[0])
    sender.begin()
    return sender
