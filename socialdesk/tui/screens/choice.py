"""Dialogues that ask for one choice, or for one choice and a note."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from socialdesk.core.text import SafeText, visible
from socialdesk.tui.theme import SOFT
from socialdesk.tui.widgets.draft_area import DraftArea

CANCEL = Binding("escape", "cancel", "cancel", id="dialog.cancel", tooltip="Back, nothing is done")

NOTHING = SafeText("")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: its id, its name, and what it means."""

    id: str
    label: SafeText
    meaning: SafeText = NOTHING


def option(choice: Choice) -> Option:
    """Return a choice as a list shows it, inert."""
    meaning = ("", "") if not choice.meaning else (f"\n{choice.meaning}", SOFT)
    return Option(Content.assemble((choice.label, ""), meaning), id=choice.id)


class ChoiceScreen(ModalScreen[str | None]):
    """Asks for one of several."""

    BINDINGS: ClassVar = [CANCEL]

    def __init__(self, heading: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._heading = visible(heading)
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay the list out."""
        with Vertical(classes="dialog"):
            yield Static(self._heading, classes="heading", markup=False)
            yield OptionList(*(option(choice) for choice in self._choices))
            yield Static("enter choose   esc cancel", classes="keys quiet", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        self.dismiss(event.option.id)

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice and the officer's own words."""

    choice: str
    note: str


class ChoiceAndNote(ModalScreen[Chosen | None]):
    """Asks for one of several, and why."""

    BINDINGS: ClassVar = [
        CANCEL,
        Binding(
            "ctrl+s", "save", "save", key_display="^s", priority=True, id="dialog.save",
            tooltip="Record it",
        ),
    ]  # fmt: skip

    def __init__(self, heading: str, choices: Sequence[Choice], ask: str) -> None:
        super().__init__()
        self._heading, self._ask = visible(heading), visible(ask)
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Lay the list and the note out."""
        with Vertical(classes="dialog"):
            yield Static(self._heading, classes="heading", markup=False)
            yield OptionList(*(option(choice) for choice in self._choices))
            yield Static(self._ask, classes="quiet", markup=False)
            yield DraftArea()
            yield Static("", id="wrong", classes="wrong", markup=False)
            yield Static(
                "enter to the note   tab between   ^s record   esc cancel",
                classes="keys quiet",
                markup=False,
            )

    def on_mount(self) -> None:
        """Begin with the first choice."""
        self.query_one(OptionList).highlighted = 0

    def on_option_list_option_selected(self) -> None:
        """Go on to the note."""
        self.query_one(TextArea).focus()

    def action_save(self) -> None:
        """Return choice and note; a note there must be."""
        note = self.query_one(TextArea).text
        chosen = self.query_one(OptionList).highlighted
        if not note.strip() or chosen is None:
            self.query_one("#wrong", Static).update("It needs a line or two of reasons.")
            self.query_one(TextArea).focus()
            return
        self.dismiss(Chosen(self._choices[chosen].id, note))

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)
