"""The desk's screen: the keys, bound to the acts, and moving between panes."""

from typing import ClassVar

from textual import events, work
from textual.binding import BindingType

from socialdesk.core.errors import RuleError, SocialdeskError
from socialdesk.core.text import visible
from socialdesk.tui.door import Door
from socialdesk.tui.keys import DESK
from socialdesk.tui.screens.acts import ActingScreen, search_for
from socialdesk.tui.screens.base import PANES, refusal
from socialdesk.tui.screens.confirm import ConfirmScreen
from socialdesk.tui.screens.help import HelpScreen
from socialdesk.tui.widgets.queue_list import QueueList


class DeskScreen(ActingScreen):
    """Everything an officer works with."""

    BINDINGS: ClassVar[list[BindingType]] = [*DESK]

    def __init__(self, door: Door, every: float) -> None:
        super().__init__(door, every)
        self.drafts = set()
        self._loading = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey what cannot be done now; the services hold the same rule."""
        return True if self.may(action) else None

    def on_key(self, event: events.Key) -> None:
        """Say why a greyed key does nothing."""
        for key in DESK:
            if event.key == key.key and (why := refusal(key.action, self.target_line())):
                event.stop()
                event.prevent_default()
                self.say(RuleError(f"{key.description} cannot be done now.", todo=why))

    def on_queue_list_wanted(self) -> None:
        """Open what came on screen."""
        self._load()

    def on_queue_list_cursor_moved(self) -> None:
        """Hints follow the row under the cursor."""
        self.tell()

    def on_queue_list_opened(self, event: QueueList.Opened) -> None:
        """Open a conversation; the last one asked for wins."""
        self._open(event)

    @work(group="open", exclusive=True)
    async def _open(self, event: QueueList.Opened) -> None:
        try:
            await self.open_conversation(event.conversation_id)
        except SocialdeskError as error:
            self.say(error)

    @work(group="rows", exclusive=False)
    async def _load(self) -> None:
        if self._loading:
            return
        self._loading = True
        try:
            await self.load_rows()
        except SocialdeskError:
            self._tell_health()
        finally:
            self._loading = False

    def action_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        here = next((i for i, name in enumerate(PANES) if self.has_class(f"at-{name}")), 0)
        focused = self.focused.id if self.focused is not None else None
        if focused in PANES:
            here = PANES.index(focused)
        self.show_pane(PANES[(here + step) % len(PANES)])

    def action_back(self) -> None:
        """Go back to the queue; in the queue, clear the search."""
        if self.queue.has_focus and self.query_text:
            self.run_worker(search_for(self, ""), group="search")
        else:
            self.show_pane("queue")

    def action_help(self) -> None:
        """Show every key."""
        self.app.push_screen(HelpScreen())

    @work(group="quit", exclusive=True)
    async def action_quit_desk(self) -> None:
        """Leave; ask first where a draft is unfinished."""
        number = len(self.drafts)
        if number and not await self.app.push_screen_wait(
            ConfirmScreen(
                visible(f"You have {number} unfinished {'reply' if number == 1 else 'replies'}."),
                visible("They are kept for you. Leave the desk now?"),
            )
        ):
            return
        self.app.exit()
