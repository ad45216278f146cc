"""Why look again at someone who has not written to the force?"""

from collections.abc import Sequence

from socialdesk.core.errors import RuleError
from socialdesk.core.text import SafeText
from socialdesk.queue.looks import NeedsPermission
from socialdesk.queue.viewing import Why
from socialdesk.tui.screens.choice import Choice, ChoiceAndNote, Chosen

LIFE = Choice(
    "life", SafeText("There is a threat to life"), SafeText("Opens at once; the log says so.")
)
REASON = Choice("reason", SafeText("I need to look again"), SafeText("The log says that you did."))


class WhyScreen(ChoiceAndNote):
    """Asks for a reason; where only a permission helps, for a threat to life alone."""

    def __init__(self, owed: RuleError) -> None:
        choices: Sequence[Choice] = (LIFE,) if isinstance(owed, NeedsPermission) else (REASON, LIFE)
        super().__init__(owed.what, choices, owed.todo)


def told(chosen: Chosen) -> Why:
    """Return what the officer said."""
    return Why(chosen.note, threat_to_life=chosen.choice == LIFE.id)
