from dataclasses import dataclass
from typing import Any

import requests

from socialdesk.channels.base import Channel, Stream
from socialdesk.channels.credentials import Credentials
from socialdesk.channels.registry import credentials_for, open_channel
from socialdesk.simulator.faults import rules_from
from socialdesk.simulator.local import Simulator

SPOKEN = (Stream.MENTIONS, Stream.DMS)
"""The streams on which people can be answered."""

TEXT_MEMBER = {"x": "text", "mastodon": "content", "bluesky": "text"}


@dataclass(frozen=True)
class Account:
    channel: str
    base_url: str
    timeout_seconds: float = 2.0


@dataclass
class World:
    """One simulated network and an adapter that speaks to it."""

    name: str
    sim: Simulator
    channel: Channel

    def say(self, by: str, **said: Any) -> str:
        answer = requests.post(f"{self.sim.base_url}/_sim/say", json={"by": by, **said}, timeout=5)
        return str(answer.json()["id"])

    def speak(self, stream: Stream, text: str) -> str:
        if stream is Stream.MENTIONS:
            return self.mention("jo", text)
        return self.say("jo", dm=text)

    def mention(self, by: str, text: str) -> str:
        return self.say(by, mention=f"@NorthshirePolice {text}")

    def handle(self, name: str) -> str:
        """Return the handle that this network gives to whoever speaks as `name`."""
        return self.sim._dialect.names.handle(self.sim.network.join(name, name))

    def user(self, name: str) -> str:
        """Return the network's id of whoever speaks as `name`."""
        return self.sim._dialect.names.user(self.sim.network.join(name, name).id)

    def fault(self, **rule: Any) -> None:
        self.sim.faults.replace(rules_from([rule], source="the test"))

    def opened(self, timeout_seconds: float = 2.0) -> Channel:
        """Return another adapter, as if the desk had been started anew."""
        return opened(self.name, self.sim, timeout_seconds)


def opened(name: str, sim: Simulator, timeout_seconds: float = 2.0) -> Channel:
    return open_channel(Account(name, sim.base_url, timeout_seconds), credentials(name, sim))


def credentials(name: str, sim: Simulator) -> Credentials:
    return credentials_for(name)(**sim.secrets)
