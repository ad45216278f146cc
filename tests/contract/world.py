from dataclasses import asdict, dataclass
from typing import Any

import requests

from socialdesk.channels.base import Channel
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.registry import open_channel
from socialdesk.simulator.faults import rules_from
from socialdesk.simulator.server import XSimulator


@dataclass(frozen=True)
class Account:
    channel: str
    base_url: str
    timeout_seconds: float = 2.0


@dataclass
class World:
    """One simulated network and an adapter that speaks to it."""

    sim: XSimulator
    channel: Channel

    def say(self, by: str, **said: Any) -> str:
        answer = requests.post(f"{self.sim.base_url}/_sim/say", json={"by": by, **said}, timeout=5)
        return str(answer.json()["id"])

    def mention(self, by: str, text: str) -> str:
        return self.say(by, mention=f"@NorthshirePolice {text}")

    def fault(self, **rule: Any) -> None:
        self.sim.faults.replace(rules_from([rule], source="the test"))


def opened(sim: XSimulator, timeout_seconds: float = 2.0) -> Channel:
    account = Account("x", sim.base_url, timeout_seconds)
    return open_channel(account, Credentials(**asdict(sim.credentials)))
