"""Many sends under accept-then-drop, other faults and kills at every step: each is public once.

SOCIALDESK_SENDS=N sets how many replies are sent.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlmodel import select

from socialdesk.core.clock import SetClock
from socialdesk.ingest.poller import Poller
from socialdesk.outbox import sender as outbox
from socialdesk.outbox.sender import Sender
from socialdesk.queue import claims, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.search import Query
from socialdesk.simulator.server import XSimulator
from socialdesk.store.tables import Reply
from tests.desks import KeywordAssessor, make_officer
from tests.networks import break_network, desk_on, network, port_of

SENDS = int(os.environ.get("SOCIALDESK_SENDS", "200"))
FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "accept_then_drop"},
    {"kind": "truncated"},
    {"kind": "server_error", "status": 500},
    {"kind": "server_error", "status": 503},
    {"kind": "rate_limited"},
    {"kind": "unauthorised"},
)
KILLS = ("before the request", "after the request", "before the outcome is written")
OPEN = ("queued", "sending", "unknown")


class Killed(BaseException):
    """The sender was killed here."""


@contextmanager
def killing(sender: Sender, moment: str) -> Iterator[None]:
    """Kill the sender at one step of its next send."""
    channel = sender._open()
    send = channel.send

    def dies(*_: Any, **__: Any) -> Any:
        raise Killed

    def sends_and_dies(outgoing: Any) -> Any:
        send(outgoing)
        raise Killed

    if moment == "before the outcome is written":
        with patch.object(outbox, "published", dies):
            yield
        return
    with patch.object(channel, "send", dies if moment == "before the request" else sends_and_dies):
        yield


def queue_replies(x: XSimulator, desk: Desk) -> set[str]:
    """Let the public write and an officer answer each; return the replies' texts."""
    officer = make_officer(desk)
    for number in range(SENDS):
        who = x.network.join(f"h{number}", "Someone")
        if number % 2:
            x.network.message(who, x.account, f"question {number}")
        else:
            x.network.post(who, f"@NorthshirePolice question {number}")
    poller = Poller(desk, desk.service("ingest"), desk.force.accounts[0], KeywordAssessor())
    for _ in range(3):
        poller.poll()
    waiting = order(desk, officer, Query())
    assert len(waiting) == SENDS
    for number, conversation in enumerate(waiting):
        claims.claim(desk, officer, conversation)
        draft = replies.begin_draft(desk, officer, conversation)
        replies.submit(desk, officer, draft, f"Answer number {number}.")
    return {f"Answer number {number}." for number in range(SENDS)}


def new_sender(desk: Desk) -> Sender:
    sender = Sender(desk, desk.service("outbox"), desk.force.accounts[0])
    sender.begin()
    return sender


def states(desk: Desk) -> Counter[str]:
    with desk.store.reading() as session:
        return Counter(session.exec(select(Reply.state)).all())


def test_every_reply_is_public_exactly_once(tmp_path: Path) -> None:
    clock, chance = SetClock(datetime.now(UTC)), random.Random(11)
    with network(clock=clock) as x:
        desk = desk_on(port_of(x), tmp_path / "home", clock)
        wanted = queue_replies(x, desk)
        sender, kills = new_sender(desk), 0
        while any(states(desk)[state] for state in OPEN):
            fate = chance.random()
            break_network(
                x,
                *([{**chance.choice(FAULTS), "method": "POST", "times": 1}] if fate < 0.3 else []),
            )
            try:
                if fate > 0.7:
                    with killing(sender, chance.choice(KILLS)):
                        worked = sender.step()
                else:
                    worked = sender.step()
            except Killed:
                kills += 1
                sender, worked = new_sender(desk), True
            clock.advance(0.05 if worked else 60)
        found = x.control.summary()["desk"]
    public = Counter(reply["text"] for reply in (*found["posts"], *found["dms"]))
    assert public == Counter(wanted)
    assert states(desk) == {"sent": SENDS}
    assert kills > SENDS // 10
