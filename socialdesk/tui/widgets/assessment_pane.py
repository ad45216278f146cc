"""What the model said and why, what officers recorded, and what can be done now."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from socialdesk.core.clock import Clock
from socialdesk.core.text import SafeText
from socialdesk.queue.views import Note, ThreadView
from socialdesk.tui.keys import ACTS, READING
from socialdesk.tui.theme import CALM, DANGER, FAINT, INK, SOFT, URGENCY_COLOURS, WARM
from socialdesk.tui.words import likelihood, named, said_at, urgency_word, waiting

FLAGGED = 0.25
"""From this probability on a vulnerability or a further category is named."""

REASONS = 6
ACT_WIDTH = 11
Part = tuple[str, str]


def assessment_parts(view: ThreadView, now: datetime) -> list[Part]:
    """Return what the model made of a conversation, in words."""
    line = view.line
    parts: list[Part] = [
        (urgency_word(line.urgency), URGENCY_COLOURS[line.urgency]),
        (f"   waiting {waiting(line.waiting_since, now)}\n", SOFT),
        (named(line.category), f"bold {INK}"),
        (f"\nPossible crime: {likelihood(line.possible_crime)}\n", INK),
    ]
    others = [
        f"{named(kind)} ({likelihood(score)})"
        for kind, score in sorted(view.categories.items(), key=lambda pair: -pair[1])
        if score >= FLAGGED and kind != line.category
    ][:3]
    if others:
        parts.append((f"Also: {', '.join(others)}\n", SOFT))
    return parts + _vulnerability(view) + _reasons(view)


def _vulnerability(view: ThreadView) -> list[Part]:
    flags = [(kind, score) for kind, score in view.vulnerability.items() if score >= FLAGGED]
    if not flags:
        return [("No sign of vulnerability was found\n", SOFT)]
    return [
        (f"⚑ {named(kind)}: {likelihood(score)}\n", DANGER if score >= 0.6 else WARM)
        for kind, score in sorted(flags, key=lambda pair: -pair[1])
    ]


def _reasons(view: ThreadView) -> list[Part]:
    weighed: dict[SafeText, float] = {}
    for said in view.said:
        for word, weight in said.reasons:
            weighed[word] = max(weight, weighed.get(word, weight))
    heaviest = sorted(weighed, key=lambda word: -abs(weighed[word]))[:REASONS]
    if not heaviest:
        return []
    parts: list[Part] = [("\nWords that weighed most\n", SOFT)]
    for word in heaviest:
        weight = weighed[word]
        mark = "++" if weight >= 2 else "+" if weight > 0 else "–"
        parts += [(f"{mark:<3}", FAINT), (f"“{' '.join(word.split())}”\n", INK)]
    return parts


def note_parts(notes: Sequence[Note], now: datetime) -> list[Part]:
    """Return what officers recorded, newest first."""
    parts: list[Part] = []
    for note in reversed(notes):
        parts += [
            (f"\n{note.kind}", f"bold {CALM}"),
            (f"  {note.by}, {said_at(note.at, now)}\n", SOFT),
            (f"{note.text}\n", INK),
        ]
    return parts


def act_parts(may: Callable[[str], bool], keys: Sequence[Binding] = tuple(ACTS)) -> list[Part]:
    """Return the acts, two a line: those that can be done now, and those that cannot."""
    parts: list[Part] = []
    for heading, allowed in (("You can", True), ("Not now", False)):
        found = [key for key in keys if may(key.action) is allowed]
        if found:
            parts.append((f"\n{heading}\n", SOFT))
        for place, key in enumerate(found):
            ends = "\n" if place % 2 or place == len(found) - 1 else ""
            parts += [
                (f"{key.key_display} ", f"bold {CALM}" if allowed else FAINT),
                (f"{key.description:<{ACT_WIDTH}}{ends}", INK if allowed else FAINT),
            ]
    return parts


class AssessmentPane(VerticalScroll):
    """The assessment, the notes and the acts of the open conversation."""

    BINDINGS: ClassVar[list[BindingType]] = [*READING]

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:  # noqa: A002 Textual's name
        super().__init__(id=id)
        self._clock = clock

    def compose(self) -> list[Static]:
        """Begin empty."""
        return [Static("", id="assessed", markup=False)]

    def show(self, view: ThreadView | None, may: Callable[[str], bool]) -> None:
        """Show a conversation's assessment, or nothing."""
        if view is None:
            self.query_one("#assessed", Static).update("")
            return
        now = self._clock.now()
        parts = assessment_parts(view, now) + act_parts(may) + note_parts(view.notes, now)
        self.query_one("#assessed", Static).update(Content.assemble(*parts))
