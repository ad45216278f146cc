"""What every test may count on: a home of its own, and histories that repeat from a seed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from socialdesk.core.clock import SetClock
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.simulator.server import XSimulator
from tests.databases import either, postgresql
from tests.desks import START, make_desk, make_officer
from tests.networks import network

__all__ = ["either", "postgresql"]

settings.register_profile(
    "socialdesk",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("socialdesk")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "FORCE", "CONFIG", "DATABASE_URL", "PASSPHRASE"):
        monkeypatch.delenv(f"SOCIALDESK_{name}", raising=False)
    monkeypatch.setenv("SOCIALDESK_HOME", str(tmp_path / "unset-home"))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest.fixture
def x() -> Iterator[XSimulator]:
    with network() as simulator:
        yield simulator


@pytest.fixture
def desk(tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    made = make_desk(tmp_path / "home", clock)
    yield made
    made.store.engine.dispose()


@pytest.fixture
def officer(desk: Desk) -> Officer:
    return make_officer(desk)
