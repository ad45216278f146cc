"""Who is to act, and what they must know."""

from collections.abc import Sequence

from socialdesk.core.force import Destination
from socialdesk.core.text import visible
from socialdesk.tui.screens.choice import Choice, ChoiceAndNote


class EscalateScreen(ChoiceAndNote):
    """Asks where an escalation goes, and for its note."""

    def __init__(self, destinations: Sequence[Destination]) -> None:
        super().__init__(
            "Escalate: who is to act?",
            [Choice(one.id, visible(one.label)) for one in destinations],
            "What is happening, to whom, and where?",
        )
