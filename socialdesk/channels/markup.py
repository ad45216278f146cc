"""From HTML to plain text: no markup survives, and a link cannot hide where it leads.

Text is kept, tags are not; a link whose words differ from its address has the address written
after it. What the result shows is inert text like any other: `core.text.visible` still stands
before every screen. One pass, in time and memory linear in the input.
"""

from html.parser import HTMLParser

_PARAGRAPHS = frozenset(("p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4"))
_LINES = frozenset(("br", "li", "tr", "hr"))
_SILENT = frozenset(("script", "style", "template"))


def plain_text(html: str) -> str:
    """Return what a reader of `html` would see, as text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._ends = 2
        self._href: str | None = None
        self._words: list[str] = []
        self._silent: str | None = None

    def text(self) -> str:
        """Return the text read so far, with a link that was never closed taken to its end."""
        self._end_link()
        return "".join(self._pieces).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent = tag
        elif tag in _PARAGRAPHS:
            self._break(2)
        elif tag in _LINES:
            self._break(1)
        elif tag == "a":
            self._end_link()
            self._href, self._words = dict(attrs).get("href"), []
        elif tag == "img":
            self._say(dict(attrs).get("alt") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = None
        elif tag == "a":
            self._end_link()
        elif tag in _PARAGRAPHS:
            self._break(2)

    def handle_data(self, data: str) -> None:
        if self._silent is None:
            self._say(data.replace("\r\n", " ").replace("\n", " "))

    def _say(self, text: str) -> None:
        if self._ends:
            text = text.lstrip(" \t")
        if text:
            self._pieces.append(text)
            self._ends = 0
            if self._href:
                self._words.append(text)

    def _break(self, wanted: int) -> None:
        """Leave `wanted` line ends after what was said, counting those there already."""
        if self._ends < wanted:
            self._pieces.append("\n" * (wanted - self._ends))
            self._ends = wanted

    def _end_link(self) -> None:
        href, self._href = (self._href or "").strip(), None
        words = "".join(self._words).strip()
        if href and _bare(words) != _bare(href):
            self._say(f" ({href})" if words else href)


def _bare(address: str) -> str:
    _, mark, rest = address.partition("://")
    return (rest if mark else address).removeprefix("www.").rstrip("/")
