"""Under accept-then-drop, other faults and kills at every step, each reply is public exactly once.

SOCIALDESK_SENDS=N sets how many replies are sent on each network; the promise is for 1,000.
"""

import os
from pathlib import Path

import pytest

from tests.faults.sends import STEPS, WORLDS, send_through

SENDS = int(os.environ.get("SOCIALDESK_SENDS", "150"))


@pytest.mark.fault
@pytest.mark.parametrize("name", WORLDS)
def test_every_reply_is_public_exactly_once(tmp_path: Path, name: str) -> None:
    with WORLDS[name](tmp_path / "home") as world:
        sent = send_through(world, SENDS, seed=11)
    assert sent.public == sent.wanted
    assert sent.states == {"sent": SENDS}
    assert set(sent.kills) == set(STEPS)
    assert sent.kills.total() > SENDS // 5
