"""The officer's terminal as one application, and how it is started and left."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from socialdesk.core.errors import SocialdeskError
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer, sign_out
from socialdesk.tui.door import Door
from socialdesk.tui.keys import DESK
from socialdesk.tui.screens.composer import Composer
from socialdesk.tui.screens.desk import DeskScreen
from socialdesk.tui.theme import CSS_FILE, DESK_THEME

LOOK_SECONDS = 0.5


class DeskApp(App[None]):
    """One officer's terminal.

    Args:
        every: seconds between looks at what moved; 0 looks only when told to, for tests.
    """

    CSS_PATH = CSS_FILE
    TITLE = "socialdesk"
    ENABLE_COMMAND_PALETTE = True
    NOTIFICATION_TIMEOUT: ClassVar[float] = 6

    def __init__(self, desk: Desk, officer: Officer, *, every: float = LOOK_SECONDS) -> None:
        # NO_COLOR holds only where the terminal's own colours are chosen before the app begins.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.door = Door(desk, officer)
        self.desk_screen = DeskScreen(self.door, every)
        self.register_theme(DESK_THEME)
        self.theme = DESK_THEME.name

    def get_default_screen(self) -> Screen[None]:
        """Return the desk."""
        return self.desk_screen

    def on_mount(self) -> None:
        """Leave the terminal clean when the system ends us, the draft saved."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(ValueError, RuntimeError):
                loop.add_signal_handler(number, self._end)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer every act of the desk by its name."""
        for key in DESK:
            action = key.action
            if action != "app.command_palette":
                name = f"{key.description[0].upper()}{key.description[1:]} ({key.key_display})"
                yield SystemCommand(name, key.tooltip, self._runner(action))

    def _runner(self, action: str) -> "Runner":
        return Runner(self, action)

    def _end(self) -> None:
        self.run_worker(self._keep_and_leave(), group="end", exclusive=True)

    async def _keep_and_leave(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Composer):
                await screen.keep()
        self.exit()


class Runner:
    """Runs one of the desk's actions, as the palette calls it."""

    def __init__(self, app: DeskApp, action: str) -> None:
        self._app, self._action = app, action

    async def __call__(self) -> None:
        """Run it on the desk's screen."""
        await self._app.run_action(self._action, self._app.desk_screen)


def run_desk(desk: Desk, officer: Officer) -> None:
    """Open the terminal until the officer leaves it, then end their session."""
    try:
        DeskApp(desk, officer).run()
    finally:
        try:
            sign_out(desk, officer)
        except SocialdeskError as error:
            sys.stderr.write(f"{error}\n")
