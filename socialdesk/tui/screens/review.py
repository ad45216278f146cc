"""The last look before a reply leaves: exactly what, to whom, and who can read it."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from socialdesk.channels.base import Stream
from socialdesk.core.text import SafeText
from socialdesk.queue.views import Line, Said
from socialdesk.tui.keys import REVIEW
from socialdesk.tui.theme import CALM, SOFT, WARM
from socialdesk.tui.words import where_to

NOTHING = SafeText("")


class Verdict(Enum):
    """What the officer decides on seeing it."""

    SEND = "send"
    EDIT = "edit"
    POSTPONE = "postpone"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is to be looked at.

    Attributes:
        news: messages that arrived since the draft was begun.
        why: why sending was refused, in words.
    """

    line: Line
    text: SafeText
    length: str
    news: tuple[Said, ...] = ()
    why: SafeText = NOTHING


class ReviewScreen(ModalScreen[Verdict]):
    """Shows a reply as the public will see it."""

    BINDINGS: ClassVar[list[BindingType]] = [*REVIEW]

    def __init__(self, proof: Proof) -> None:
        super().__init__()
        self._proof = proof

    def compose(self) -> ComposeResult:
        """Lay the proof out."""
        proof = self._proof
        private = proof.line.stream == Stream.DMS
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static("Review before sending", classes="heading", markup=False)
            if proof.why:
                yield Static(proof.why, classes="wrong", markup=False)
            if proof.news:
                yield Static(_news(proof.news), id="news", markup=False)
            yield Static(
                where_to(proof.line), classes="private" if private else "public", markup=False
            )
            yield Static(proof.text, classes="text", id="proof", markup=False)
            yield Static(proof.length, classes="quiet", markup=False)
            yield Static(_keys(read=bool(proof.why)), classes="keys", markup=False)

    def action_choose(self, verdict: str) -> None:
        """Return what the officer decided."""
        self.dismiss(Verdict(verdict))


def _news(news: tuple[Said, ...]) -> Content:
    parts = [("★ Arrived since you began\n", f"bold {WARM}")]
    parts += [(f"{said.text}\n", "") for said in news]
    return Content.assemble(*parts)


def _keys(*, read: bool) -> Content:
    words = {"s": "I have read this: send" if read else "send", "e": "edit", "p": "postpone"}
    words["a"] = "abandon"
    parts = [
        part
        for key, word in words.items()
        for part in ((key, f"bold {CALM}"), (f" {word}   ", SOFT))
    ]
    return Content.assemble(*parts)
