"""The demonstration's process tree: the simulated network, the ingest service and the outbox."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from socialdesk.core.errors import SocialdeskError
from socialdesk.core.shipped import shipped
from socialdesk.core.supervise import Service, Supervisor
from socialdesk.demo.setting import Setting
from socialdesk.queue.health import read_health

SCENARIO = "northshire-hour.yaml"
READY_SECONDS = 60.0
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How the scenario's hour is told.

    Attributes:
        offset_seconds: how much of the hour lies on the network already at the start.
        speed: seconds of the hour in one real second after that.
    """

    offset_seconds: float
    speed: float


LIVE = Pace(offset_seconds=1500.0, speed=4.0)


def process_tree(setting: Setting, pace: Pace) -> Supervisor:
    """Return the supervisor of the demonstration's services, not yet started."""
    home = ("--home", str(setting.home.root))
    network = (
        "simulate", "x", "--port", str(setting.port),
        "--scenario", str(shipped("config") / "scenarios" / SCENARIO),
        "--journal", str(setting.home.root / "network" / "x.jsonl"),
        "--speed", str(pace.speed), "--offset", str(pace.offset_seconds),
    )  # fmt: skip
    services = [
        Service("network", network),
        Service("ingest", (*home, "ingest")),
        Service("outbox", (*home, "outbox")),
    ]
    return Supervisor(services, setting.home.logs)


@contextmanager
def running(setting: Setting, pace: Pace, say: Callable[[str], None]) -> Iterator[None]:
    """Run the demonstration's services, first reading done, and leave nothing running.

    Args:
        say: called with each step of starting up.

    Raises:
        SocialdeskError: a service does not come up.
    """
    tree = process_tree(setting, pace)
    try:
        say(f"Starting the simulated network at {setting.network}")
        tree.start()
        await_network(setting)
        say("Starting the pollers and the classifier: reading the backlog")
        await_first_reading(setting)
        yield
    finally:
        tree.stop()


def await_network(setting: Setting) -> None:
    """Return once the simulated network answers.

    Raises:
        SocialdeskError: it does not come up.
    """
    _await(lambda: _answers(f"{setting.network}/_sim/summary"), "The simulated network", setting)


def await_first_reading(setting: Setting) -> None:
    """Return once every stream has been read to its end once.

    Raises:
        SocialdeskError: the ingest service does not get there.
    """

    def read_once() -> bool:
        return not any(stream.never_read for stream in read_health(setting.desk).streams)

    _await(read_once, "The first reading of the network", setting)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 our own loopback address
            return True
    except (urllib.error.URLError, OSError):
        return False


def _await(ready: Callable[[], bool], what: str, setting: Setting) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise SocialdeskError(
                f"{what} did not come up in {READY_SECONDS:.0f} seconds.",
                todo=f"Look into {setting.home.logs}.",
            )
        time.sleep(PAUSE_SECONDS)
