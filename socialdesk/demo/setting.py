"""The demonstration's setting: a home with a force, an officer, and a network of its own."""

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from ruamel.yaml import YAML

from socialdesk.core.clock import Clock
from socialdesk.core.errors import NotAllowed
from socialdesk.core.home import Home, create_private, write_private
from socialdesk.core.settings import Settings
from socialdesk.core.shipped import shipped
from socialdesk.queue.accounts import secrets_path
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.people import Officer, Role, add_person, sign_in
from socialdesk.simulator.server import NETWORKS

FORCE = "northshire"
LOGIN = "demo"
NAME = "Pat Morgan"
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Setting:
    """A prepared demonstration."""

    settings: Settings
    desk: Desk
    port: int

    @property
    def home(self) -> Home:
        """Where all of it lies."""
        return self.settings.folder

    @property
    def network(self) -> str:
        """Where the simulated network listens."""
        return f"http://127.0.0.1:{self.port}"


def prepare(settings: Settings, clock: Clock | None = None) -> Setting:
    """Make or reopen the demonstration's home, with its network at a free local port.

    Raises:
        SocialdeskError: the home cannot be used; worded for people.
    """
    home = settings.folder
    home.prepare()
    port = _free_port()
    write_force(home, {"x": f"http://127.0.0.1:{port}"})
    settings = settings.model_copy(update={"config": home.config, "force": FORCE})
    desk = open_desk(settings, clock)
    write_credentials(desk)
    return Setting(settings, desk, port)


def demo_officer(desk: Desk) -> Officer:
    """Sign in the demonstration's officer, added on first use."""
    path = desk.home.secrets / "demo-passphrase"
    create_private(path, secrets.token_urlsafe(18).encode())
    passphrase = path.read_text("utf-8")
    try:
        return sign_in(desk, LOGIN, passphrase)
    except NotAllowed:
        add_person(desk, LOGIN, NAME, Role.OFFICER, passphrase)
        return sign_in(desk, LOGIN, passphrase)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_force(home: Home, networks: Mapping[str, str]) -> None:
    """Write the force's file: as shipped, with one account on each simulated network.

    Args:
        networks: the addresses, by channel.
    """
    yaml = YAML()
    document = yaml.load((shipped("config") / "forces" / f"{FORCE}.yaml").read_text("utf-8"))
    document["accounts"] = [
        {
            **document["accounts"][0],
            "id": f"{FORCE}-{channel}",
            "channel": channel,
            "base_url": address,
            "poll_seconds": POLL_SECONDS,
            "timeout_seconds": 5,
            "settle_seconds": 1,
        }
        for channel, address in networks.items()
    ]
    text = StringIO()
    yaml.dump(document, text)
    write_private(home.config / "forces" / f"{FORCE}.yaml", text.getvalue().encode())


def write_credentials(desk: Desk) -> None:
    """Write the credentials that the simulated networks accept into the home."""
    for account in desk.force.accounts:
        text = StringIO()
        YAML().dump(dict(NETWORKS[account.channel].secrets_of(account.handle)), text)
        write_private(secrets_path(desk, account), text.getvalue().encode())
