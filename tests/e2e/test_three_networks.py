"""One desk on X, Mastodon and Bluesky at once, through the command line: configuration alone."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlmodel import col, select

from socialdesk.queue import claims, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.search import Query
from socialdesk.simulator.server import NETWORKS
from socialdesk.store.tables import Conversation, Message, Reply
from tests.desks import make_officer
from tests.networks import desk_at, free_port

PATIENCE = 60.0
KINDS = ("mention", "dm")


@pytest.fixture
def networks() -> Iterator[Mapping[str, str]]:
    """Run `socialdesk simulate` for each network; return where they say they listen."""
    command = [sys.executable, "-m", "socialdesk", "simulate"]
    with ExitStack() as stack:
        found: dict[str, str] = {}
        for name in NETWORKS:
            process = subprocess.Popen(
                [*command, name, "--port", str(free_port())], stdout=subprocess.PIPE, text=True
            )
            stack.callback(stopped, process)
            assert process.stdout is not None
            found[name] = process.stdout.readline().split()[-1]
        yield found


@pytest.fixture
def desk(networks: Mapping[str, str], tmp_path: Path) -> Iterator[Desk]:
    """Return a desk on all of them, whose services run in processes of their own."""
    made = desk_at(networks, tmp_path / "home")
    program = subprocess.Popen(
        [sys.executable, "-m", "socialdesk", "run", "--home", str(tmp_path / "home")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "SOCIALDESK_CONFIG": str(tmp_path / "home" / "config")},
    )
    yield made
    stopped(program)
    made.store.engine.dispose()


def stopped(process: "subprocess.Popen[Any]") -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    if process.stdout is not None:
        process.stdout.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.2)


def say(address: str, kind: str, text: str) -> str:
    said = f"@NorthshirePolice {text}" if kind == "mention" else text
    answer = requests.post(f"{address}/_sim/say", json={"by": "jo", kind: said}, timeout=5)
    return str(answer.json()["id"])


def stored(desk: Desk) -> dict[str, str]:
    """Return the account of each message that the public wrote, by remote id."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(Message.remote_id, Message.account_id).where(col(Message.outbound).is_(False))
        ).all()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def public(address: str) -> list[str]:
    found = requests.get(f"{address}/_sim/summary", timeout=5).json()["desk"]
    return sorted(reply["text"] for reply in (*found["posts"], *found["dms"]))


def sent(desk: Desk) -> list[str]:
    with desk.store.reading() as session:
        return list(session.exec(select(Reply.state)))


@pytest.mark.e2e
def test_what_is_said_on_three_networks_is_answered_on_each_exactly_once(
    networks: Mapping[str, str], desk: Desk
) -> None:
    said = {
        say(address, kind, f"is the desk at Wexley open? ({kind}, {name})"): f"northshire-{name}"
        for name, address in networks.items()
        for kind in KINDS
    }
    until(lambda: stored(desk) == said)
    officer = make_officer(desk)
    for conversation in order(desk, officer, Query()):
        with desk.store.reading() as session:
            found = session.get_one(Conversation, conversation)
            where = f"{found.channel} {found.stream}"
        claims.claim(desk, officer, conversation)
        draft = replies.begin_draft(desk, officer, conversation)
        replies.submit(desk, officer, draft, f"Yes, until 6pm. ({where})")
    until(lambda: sent(desk) == ["sent"] * len(said))
    for name, address in networks.items():
        wanted = [f"Yes, until 6pm. ({name} {stream})" for stream in ("dms", "mentions")]
        assert [text[text.index("Yes") :] for text in public(address)] == wanted
    assert stored(desk) == said
