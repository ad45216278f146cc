"""A search: the query, its language, and what is wrong with it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from socialdesk.core.errors import RuleError
from socialdesk.core.text import visible
from socialdesk.queue.search import parse_query
from socialdesk.tui.screens.choice import CANCEL

LANGUAGE = """\
burglary acton       all of these words, anywhere in a conversation
from:@somebody       written by that handle
is:open is:awaiting is:escalated is:closed is:unclaimed is:mine
risk:priority        that grade or above
cat:theft            by the model's category"""


class SearchScreen(ModalScreen[str | None]):
    """Asks what to look for."""

    BINDINGS: ClassVar = [CANCEL]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = visible(text)

    def compose(self) -> ComposeResult:
        """Lay the search out."""
        with Vertical(classes="dialog"):
            yield Static("Search", classes="heading", markup=False)
            yield Input(self._text, placeholder="words, or is:mine, risk:priority, from:@handle")
            yield Static("", id="wrong", classes="wrong", markup=False)
            yield Static(LANGUAGE, classes="quiet", markup=False)
            yield Static(
                "enter search   empty shows the whole queue   esc cancel",
                classes="keys quiet",
                markup=False,
            )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the query, if it is one."""
        try:
            parse_query(event.value)
        except RuleError as error:
            self.query_one("#wrong", Static).update(visible(str(error)))
        else:
            self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)
