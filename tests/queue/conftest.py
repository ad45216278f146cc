"""What the queue's tests share: a desk on either database, and someone who may decide."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from socialdesk.core.clock import SetClock
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer, Role
from tests.databases import new_database, postgresql_server
from tests.desks import make_desk, make_officer


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    """Lend a desk on each database in turn."""
    url = None
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("server"))
    made = make_desk(tmp_path / "both", clock, url)
    yield made
    made.store.engine.dispose()


@pytest.fixture
def chief_of_both(both: Desk) -> Officer:
    return make_officer(both, "sam", "Sam Field", Role.SUPERVISOR)


@pytest.fixture
def officer_of_both(both: Desk) -> Officer:
    return make_officer(both, "kit", "Kit Lane")
