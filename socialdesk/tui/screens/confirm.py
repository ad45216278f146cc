"""A yes or no."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from socialdesk.core.text import SafeText


class ConfirmScreen(ModalScreen[bool]):
    """Asks before something that the officer may not mean."""

    BINDINGS: ClassVar = [
        Binding("y", "answer(True)", "yes", id="confirm.yes", tooltip="Do it"),
        Binding("n,escape", "answer(False)", "no", id="confirm.no", tooltip="Do not"),
    ]

    def __init__(self, what: SafeText, ask: SafeText) -> None:
        super().__init__()
        self._what, self._ask = what, ask

    def compose(self) -> ComposeResult:
        """Lay the question out."""
        with Vertical(classes="dialog"):
            yield Static(self._what, classes="heading", markup=False)
            yield Static(self._ask, markup=False)
            yield Static("y yes   n no", classes="keys quiet", markup=False)

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 given by the binding
        """Return the answer."""
        self.dismiss(yes)
