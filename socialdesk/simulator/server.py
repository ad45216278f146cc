"""The simulated networks by name, and how one is served until it is stopped."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event

from socialdesk.core.errors import ConfigError
from socialdesk.simulator.faults import FaultBook, load_faults
from socialdesk.simulator.local import Dialect, Setting, Simulator
from socialdesk.simulator.mastodon.auth import demo_token
from socialdesk.simulator.mastodon.dialect import MastodonDialect
from socialdesk.simulator.scenario import load_scenario
from socialdesk.simulator.snowflake import Mint
from socialdesk.simulator.x.auth import DemoCredentials, demo_credentials
from socialdesk.simulator.x.dialect import XDialect


class XSimulator(Simulator):
    """A simulated X (API v2)."""

    credentials: DemoCredentials

    def _spoken(self, setting: Setting) -> Dialect:
        self.credentials = demo_credentials(setting.account.username)
        return XDialect(setting, self.credentials)


class MastodonSimulator(Simulator):
    """A simulated Mastodon instance."""

    access_token: str

    def _mint(self) -> Mint:
        return Mint(epoch_ms=0, bits=16)

    def _spoken(self, setting: Setting) -> Dialect:
        self.access_token = demo_token(setting.account.username)
        return MastodonDialect(setting, self.access_token)


@dataclass(frozen=True, slots=True)
class Options:
    """What a simulated network is served with, each file by its path."""

    scenario: Path | None = None
    faults: Path | None = None
    journal: Path | None = None
    speed: float = 1.0
    offset_seconds: float = 0.0


def serve(network: type[Simulator], port: int, options: Options, *, stop: Event) -> None:
    """Serve a simulated network until `stop` is set.

    Raises:
        ConfigError: a scenario, fault or journal file is wrong, or the port is taken.
    """
    try:
        simulator = network(
            port,
            scenario=load_scenario(options.scenario) if options.scenario else None,
            faults=FaultBook(load_faults(options.faults)) if options.faults else None,
            journal=options.journal,
            speed=options.speed,
            offset_seconds=options.offset_seconds,
        )
    except OSError as error:
        raise ConfigError(
            f"The simulated network cannot listen on 127.0.0.1:{port}: {error.strerror}.",
            todo="Choose another --port, or stop what uses this one.",
        ) from error
    with simulator:
        stop.wait()
