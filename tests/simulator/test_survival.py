import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from socialdesk.core.clock import SetClock
from socialdesk.core.errors import ConfigError
from socialdesk.simulator.journal import Journal
from socialdesk.simulator.network import Network
from socialdesk.simulator.public import Public
from socialdesk.simulator.scenario import Scenario
from socialdesk.simulator.server import NETWORKS
from tests.networks import free_port

NINE = datetime(2026, 3, 7, 9, tzinfo=UTC)
SCENARIO = Scenario.model_validate(
    {
        "title": "t",
        "seconds": 100,
        "account": {"handle": "Force", "name": "Force"},
        "authors": [{"handle": "jo", "name": "Jo"}, {"handle": "al", "name": "Al"}],
        "items": [
            {"at": 10, "by": "jo", "mention": "@force one"},
            {"at": 20, "by": "jo", "mention": "@force two"},
            {"at": 30, "by": "al", "dm": "three"},
            {"at": 90, "by": "al", "dm": "four"},
        ],
        "answers": [
            {
                "by": "jo",
                "first": {"after": 8, "text": "ta"},
                "second": {"after": 4, "text": "bye @force"},
            },
            {"by": "al", "first": {"after": 2, "text": "cheers"}},
        ],
    }
)


def restarted(path: Path, clock: SetClock, *, speed: float = 1) -> tuple[Network, Public]:
    journal = Journal(path)
    network = Network(clock, journal.append)
    network.restore(journal.open())
    return network, Public(SCENARIO, network, clock, speed=speed, offset_seconds=25)


def texts(network: Network) -> list[str]:
    posts = [(int(post.id), post.said) for post in network.posts.values()]
    events = [(int(event.id), event.text) for event in network.messages.values()]
    return [text for _, text in sorted(posts + events)]


def test_the_backlog_lies_in_the_past_and_the_rest_arrives_live(tmp_path: Path) -> None:
    clock = SetClock(NINE)
    network, public = restarted(tmp_path / "j", clock, speed=5)
    public.step()
    assert [post.created_at for post in network.posts.values()] == [
        "2026-03-07T08:59:45.000Z",
        "2026-03-07T08:59:55.000Z",
    ]
    assert len({post.conversation_id for post in network.posts.values()}) == 1
    clock.advance(1)
    public.step()
    (event,) = network.messages.values()
    assert event.text == "three"
    assert event.created_at == "2026-03-07T09:00:01.000Z"
    clock.advance(12)
    assert public.step() == 1


def test_a_restart_says_nothing_twice_and_forgets_nothing(tmp_path: Path) -> None:
    clock = SetClock(NINE)
    _, public = restarted(tmp_path / "j", clock)
    public.step()
    clock.advance(30)
    network, public = restarted(tmp_path / "j", clock)
    public.step()
    assert texts(network) == ["@Force one", "@Force two", "three"]
    clock.advance(40)
    network, public = restarted(tmp_path / "j", clock)
    public.step()
    public.step()
    assert texts(network) == ["@Force one", "@Force two", "three", "four"]


def test_people_answer_each_reply_once_also_after_a_restart(tmp_path: Path) -> None:
    clock = SetClock(NINE)
    network, public = restarted(tmp_path / "j", clock)
    public.step()
    force = network.join("Force", "Force")
    first = network.post(force, "Where are you?", reply_to=next(iter(network.posts)))
    clock.advance(7)
    public.step()
    assert "ta" not in texts(network)
    network, public = restarted(tmp_path / "j", clock)
    clock.advance(1)
    public.step()
    public.step()
    answer = next(post for post in network.posts.values() if post.said == "ta")
    assert answer.in_reply_to == first.id
    assert answer.text == "@Force ta"
    network.post(force, "Thanks", reply_to=answer.id)
    clock.advance(4)
    public.step()
    assert texts(network)[-1] == "bye @Force"


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    journal = Journal(path)
    journal.open()
    journal.append({"n": 1})
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"n": 2, "te')
    again = Journal(path)
    assert again.open() == [{"n": 1}]
    again.append({"n": 3})
    again.close()
    assert Journal(path).open() == [{"n": 1}, {"n": 3}]


def test_a_damaged_journal_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_text('{"n": 1}\nnonsense\n{"n": 2}\n')
    with pytest.raises(ConfigError, match="line 2"):
        Journal(path).open()


def test_ids_rise_even_when_the_clock_goes_back() -> None:
    clock = SetClock(NINE)
    network = Network(clock, lambda _: None)
    jo = network.join("jo", "Jo")
    ids = []
    for _ in range(5):
        ids.append(int(network.post(jo, "x").id))
        clock.at -= timedelta(seconds=1)
    assert ids == sorted(set(ids))


def started(network: str, port: int, journal: Path) -> "subprocess.Popen[str]":
    """Start a network as a person would, and return once it says where it listens."""
    command = [sys.executable, "-m", "socialdesk", "simulate", network]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--journal", str(journal)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().endswith(f"listens at http://127.0.0.1:{port}\n")
    return process


@pytest.mark.fault
@pytest.mark.parametrize("network", NETWORKS)
def test_a_killed_simulator_comes_back_with_all_it_answered_for(
    tmp_path: Path, network: str
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/_sim"
    process = started(network, port, tmp_path / "j")
    said = {"by": "jo", "mention": "@NorthshirePolice hello"}
    ids = [requests.post(f"{url}/say", json=said, timeout=5).json()["id"] for _ in range(20)]
    process.kill()
    process.wait()
    process = started(network, port, tmp_path / "j")
    summary = requests.get(f"{url}/summary", timeout=5).json()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    assert summary["public"]["mentions"] == ids
