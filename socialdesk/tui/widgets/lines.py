"""One-line widgets: a text cut to the width, never wrapped, never parsed."""

from textual.content import Content
from textual.widgets import Static


class OneLine(Static):
    """A line of parts, each a plain text and a style."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 Textual's name
        super().__init__(markup=False, id=id, classes=classes)
        self._shown = Content()

    @property
    def plain(self) -> str:
        """What the line says."""
        return self._shown.plain

    def show(self, *parts: tuple[str, str]) -> None:
        """Show the parts; the line is drawn again only where they changed."""
        content = Content.assemble(*parts)
        if not content.is_same(self._shown):
            self._shown = content
            self.update(content)
