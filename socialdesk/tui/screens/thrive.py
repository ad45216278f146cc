"""A THRIVE assessment: the officer's grade, and why."""

from socialdesk.classify.assessment import Urgency
from socialdesk.core.text import SafeText
from socialdesk.tui.screens.choice import Choice, ChoiceAndNote
from socialdesk.tui.words import urgency_word

_MEANINGS = {
    Urgency.IMMEDIATE: SafeText("danger to life, or serious crime happening or about to"),
    Urgency.PRIORITY: SafeText("real concern for safety, or evidence about to be lost"),
    Urgency.ROUTINE: SafeText("nothing is lost by waiting its turn"),
    Urgency.NONE: SafeText("nothing for the desk to do but see it"),
}


class ThriveScreen(ChoiceAndNote):
    """Asks for a grade and its reasons."""

    def __init__(self) -> None:
        super().__init__(
            "THRIVE: how urgent is it?",
            [
                Choice(grade.value, SafeText(f"{urgency_word(grade)}  {meaning}"))
                for grade, meaning in _MEANINGS.items()
            ],
            "Threat, harm, risk, investigation, vulnerability, engagement: why?",
        )
