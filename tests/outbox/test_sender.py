"""The sender against a real HTTP network: every reply is public once, whatever happens."""

from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from sqlmodel import select

from socialdesk.channels.base import Channel, Outgoing, Receipt
from socialdesk.ingest.poller import Poller
from socialdesk.outbox.sender import Sender
from socialdesk.queue import claims, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.simulator.server import XSimulator
from socialdesk.store.tables import Reply
from tests.desks import KeywordAssessor, make_officer
from tests.networks import break_network, desk_on, port_of, say


@pytest.fixture
def desk(x: XSimulator, tmp_path: Path) -> Desk:
    return desk_on(port_of(x), tmp_path / "home")


@pytest.fixture
def officer(desk: Desk) -> Officer:
    return make_officer(desk)


def sender_of(desk: Desk) -> Sender:
    account = desk.force.accounts[0].model_copy(
        update={"timeout_seconds": 1.0, "settle_seconds": 0.0}
    )
    sender = Sender(desk, desk.service("outbox"), account)
    sender.begin()
    return sender


def answer(x: XSimulator, desk: Desk, officer: Officer, kind: str, text: str) -> UUID:
    """Let the public write, read it, and queue a reply; return the conversation."""
    say(x, "jo", f"question about {text}", kind)
    Poller(desk, desk.service("ingest"), desk.force.accounts[0], KeywordAssessor()).poll()
    conversation = order(desk, officer, Query())[0]
    claims.claim(desk, officer, conversation)
    replies.submit(desk, officer, replies.begin_draft(desk, officer, conversation), text)
    return conversation


def run_dry(desk: Desk, sender: Sender, steps: int = 12) -> None:
    """Step until nothing is due, waiting out no back-off."""
    for _ in range(steps):
        with desk.store.bookkeeping() as session:
            for reply in session.exec(select(Reply).where(Reply.next_attempt_at.is_not(None))):  # type: ignore[union-attr]
                reply.next_attempt_at = desk.clock.now()
                session.add(reply)
        sender.closed.clear()
        if not sender.step():
            return


def published(x: XSimulator) -> list[str]:
    desk = x.control.summary()["desk"]
    return [reply["text"] for reply in (*desk["posts"], *desk["dms"])]


def state(desk: Desk) -> str:
    with desk.store.reading() as session:
        return session.exec(select(Reply.state)).one()


KINDS = pytest.mark.parametrize("kind", ["mention", "dm"])


@KINDS
def test_a_reply_reaches_the_network_and_its_thread(
    x: XSimulator, desk: Desk, officer: Officer, kind: str
) -> None:
    conversation = answer(x, desk, officer, kind, "Yes, until 6pm.")
    run_dry(desk, sender_of(desk))
    assert published(x) == ["Yes, until 6pm."]
    last = open_thread(desk, officer, conversation).said[-1]
    assert (last.outbound, last.text, last.state) == (True, "Yes, until 6pm.", "sent")


@KINDS
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "accept_then_drop"},
        {"kind": "server_error", "status": 500},
        {"kind": "server_error", "status": 503},
        {"kind": "hang", "seconds": 2},
        {"kind": "truncated"},
        {"kind": "rate_limited"},
        {"kind": "rate_limited", "reset": False},
        {"kind": "unauthorised"},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)
def test_a_reply_is_public_exactly_once_after_a_fault(
    x: XSimulator, desk: Desk, officer: Officer, kind: str, fault: dict[str, object]
) -> None:
    answer(x, desk, officer, kind, "Yes, until 6pm.")
    break_network(x, {**fault, "method": "POST", "times": 1})
    run_dry(desk, sender_of(desk))
    assert published(x) == ["Yes, until 6pm."]
    assert state(desk) == "sent"


@KINDS
def test_a_reply_in_doubt_stays_in_doubt_while_the_network_cannot_be_read(
    x: XSimulator, desk: Desk, officer: Officer, kind: str
) -> None:
    answer(x, desk, officer, kind, "Yes, until 6pm.")
    break_network(
        x,
        {"kind": "accept_then_drop", "method": "POST", "times": 1},
        {"kind": "server_error", "method": "GET"},
    )
    sender = sender_of(desk)
    run_dry(desk, sender)
    assert state(desk) == "unknown"
    break_network(x)
    run_dry(desk, sender)
    assert (state(desk), published(x)) == ("sent", ["Yes, until 6pm."])


def test_a_reply_the_network_refuses_is_shown_as_failed_with_its_reason(
    x: XSimulator, desk: Desk, officer: Officer
) -> None:
    conversation = answer(x, desk, officer, "mention", "Yes.")
    break_network(x, {"kind": "forbidden_reply", "method": "POST"})
    run_dry(desk, sender_of(desk))
    said = open_thread(desk, officer, conversation).said[-1]
    assert said.state == "failed"
    assert said.problem
    assert published(x) == []


def test_a_copy_of_another_post_is_refused_and_does_not_go_round_for_ever(
    x: XSimulator, desk: Desk, officer: Officer
) -> None:
    conversation = answer(x, desk, officer, "mention", "Yes.")
    break_network(x, {"kind": "duplicate_content", "method": "POST"})
    run_dry(desk, sender_of(desk))
    said = open_thread(desk, officer, conversation).said[-1]
    assert said.state == "failed"
    assert "Change the wording" in (said.problem or "")


def test_a_sender_that_died_in_mid_request_is_taken_up_without_a_second_post(
    x: XSimulator, desk: Desk, officer: Officer
) -> None:
    answer(x, desk, officer, "mention", "Yes.")
    first = sender_of(desk)
    channel = first._open()

    class Dies:
        def send(self, outgoing: Outgoing) -> Receipt:
            channel.send(outgoing)
            raise KeyboardInterrupt

    first.channel = cast("Channel", Dies())
    with pytest.raises(KeyboardInterrupt):
        first.step()
    run_dry(desk, sender_of(desk))
    assert (state(desk), published(x)) == ("sent", ["Yes."])
