"""Every key, made from the tables that bind them."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from socialdesk.tui.keys import COMPOSER, DESK, QUEUE, REVIEW
from socialdesk.tui.theme import CALM, INK, SOFT

SECTIONS: tuple[tuple[str, Sequence[Binding]], ...] = (
    ("At the desk", DESK),
    ("In the queue", QUEUE),
    ("Writing a reply", COMPOSER),
    ("Reviewing a reply", REVIEW),
)


def help_content() -> Content:
    """Return every key with what it does."""
    parts: list[tuple[str, str]] = []
    for name, keys in SECTIONS:
        parts.append((f"{name}\n", f"bold {INK}"))
        for key in keys:
            shown = key.key_display or key.key
            parts += [(f"  {shown:<10}", f"bold {CALM}"), (f"{key.tooltip}\n", SOFT)]
        parts.append(("\n", ""))
    return Content.assemble(*parts[:-1])


class HelpScreen(ModalScreen[None]):
    """Shows every key."""

    BINDINGS: ClassVar = [
        Binding("escape,q,question_mark", "leave", "close", id="help.close", tooltip="Back"),
    ]

    def compose(self) -> ComposeResult:
        """Lay the keys out."""
        with VerticalScroll(classes="dialog wide"):
            yield Static("Keys", classes="heading", markup=False)
            yield Static(help_content(), markup=False)
            yield Static("esc back", classes="keys quiet", markup=False)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
