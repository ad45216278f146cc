"""The desk's screen, first layer: its panes, opening a conversation, and saying what went wrong.

`base` lays out and opens, `live` watches, `acts` acts, `desk` binds the keys to them.
"""

from dataclasses import replace
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen

from socialdesk.core.errors import SocialdeskError
from socialdesk.core.text import visible
from socialdesk.queue import listing, thread
from socialdesk.queue.looks import NeedsPermission, NeedsReason
from socialdesk.queue.search import Query
from socialdesk.queue.views import Line, ThreadView
from socialdesk.tui import watch
from socialdesk.tui.door import Door
from socialdesk.tui.keys import DESK
from socialdesk.tui.screens.why import WhyScreen, told
from socialdesk.tui.theme import CALM, INK, SOFT, WARM
from socialdesk.tui.widgets.assessment_pane import AssessmentPane
from socialdesk.tui.widgets.header import Alarm, DeskHeader
from socialdesk.tui.widgets.health_line import HealthLine, Hints
from socialdesk.tui.widgets.lines import OneLine
from socialdesk.tui.widgets.queue_list import QueueList
from socialdesk.tui.widgets.thread_pane import ThreadPane, title_of

PANES = ("queue", "thread", "assessment")


class PanesScreen(Screen[None]):
    """Queue, conversation and assessment."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-medium"), (120, "-wide")]  # noqa: RUF012 Textual's own form
    AUTO_FOCUS = "#queue"

    def __init__(self, door: Door) -> None:
        super().__init__(classes="at-queue")
        self.door = door
        self.query_text = ""
        self.asked = Query()
        self.new = 0
        self.view: ThreadView | None = None
        self.mark: watch.Mark | None = None
        self.seen: dict[UUID, int] = {}
        self.queue = QueueList(door.desk.clock, id="queue")
        self.thread = ThreadPane(door.desk.clock, id="thread")
        self.assessment = AssessmentPane(door.desk.clock, id="assessment")
        self.header_line = DeskHeader(id="header")
        self.alarm = Alarm(id="alarm")
        self.queue_title, self.thread_title, self.assessment_title = (
            OneLine(id=f"{pane}-title", classes="title") for pane in PANES
        )
        self.health_line, self.hints = HealthLine(id="health"), Hints(id="hints")

    def compose(self) -> ComposeResult:
        """Lay the panes out."""
        yield self.header_line
        yield self.alarm
        with Horizontal(id="panes"):
            with Vertical(id="queue-side", classes="side"):
                yield self.queue_title
                yield self.queue
            with Container(id="reading"):
                with Vertical(id="thread-side", classes="side"):
                    yield self.thread_title
                    yield self.thread
                with Vertical(id="assessment-side", classes="side"):
                    yield self.assessment_title
                    yield self.assessment
        yield self.health_line
        yield self.hints

    def say(self, error: SocialdeskError) -> None:
        """Tell the officer what was refused and what to do, as inert text."""
        self.app.notify(
            visible(error.todo),
            title=visible(error.what),
            severity="warning",
            markup=False,
            timeout=8,
        )

    def target(self) -> UUID | None:
        """Return what an act would act on: the row under the cursor, elsewhere what is open."""
        if self.queue.has_focus and self.queue.current is not None:
            return self.queue.current
        return self.view.line.id if self.view is not None else self.queue.current

    def target_line(self) -> Line | None:
        """Return what is known of the target."""
        target = self.target()
        if self.view is not None and self.view.line.id == target:
            return self.view.line
        return None if target is None else self.queue.line(target)

    def show_pane(self, name: str) -> None:
        """Bring a pane forward and put the keys on it."""
        for pane in PANES:
            self.set_class(pane == name, f"at-{pane}")
        self.query_one(f"#{name}").focus()
        self.call_after_refresh(self.tell)

    async def open_conversation(self, conversation_id: UUID, *, focus: bool = True) -> None:
        """Open a conversation and show it.

        Raises:
            SocialdeskError: the service refused.
        """
        mark = await self.door.act(watch.mark_of, conversation_id)
        view = await self._read(conversation_id)
        if view is None:
            return
        self.seen[conversation_id] = view.line.version
        if focus:
            self.show_pane("thread")
        await self.show_view(view, mark)

    async def _read(self, conversation_id: UUID) -> ThreadView | None:
        """Open a conversation; ask why where a further look at someone needs it, None if untold."""
        try:
            return await self.door.act(thread.open_thread, conversation_id)
        except (NeedsReason, NeedsPermission) as owed:
            chosen = await self.app.push_screen_wait(WhyScreen(owed))
        if chosen is None:
            return None
        return await self.door.act(thread.open_thread, conversation_id, told(chosen))

    async def show_view(self, view: ThreadView, mark: watch.Mark | None) -> None:
        """Show an opened conversation, the same one without moving it."""
        if not self.thread.is_attached:
            return
        self.view, self.mark = view, mark
        self.queue.put([view.line.id], {view.line.id: view.line})
        await self.thread.show(view)
        self.tell()

    async def load_rows(self) -> None:
        """Open the pages of the queue that are on screen, until none is missing."""
        while wanted := self.queue.wanted():
            self.queue.put(wanted, await self.door.act(listing.lines, wanted))
        self.tell()

    def restand(self, standing: watch.Standing) -> None:
        """Show who holds the open conversation now, without opening it again."""
        if self.view is None:
            return
        line = replace(
            self.view.line,
            urgency=standing.urgency,
            state=standing.state,
            waiting_since=standing.waiting_since,
            owner=standing.owner,
            mine=standing.mine,
        )
        if line != self.view.line:
            self.view = replace(self.view, line=line)

    def tell(self) -> None:
        """Write the titles, the assessment and the hints as things now stand."""
        if not self.is_attached:
            return
        number = f"{len(self.queue.ids):,} in the queue"
        found = f"  search: {visible(self.query_text)} (esc clears)" if self.query_text else ""
        new = f"  {self.new:,} new, press ." if self.new else ""
        self.queue_title.show((number, INK), (new, f"bold {WARM}"), (found, CALM))
        if self.view is None:
            self.thread_title.show(("Conversation", SOFT))
        else:
            line = self.view.line
            held = "yours" if line.mine else f"held by {line.owner}" if line.owner else "unclaimed"
            self.thread_title.show(*title_of(line))
            self.assessment_title.show((f"Assessment · {held}", SOFT))
        self.assessment.show(self.view, self.may_open)
        keys = [key for key in DESK if key.show and self.may(key.action)]
        self.hints.tell(keys)
        self.refresh_bindings()

    def may(self, action: str) -> bool:
        """Return whether an act can be done on the target as it stands."""
        return refusal(action, self.target_line()) is None

    def may_open(self, action: str) -> bool:
        """Return whether an act can be done on the open conversation."""
        return refusal(action, self.view.line if self.view else None) is None


def refusal(action: str, line: Line | None) -> str | None:
    """Return why an act cannot be done on a conversation now; None when it can."""
    needs_claim = action in {"thrive", "escalate", "close", "release"}
    if not needs_claim and action not in {"claim", "reply", "reopen"}:
        return None
    if line is None:
        return "Choose a conversation first (j), or take the next one (n)."
    if action == "reopen":
        return None if line.state == "closed" else "It is not closed."
    if line.state == "closed" and action not in {"claim", "release"}:
        return "It is closed. Reopen it first (o)."
    if line.owner is not None and not line.mine:
        return f"{line.owner} holds this conversation. Take the next one (n), or ask them."
    if needs_claim and not line.mine:
        return "Claim it first (c)."
    return None
