"""A desk whose accounts live on simulated networks, over real HTTP on this machine."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from socialdesk.core.clock import Clock, SystemClock
from socialdesk.core.home import Home
from socialdesk.core.settings import Settings
from socialdesk.demo.setting import write_credentials, write_force
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.simulator.faults import rules_from
from socialdesk.simulator.local import Simulator
from socialdesk.simulator.server import XSimulator


def desk_on(port: int, home: Path, clock: Clock | None = None) -> Desk:
    """Return Northshire's desk with its account on the X at `port`."""
    return desk_at({"x": f"http://127.0.0.1:{port}"}, home, clock)


def desk_at(networks: Mapping[str, str], home: Path, clock: Clock | None = None) -> Desk:
    """Return Northshire's desk with an account on each network, by channel and address."""
    write_force(Home(home), networks)
    settings = Settings(home=home, config=home / "config")
    desk = open_desk(settings, clock or SystemClock())
    write_credentials(desk)
    return desk


def free_port() -> int:
    """Return a port on this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_of(simulator: Simulator) -> int:
    """Return the port a simulator listens on."""
    return int(simulator.base_url.rsplit(":", 1)[1])


def say(simulator: Simulator, by: str, text: str, kind: str = "mention", **more: str) -> str:
    """Let a member of the public write to the force; return the message's id."""
    said = f"@NorthshirePolice {text}" if kind == "mention" else text
    answer = requests.post(
        f"{simulator.base_url}/_sim/say", json={"by": by, kind: said, **more}, timeout=5
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


def break_network(simulator: Simulator, *rules: dict[str, object]) -> None:
    """Put fault rules in force; none mends the network."""
    simulator.faults.replace(rules_from(list(rules), source="the test"))


@contextmanager
def network(**options: object) -> Iterator[XSimulator]:
    """Run a simulated X for the length of a test."""
    with XSimulator(**options) as simulator:  # type: ignore[arg-type]
        yield simulator
