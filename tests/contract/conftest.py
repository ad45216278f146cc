from collections.abc import Iterator

import pytest

from .world import SIMULATORS, World, opened


@pytest.fixture(params=list(SIMULATORS))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with SIMULATORS[request.param]() as sim:
        yield World(request.param, sim, opened(request.param, sim))
