"""One row of the queue as strips, each exactly as wide as the pane whatever the text.

Wide panes hold a row in one line; narrow ones in two, the gist below. What the public wrote comes
last on its line: terminals disagree about the width of emoji, and nothing after it may shift.
"""

from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from socialdesk.classify.assessment import Urgency
from socialdesk.queue.views import Line
from socialdesk.tui.theme import CALM, FAINT, INK, LIFTED, SOFT, URGENCY_STYLES
from socialdesk.tui.words import at_handle, flag, source, urgency_word, waiting

ONE_LINE = 84
"""From this width on a row takes one line."""

URGENCY, WAITING, SOURCE, FLAG, HANDLE = 12, 6, 7, 12, 16
_BAR, _NO_BAR = "▌", " "
_CURSOR = Style(bgcolor=LIFTED)


def height(width: int) -> int:
    """Return how many lines a row takes in a pane of `width`."""
    return 1 if width >= ONE_LINE else 2


def fit(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, with an ellipsis where it was cut."""
    if width <= 0:
        return ""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)


def row_strips(
    line: Line | None, width: int, now: datetime, *, chosen: bool, focused: bool
) -> list[Strip]:
    """Return the lines of one row; `line` None is a row not opened yet."""
    bar = Segment(
        _BAR if chosen else _NO_BAR, Style(color=CALM if focused else FAINT, bold=focused)
    )
    if line is None:
        parts = [[Segment("· · ·", Style(color=FAINT))], [Segment("")]]
    elif height(width) == 1:
        held = fit(flag(line), FLAG - 1) + " "
        parts = [
            [
                *_facts(line, now),
                _column(_handle(line), HANDLE),
                Segment(held, _held(line)),
                _gist(line),
            ]
        ]
    else:
        held = f"{flag(line)}  " if flag(line) else ""
        parts = [
            [*_facts(line, now), _handle(line)],
            [Segment("  "), Segment(held, _held(line)), _gist(line)],
        ]
    return [_strip(bar, segments, width, chosen=chosen) for segments in parts[: height(width)]]


def _facts(line: Line, now: datetime) -> list[Segment]:
    quiet = Style(color=SOFT)
    return [
        Segment(fit(urgency_word(line.urgency), URGENCY), URGENCY_STYLES[line.urgency]),
        Segment(f"{waiting(line.waiting_since, now):>{WAITING - 1}} ", quiet),
        Segment(fit(source(line), SOURCE), quiet),
    ]


def _held(line: Line) -> Style:
    return Style(color=CALM, bold=True) if line.mine else Style(color=SOFT, italic=True)


def _column(segment: Segment, width: int) -> Segment:
    return Segment(fit(segment.text, width - 1) + " ", segment.style)


def _handle(line: Line) -> Segment:
    loud = line.urgency in {Urgency.IMMEDIATE, Urgency.PRIORITY}
    return Segment(at_handle(line), Style(color=INK, bold=loud))


def _gist(line: Line) -> Segment:
    gist = f"for {line.hand_off}: {line.gist}" if line.hand_off else line.gist
    return Segment(gist, Style(color=SOFT if line.urgency is Urgency.NONE else INK))


def _strip(bar: Segment, segments: list[Segment], width: int, *, chosen: bool) -> Strip:
    left = width - 1
    kept = [bar]
    for text, style, _control in segments:
        shown = text if cell_len(text) <= left else fit(text, left)
        kept.append(Segment(shown, style))
        left -= cell_len(shown)
    strip = Strip(kept).adjust_cell_length(width)
    return strip.apply_style(_CURSOR) if chosen else strip
