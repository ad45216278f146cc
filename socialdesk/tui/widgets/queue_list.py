"""The queue: frozen ids, and lines opened a page at a time as they come on screen.

Rows do not move under the cursor: `show` is called by whoever decides that they may. Until a first
key there is no cursor, so nothing can move under it. Opening lines is a logged consultation, so
only pages on screen are asked for, and a page is kept while it is likely to be seen again.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar
from uuid import UUID

from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from socialdesk.core.clock import Clock
from socialdesk.queue.views import Line
from socialdesk.tui.keys import QUEUE
from socialdesk.tui.watch import Standing
from socialdesk.tui.widgets.queue_row import height, row_strips

PAGE = 64
KEPT_LINES = 32 * PAGE


class QueueList(ScrollView, can_focus=True):
    """The rows of the queue."""

    BINDINGS: ClassVar[list[BindingType]] = [*QUEUE]

    class Opened(Message):
        """The officer wants to read a conversation."""

        def __init__(self, conversation_id: UUID) -> None:
            super().__init__()
            self.conversation_id = conversation_id

    class Wanted(Message):
        """Rows came on screen that are not opened yet."""

    class CursorMoved(Message):
        """Another row is under the cursor."""

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 Textual's name
        super().__init__(id=id)
        self._clock = clock
        self.ids: Sequence[UUID] = ()
        self.cursor: int | None = None
        self._lines: OrderedDict[UUID, Line | None] = OrderedDict()

    @property
    def width(self) -> int:
        """Cells a row has, the scrollbar left out."""
        return self.scrollable_content_region.width

    @property
    def row_height(self) -> int:
        """Lines a row takes at the present width."""
        return height(self.width)

    @property
    def current(self) -> UUID | None:
        """The conversation under the cursor."""
        return None if self.cursor is None else self.ids[self.cursor]

    @property
    def on_screen(self) -> range:
        """The indexes of the rows on screen."""
        if not self.size.height:
            return range(0)
        first = self.scroll_offset.y // self.row_height
        last = -(-(self.scroll_offset.y + self.size.height) // self.row_height)
        return range(first, min(last, len(self.ids)))

    def line(self, conversation_id: UUID) -> Line | None:
        """Return what is known of a conversation, if it was opened."""
        return self._lines.get(conversation_id)

    def show(self, ids: Sequence[UUID]) -> None:
        """Take a new order; the cursor stays with its conversation, or else at its place."""
        held, place = self.current, self.cursor
        offset = 0 if place is None else place - self.on_screen.start
        self.ids = ids
        if place is not None:
            found = ids.index(held) if held is not None and held in set(ids) else place
            self.cursor = min(found, len(ids) - 1) if ids else None
        self._measure()
        if self.cursor is not None and self.cursor != place:
            self.scroll_to(y=(self.cursor - offset) * self.row_height, animate=False, force=True)
        self._ask()
        self.refresh()

    def stays(self, ids: Sequence[UUID]) -> bool:
        """Return whether a new order would leave every row on screen where it is."""
        shown = self.on_screen
        return self.ids[shown.start : shown.stop] == ids[shown.start : shown.stop]

    def wanted(self) -> list[UUID]:
        """Return the ids of the pages on screen that are not opened yet."""
        shown = self.on_screen
        if all(self.ids[index] in self._lines for index in shown):
            return []
        first = shown.start // PAGE * PAGE
        last = -(-shown.stop // PAGE) * PAGE
        return [one for one in self.ids[first:last] if one not in self._lines]

    def put(self, asked: Iterable[UUID], lines: dict[UUID, Line]) -> None:
        """Keep opened lines; ids that no longer exist are kept as empty."""
        for one in asked:
            self._lines[one] = lines.get(one)
            self._lines.move_to_end(one)
        while len(self._lines) > KEPT_LINES:
            self._lines.popitem(last=False)
        self._ask()
        self.refresh()

    def stand(self, standings: dict[UUID, Standing]) -> None:
        """Show where conversations stand now; those that someone wrote in are opened again."""
        for one, standing in standings.items():
            line = self._lines.get(one)
            if line is None:
                continue
            if line.version != standing.version:
                del self._lines[one]
            else:
                self._lines[one] = replace(
                    line,
                    urgency=standing.urgency,
                    state=standing.state,
                    waiting_since=standing.waiting_since,
                    owner=standing.owner,
                    mine=standing.mine,
                )
        self._ask()
        self.refresh()

    def go_to(self, conversation_id: UUID) -> None:
        """Put the cursor on a conversation, if it is in this order."""
        if conversation_id in set(self.ids):
            self._place(self.ids.index(conversation_id))

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        width, tall = self.width, self.row_height
        index, part = divmod(y + self.scroll_offset.y, tall)
        if index >= len(self.ids):
            return Strip.blank(width, self.rich_style)
        chosen = index == self.cursor
        strips = row_strips(
            self._lines.get(self.ids[index]),
            width,
            self._clock.now(),
            chosen=chosen,
            focused=self.has_focus,
        )
        return strips[part].apply_style(self.rich_style)

    def on_resize(self) -> None:
        """Rows may take another number of lines now; keep the cursor in sight."""
        self._measure()
        if self.cursor is not None:
            self._place(self.cursor)
        self._ask()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Open what comes on screen."""
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def action_move(self, step: int) -> None:
        """Move the cursor by rows; a first key only brings it out."""
        self._place(0 if self.cursor is None else self.cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a screenful."""
        rows = max(1, self.size.height // self.row_height - 1)
        self._place((self.cursor or 0) + step * rows)

    def action_end(self, step: int) -> None:
        """Move the cursor to the first or the last row."""
        self._place(len(self.ids) - 1 if step > 0 else 0)

    def action_open(self) -> None:
        """Open the row under the cursor, the first where there is none yet."""
        if self.cursor is None:
            self._place(0)
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def _measure(self) -> None:
        self.virtual_size = Size(self.width, len(self.ids) * self.row_height)

    def _place(self, index: int) -> None:
        if not self.ids:
            self.cursor = None
            return
        self.cursor = max(0, min(index, len(self.ids) - 1))
        top, tall = self.cursor * self.row_height, self.row_height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif top + tall > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=top + tall - self.size.height, animate=False, force=True)
        self._ask()
        self.refresh()
        self.post_message(self.CursorMoved())

    def _ask(self) -> None:
        if self.is_attached and self.wanted():
            self.post_message(self.Wanted())
