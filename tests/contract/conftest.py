from collections.abc import Iterator

import pytest

from socialdesk.simulator.server import NETWORKS

from .world import World, opened


@pytest.fixture(params=list(NETWORKS))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with NETWORKS[request.param]() as sim:
        yield World(request.param, sim, opened(request.param, sim))
