"""Writing a reply. The draft is kept as it is written; it leaves only after a review."""

import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar
from uuid import UUID

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static, TextArea

from socialdesk.channels.base import Stream
from socialdesk.core.errors import NotYours, SocialdeskError, StoreError, ThreadMoved
from socialdesk.core.text import SafeText, visible
from socialdesk.queue import claims, replies, thread
from socialdesk.queue.views import ThreadView
from socialdesk.tui.door import Door
from socialdesk.tui.keys import COMPOSER
from socialdesk.tui.screens.choice import Choice, ChoiceScreen
from socialdesk.tui.screens.review import Proof, ReviewScreen, Verdict
from socialdesk.tui.theme import CALM, DANGER, SOFT, WARM
from socialdesk.tui.widgets.draft_area import DraftArea
from socialdesk.tui.widgets.health_line import Hints
from socialdesk.tui.widgets.lines import OneLine
from socialdesk.tui.widgets.thread_pane import said_content
from socialdesk.tui.words import at_handle, fits, where_to

PAUSE = 1.0
"""Seconds without a key after which the draft is saved."""

ANSWERED = 3
"""Messages shown above the draft."""


class Left(Enum):
    """How an officer left the composer."""

    SUBMITTED = auto()
    POSTPONED = auto()
    ABANDONED = auto()


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished reply."""

    reply_id: UUID
    conversation_id: UUID
    text: str


class Composer(ModalScreen[Left]):
    """A draft, what it answers, and where it will go."""

    BINDINGS: ClassVar[list[BindingType]] = [*COMPOSER]
    AUTO_FOCUS = "#draft"

    def __init__(self, door: Door, draft: Draft, view: ThreadView) -> None:
        super().__init__()
        self._door, self._draft, self._view = door, draft, view
        self._begun_with = len(view.said)
        self._saved = draft.text
        self._renewed = time.monotonic()
        self._pause: Timer | None = None

    @property
    def text(self) -> str:
        """What is written."""
        return self.query_one("#draft", TextArea).text

    def compose(self) -> ComposeResult:
        """Lay the draft out under what it answers."""
        line = self._view.line
        private = line.stream == Stream.DMS
        with Vertical(classes="dialog wide"):
            yield Static(f"Reply to {at_handle(line)}", classes="heading", markup=False)
            with VerticalScroll(id="answered", can_focus=False):
                yield Static("", id="answered-text", markup=False)
            yield Static(where_to(line), classes="private" if private else "public", markup=False)
            yield DraftArea(visible(self._draft.text, multiline=True), id="draft")
            yield OneLine(id="room")
            yield Hints(classes="keys")

    def on_mount(self) -> None:
        """Show what is answered, its end first in sight."""
        self._show_answered()
        area = self.query_one("#draft", TextArea)
        area.move_cursor(area.document.end)
        self._tell()
        self.call_after_refresh(self.query_one(Hints).tell, COMPOSER)

    def thread_moved(self, view: ThreadView) -> None:
        """Show what arrived while the officer writes."""
        if view.line.id == self._draft.conversation_id:
            self._view = view
            self._show_answered()

    def on_text_area_changed(self) -> None:
        """Count, and save when the officer pauses."""
        self._tell()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._save)

    async def keep(self) -> bool:
        """Save the draft if it changed; return whether it is safe in the database."""
        text = self.text
        if text == self._saved:
            return True
        try:
            await self._door.act(replies.save_draft, self._draft.reply_id, text)
            await self._renew()
        except StoreError:
            self._pause = self.set_timer(PAUSE, self._save)
            self._tell()
            return False
        except SocialdeskError as error:
            self.app.notify(visible(str(error)), severity="warning", markup=False)
            return False
        self._saved = text
        self._tell()
        return True

    @work(group="save", exclusive=True)
    async def _save(self) -> None:
        await self.keep()

    @work(group="leave", exclusive=True)
    async def action_postpone(self) -> None:
        """Keep the draft and go back."""
        if await self.keep():
            self.dismiss(Left.POSTPONED)
        else:
            self.app.notify("The draft cannot be saved now: it stays open.", markup=False)

    @work(group="leave", exclusive=True)
    async def action_template(self) -> None:
        """Insert an approved text."""
        texts = {one.id: one for one in self._door.desk.force.templates}
        choices = [Choice(t.id, visible(t.label), visible(t.text)) for t in texts.values()]
        chosen = await self.app.push_screen_wait(ChoiceScreen("Approved texts", choices))
        if chosen is not None:
            self.query_one("#draft", TextArea).insert(visible(texts[chosen].text, multiline=True))

    @work(group="leave", exclusive=True)
    async def action_review(self) -> None:
        """Show what will be sent, and do what the officer decides."""
        refused: SocialdeskError | None = None
        while True:
            verdict = await self.app.push_screen_wait(ReviewScreen(self._proof(refused)))
            if verdict is Verdict.EDIT:
                return
            try:
                left = await self._carry_out(verdict, refused)
            except (ThreadMoved, NotYours) as error:
                refused = error
                await self._read_again()
            except SocialdeskError as error:
                self.app.notify(visible(str(error)), severity="warning", markup=False)
                return
            else:
                self.dismiss(left)
                return

    async def _carry_out(self, verdict: Verdict, refused: SocialdeskError | None) -> Left:
        reply_id, text = self._draft.reply_id, self.text
        if verdict is Verdict.POSTPONE:
            await self._door.act(replies.save_draft, reply_id, text)
            return Left.POSTPONED
        if verdict is Verdict.ABANDON:
            await self._door.act(replies.abandon, reply_id)
            return Left.ABANDONED
        if refused is not None:
            await self._door.act(claims.claim, self._draft.conversation_id)
            await self._door.act(replies.confirm_thread, reply_id)
        await self._door.act(replies.submit, reply_id, text)
        return Left.SUBMITTED

    async def _read_again(self) -> None:
        try:
            view = await self._door.act(thread.open_thread, self._draft.conversation_id)
        except SocialdeskError as error:
            self.app.notify(visible(str(error)), severity="warning", markup=False)
            return
        self.thread_moved(view)

    async def _renew(self) -> None:
        """Renew the claim while the officer writes, at half its time."""
        if time.monotonic() - self._renewed > self._door.desk.force.claim_seconds / 2:
            await self._door.act(claims.claim, self._draft.conversation_id)
            self._renewed = time.monotonic()

    def _proof(self, refused: SocialdeskError | None) -> Proof:
        news = tuple(said for said in self._view.said[self._begun_with :] if not said.outbound)
        space = replies.room(self._view.line.channel, self._view.line.stream, self.text)
        return Proof(
            line=self._view.line,
            text=visible(self.text, multiline=True),
            length=fits(space.left, space.length, space.limit),
            news=news,
            why=visible(str(refused)) if refused is not None else SafeText(""),
        )

    def _show_answered(self) -> None:
        now, who = self._door.desk.clock.now(), at_handle(self._view.line)
        first = max(0, len(self._view.said) - ANSWERED)
        shown = [
            said_content(said, who, now, new=first + index >= self._begun_with)
            for index, said in enumerate(self._view.said[first:])
        ]
        self.query_one("#answered-text", Static).update(Content("\n").join(shown))
        pane = self.query_one("#answered", VerticalScroll)
        self.call_after_refresh(pane.scroll_end, animate=False)

    def _tell(self) -> None:
        space = replies.room(self._view.line.channel, self._view.line.stream, self.text)
        colour = DANGER if space.left < 0 else WARM if space.left < 20 else CALM
        saved = "draft saved" if self.text == self._saved else "not saved yet"
        if self._door.problem is not None:
            saved = "not saved: the database is away, your text is kept here"
        self.query_one("#room", OneLine).show(
            (fits(space.left, space.length, space.limit), f"bold {colour}"), (f"   {saved}", SOFT)
        )
