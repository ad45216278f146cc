"""The conversation: what was said, oldest first, each message with its time and state in words."""

from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from socialdesk.classify.assessment import Urgency
from socialdesk.core.clock import Clock
from socialdesk.core.text import SafeText, defanged
from socialdesk.queue.states import ReplyState
from socialdesk.queue.views import Line, Said, ThreadView
from socialdesk.tui.keys import READING
from socialdesk.tui.theme import CALM, DANGER, INK, SOFT, URGENCY_COLOURS, WARM, WELL
from socialdesk.tui.words import REPLY_WORDS, STATE_WORDS, at_handle, said_at, source, urgency_word

NOTHING_OPEN = """\
Nothing is open.

j and k choose a conversation, enter opens it.
n claims and opens the most urgent one that nobody holds."""
_STATE_COLOURS = {
    ReplyState.SENT: WELL,
    ReplyState.FAILED: DANGER,
    ReplyState.UNKNOWN: WARM,
}


def title_of(line: Line) -> tuple[tuple[str, str], ...]:
    """Return the heading of a conversation: who, where, how it stands."""
    held = "you hold it" if line.mine else f"held by {line.owner}" if line.owner else "unclaimed"
    return (
        (at_handle(line), f"bold {INK}"),
        (f"  {source(line)} · {STATE_WORDS[line.state]} · ", SOFT),
        (held, f"bold {CALM}" if line.mine else SOFT),
        (f" · {line.name}" if line.name else "", SOFT),
    )


def said_content(said: Said, who: SafeText, now: datetime, *, new: bool = False) -> Content:
    """Return one message: a line that says who and when, then its text."""
    heading: list[tuple[str, str]] = [
        ("You wrote" if said.outbound else who, f"bold {CALM if said.outbound else INK}"),
        (f"  {said_at(said.at, now)}", SOFT),
    ]
    if said.urgency in {Urgency.IMMEDIATE, Urgency.PRIORITY}:
        heading.append((f"  {urgency_word(said.urgency)}", URGENCY_COLOURS[said.urgency]))
    if new:
        heading.append(("  ★ new", f"bold {WARM}"))
    if said.state is not None:
        state = ReplyState(said.state)
        glyph, word = REPLY_WORDS[state]
        heading.append((f"  {glyph} {word}", _STATE_COLOURS.get(state, WARM)))
    parts = [*heading, ("\n", ""), (defanged(said.text), INK)]
    parts += [(f"\n{mark}", SOFT) for mark in said.marks]
    if said.problem is not None:
        parts.append((f"\n{said.problem}", DANGER))
    return Content.assemble(*parts)


class Bubble(Static):
    """One message."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._shown: Content | None = None

    def show(self, content: Content, *, outbound: bool, new: bool) -> None:
        """Show a message; nothing is drawn again where nothing changed."""
        self.set_class(outbound, "outbound")
        self.set_class(new, "new")
        if self._shown is None or not self._shown.is_same(content):
            self._shown = content
            self.update(content)


class ThreadPane(VerticalScroll):
    """The messages of the open conversation."""

    BINDINGS: ClassVar[list[BindingType]] = [*READING]

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._opened: object = None
        self._read = 0

    def compose(self) -> list[Static]:
        """Begin empty."""
        return [Static(NOTHING_OPEN, id="nothing", markup=False)]

    async def show(self, view: ThreadView) -> None:
        """Show a conversation: another one from its end, the same one without moving."""
        another = self._opened != view.line.id
        self._opened = view.line.id
        if another:
            self._read = len(view.said)
        self.query_one("#nothing").display = False
        await self._bubbles(len(view.said))
        now, who = self._clock.now(), at_handle(view.line)
        for index, (bubble, said) in enumerate(zip(self.query(Bubble), view.said, strict=True)):
            new = index >= self._read and not said.outbound
            bubble.show(said_content(said, who, now, new=new), outbound=said.outbound, new=new)
        if another:
            self.call_after_refresh(self.scroll_end, animate=False)

    def mark_read(self) -> None:
        """Take everything shown as read: the next message is the next new one."""
        self._read = len(self.query(Bubble))

    async def _bubbles(self, number: int) -> None:
        held = list(self.query(Bubble))
        if len(held) > number:
            for bubble in held[number:]:
                await bubble.remove()
        elif number > len(held):
            await self.mount_all([Bubble() for _ in range(number - len(held))])
