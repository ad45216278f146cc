"""Logs for the audit tests, on SQLite and on a real PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.logs import Book, open_book
from tests.databases import new_database


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
