"""The simulated networks by name, and how one is served until it is stopped."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event

from socialdesk.core.errors import ConfigError
from socialdesk.simulator.bluesky.dialect import BlueskyDialect
from socialdesk.simulator.bluesky.names import TidMint
from socialdesk.simulator.bluesky.tokens import demo_account
from socialdesk.simulator.faults import FaultBook, load_faults
from socialdesk.simulator.local import Dialect, Setting, Simulator
from socialdesk.simulator.mastodon.auth import demo_token
from socialdesk.simulator.mastodon.dialect import MastodonDialect
from socialdesk.simulator.scenario import load_scenario
from socialdesk.simulator.snowflake import Mint
from socialdesk.simulator.x.auth import demo_credentials
from socialdesk.simulator.x.dialect import XDialect


class XSimulator(Simulator):
    """X (API v2)."""

    def _spoken(self, setting: Setting) -> Dialect:
        return XDialect(setting, demo_credentials(setting.account.username))

    @staticmethod
    def secrets_of(handle: str) -> Mapping[str, str]:
        """Return an application's and an account's keys."""
        return asdict(demo_credentials(handle))


class MastodonSimulator(Simulator):
    """A Mastodon instance."""

    def _mint(self) -> Mint:
        return Mint(epoch_ms=0, bits=16)

    def _spoken(self, setting: Setting) -> Dialect:
        return MastodonDialect(setting, demo_token(setting.account.username))

    @staticmethod
    def secrets_of(handle: str) -> Mapping[str, str]:
        """Return the account's token."""
        return {"access_token": demo_token(handle)}


class BlueskySimulator(Simulator):
    """Bluesky: the account's own server, the app and the chat service in one."""

    def _mint(self) -> Mint:
        return TidMint()

    def _spoken(self, setting: Setting) -> Dialect:
        return BlueskyDialect(setting)

    @staticmethod
    def secrets_of(handle: str) -> Mapping[str, str]:
        """Return the account's handle and app password."""
        return asdict(demo_account(handle))


NETWORKS: Mapping[str, type[Simulator]] = {
    "x": XSimulator,
    "mastodon": MastodonSimulator,
    "bluesky": BlueskySimulator,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a simulated network is served with, each file by its path."""

    scenario: Path | None = None
    faults: Path | None = None
    journal: Path | None = None
    speed: float = 1.0
    offset_seconds: float = 0.0


def serve(
    network: type[Simulator],
    port: int,
    options: Options,
    *,
    stop: Event,
    say: Callable[[str], None],
) -> None:
    """Serve a simulated network until `stop` is set.

    Args:
        say: told where it listens, once it does, and what it lets an account in with.

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
        say(f"The simulated network listens at {simulator.base_url}")
        say(f"It knows the account {simulator.account.username} by these credentials:")
        for name, value in simulator.secrets.items():
            say(f"  {name}: {value}")
        stop.wait()
