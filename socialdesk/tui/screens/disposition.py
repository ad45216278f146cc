"""How a contact ended."""

from collections.abc import Sequence

from socialdesk.core.force import Disposition
from socialdesk.core.text import visible
from socialdesk.tui.screens.choice import Choice, ChoiceScreen


class DispositionScreen(ChoiceScreen):
    """Asks how the contact ended."""

    def __init__(self, dispositions: Sequence[Disposition]) -> None:
        super().__init__(
            "Close: how did it end?", [Choice(one.id, visible(one.label)) for one in dispositions]
        )
