from collections.abc import Iterator

import pytest

from socialdesk.simulator.server import XSimulator

from .world import World, opened


@pytest.fixture(params=["x"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with XSimulator() as sim:
        yield World(sim, opened(sim))
