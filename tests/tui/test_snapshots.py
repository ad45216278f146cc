"""How the terminal looks, with everything that changes by itself held still."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from socialdesk.channels.base import Stream
from socialdesk.core.clock import SetClock
from socialdesk.queue import claims, listing
from socialdesk.queue.search import Query
from socialdesk.tui.app import DeskApp
from socialdesk.tui.screens.composer import Composer
from tests.desks import START, hear, make_desk, make_officer, post
from tests.tui.terminal import Terminal

Compare = Callable[..., bool]


@pytest.fixture
def still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    clock = SetClock(START + timedelta(minutes=5))
    desk = make_desk(tmp_path, clock)
    officer, other = make_officer(desk), make_officer(desk, "sam", "Sam Okoro")
    hear(
        desk,
        post("he has a knife outside the chip shop on Mill Lane", handle="jo_marsh"),
        post("my bike, theft from the station", handle="tilda", stream=Stream.DMS),
        post("another theft, from the corner shop", handle="raj"),
        post("what a lovely day", handle="sam_runs"),
    )
    app = DeskApp(desk, officer, every=0)
    at = Terminal(app, Pilot(app), desk, officer, clock)
    theft = Query(words=("bike",))
    claims.claim(desk, other, listing.order(desk, other, theft)[0])
    return at


def drive(at: Terminal, *keys: str) -> Callable[[Pilot[None]], object]:
    async def run(pilot: Pilot[None]) -> None:
        at.pilot = pilot
        await at.settled()
        for key in keys:
            await at.press(key)
        if "r" in keys:
            await at.until(lambda: isinstance(at.top, Composer))
            at.top.query_one(TextArea).cursor_blink = False
            await at.pilot.pause()
        at.app.clear_notifications()
        await at.look()
        await pilot.pause()

    return run


def test_the_desk_in_three_panes(still: Terminal, snap_compare: Compare) -> None:
    keys = drive(still, "j", "enter", "c")
    assert snap_compare(still.app, terminal_size=(140, 40), run_before=keys)


def test_the_desk_in_two_panes(still: Terminal, snap_compare: Compare) -> None:
    keys = drive(still, "j", "enter")
    assert snap_compare(still.app, terminal_size=(80, 24), run_before=keys)


def test_the_composer(still: Terminal, snap_compare: Compare) -> None:
    keys = drive(still, "j", "r")
    assert snap_compare(still.app, terminal_size=(100, 30), run_before=keys)
