"""A terminal at a real desk, for tests: it looks for news only when told to."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static, TextArea

from socialdesk.channels.base import Item
from socialdesk.core.clock import SetClock
from socialdesk.queue import listing
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from socialdesk.tui.app import DeskApp
from socialdesk.tui.screens.desk import DeskScreen
from socialdesk.tui.widgets.lines import OneLine
from socialdesk.tui.widgets.thread_pane import Bubble
from tests.desks import START, hear, make_desk, make_officer

PATIENCE = 10.0
OWN_WORK = {"act", "look", "open", "rows", "search"}


@dataclass
class Terminal:
    """One officer's terminal, and the desk it stands at."""

    app: DeskApp
    pilot: Pilot[None]
    desk: Desk
    officer: Officer
    clock: SetClock

    @property
    def screen(self) -> DeskScreen:
        return self.app.desk_screen

    @property
    def top(self) -> Screen[Any]:
        return self.app.screen

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what a key brings about."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"it never came to be: {self.words()}"
            await asyncio.sleep(0.005)
        await self.pilot.pause()

    async def settled(self) -> None:
        """Wait until no act and no page is on its way."""

        def still() -> bool:
            going = any(work.is_running and work.group in OWN_WORK for work in self.app.workers)
            return not (going or self.screen.queue.wanted())

        await self.pilot.pause()
        await self.until(still)

    async def press(self, *keys: str) -> None:
        """Press keys one at a time, each settled before the next."""
        for key in keys:
            await self.pilot.press(key)
            if self.top is self.screen:
                await self.settled()

    async def look(self) -> None:
        """Let the terminal look for what moved."""
        self.screen._order_due = 0.0
        await self.screen.look()
        await (self.settled() if self.top is self.screen else self.pilot.pause())

    def rows(self) -> list[UUID]:
        return list(self.screen.queue.ids)

    def line(self, name: str) -> str:
        return self.screen.query_one(f"#{name}", OneLine).plain

    def bubbles(self) -> list[str]:
        return [str(bubble.content) for bubble in self.screen.query(Bubble)]

    def draft(self) -> TextArea:
        return self.top.query_one("#draft", TextArea)

    def words(self) -> str:
        """Every word of the standing and the open screens."""
        shown = [str(part.content) for part in self.top.query(Static)]
        rows = self.screen.queue
        shown += [rows.render_line(y).text for y in range(rows.size.height)]
        return "\n".join([*shown, *(str(note.message) for note in self.app._notifications)])


@asynccontextmanager
async def terminal(
    home: Path, *items: Item, size: tuple[int, int] = (120, 24), desk: Desk | None = None
) -> AsyncIterator[Terminal]:
    """Open a terminal at a desk that has heard `items`."""
    clock = SetClock(START)
    desk = desk or make_desk(home, clock)
    officer = make_officer(desk)
    if items:
        hear(desk, *items)
    app = DeskApp(desk, officer, every=0)
    async with app.run_test(size=size) as pilot:
        opened = Terminal(app, pilot, desk, officer, clock)
        await opened.settled()
        yield opened


def listed(desk: Desk, officer: Officer, *states: str) -> list[UUID]:
    """Return what the desk lists in these states."""
    return listing.order(desk, officer, Query(states=states))
