"""The top line: whose desk, who sits at it, what waits by grade, and the time. And the alarm."""

from datetime import datetime

from rich.cells import cell_len

from socialdesk.classify.assessment import Urgency
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.views import Line
from socialdesk.tui.theme import FAINT, INK, SOFT, URGENCY_COLOURS
from socialdesk.tui.widgets.lines import OneLine
from socialdesk.tui.widgets.queue_row import fit
from socialdesk.tui.words import at_handle, clock_time, source, urgency_word, waiting

GAP = 3


class DeskHeader(OneLine):
    """Force, officer, counts and clock."""

    def tell(self, force: str, officer: str, counts: dict[Urgency, int], now: datetime) -> None:
        """Show the line for the present width."""
        names = [(visible(force), f"bold {INK}"), (f"  {visible(officer)}", SOFT)]
        grades = [
            (f"{urgency_word(grade)} {number}   ", URGENCY_COLOURS[grade] if number else FAINT)
            for grade, number in counts.items()
        ]
        time = (f"{clock_time(now)} ", SOFT)
        for shown in (
            [*names, *grades],
            [*names[:1], *grades],
            [*names[:1], *grades[:3]],
            [*names[:1], *grades[:2]],
        ):
            gap = self.size.width - 1 - sum(cell_len(text) for text, _style in [*shown, time])
            if gap >= GAP:
                break
        kept = [part for part in shown if part in names]
        self.show((" ", ""), *kept, (" " * max(GAP, gap), ""), *shown[len(kept) :], time)


class Alarm(OneLine):
    """Immediate danger that nobody holds and this officer has not seen; hidden without any."""

    def tell(self, first: Line | None, number: int, now: datetime) -> None:
        """Name the danger that waits longest, and say how many more there are."""
        self.display = number > 0
        if number == 0:
            return
        more = f" and {number - 1} more" if number > 1 else ""
        head = f" ▲ IMMEDIATE, held by nobody{more}: press !   "
        self.show(
            (fit(SafeText(head + _named(first, now)), max(1, self.screen.size.width - 1)), "bold")
        )


def _named(line: Line | None, now: datetime) -> str:
    if line is None:
        return "opening it…"
    since = waiting(line.waiting_since, now)
    return f"{at_handle(line)} ({source(line)}, {since}): {line.gist}"
