"""The desk's own look: dark and quiet, so that what is urgent is all that is loud."""

from pathlib import Path

from rich.style import Style
from textual.theme import Theme

from socialdesk.classify.assessment import Urgency

CSS_FILE = Path(__file__).with_name("desk.tcss")

INK, SOFT, FAINT = "#d5dae1", "#8d97a5", "#78828f"
GROUND, RAISED, LIFTED, RULE = "#12161b", "#181d24", "#222a34", "#2c3541"
CALM, DANGER, WARM, WELL = "#86b1d8", "#ff6b5e", "#e5b567", "#8fbf8f"
ALARM = "#a3211b"

DESK_THEME = Theme(
    name="socialdesk",
    primary=CALM,
    secondary=SOFT,
    accent=CALM,
    warning=WARM,
    error=DANGER,
    success=WELL,
    foreground=INK,
    background=GROUND,
    surface=RAISED,
    panel=LIFTED,
    dark=True,
    variables={
        "soft": SOFT,
        "faint": FAINT,
        "rule": RULE,
        "alarm": ALARM,
        "input-cursor-text-style": "reverse",
        "scrollbar": RULE,
        "scrollbar-background": GROUND,
        "scrollbar-hover": SOFT,
        "scrollbar-active": CALM,
    },
)
URGENCY_STYLES = {
    Urgency.IMMEDIATE: Style(color=DANGER, bold=True),
    Urgency.PRIORITY: Style(color=WARM),
    Urgency.ROUTINE: Style(color=INK),
    Urgency.NONE: Style(color=FAINT),
}
URGENCY_COLOURS = {
    Urgency.IMMEDIATE: f"bold {DANGER}",
    Urgency.PRIORITY: WARM,
    Urgency.ROUTINE: INK,
    Urgency.NONE: FAINT,
}
