"""Where an officer writes. What is pasted becomes inert first: somebody else wrote it."""

from textual import events
from textual.widgets import TextArea

from socialdesk.core.text import SafeText, visible

NOTHING = SafeText("")


class DraftArea(TextArea):
    """A plain text area."""

    def __init__(self, text: SafeText = NOTHING, *, id: str | None = None) -> None:  # noqa: A002 Textual's name
        super().__init__(text, soft_wrap=True, show_line_numbers=False, tab_behavior="focus", id=id)

    async def _on_paste(self, event: events.Paste) -> None:
        await super()._on_paste(events.Paste(visible(event.text, multiline=True)))
        event.prevent_default()
