"""From a post's HTML to plain text: no markup survives, and a link cannot hide where it leads.

The networks' own markup is known (p, br, a, span); another server's may be anything. Text is kept,
tags are not; a link whose words differ from its address has the address written after it. What the
result shows is inert text like any other: `core.text.visible` still stands before every screen.
"""

from html.parser import HTMLParser

_PARAGRAPHS = frozenset(("p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4"))
_LINES = frozenset(("br", "li", "tr", "hr"))
_SILENT = frozenset(("script", "style", "template"))


def plain(html: str) -> str:
    """Return what a reader of `html` would see, as text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._href: str | None = None
        self._link_from = 0
        self._silent: str | None = None

    def text(self) -> str:
        """Return the text read so far, with a link that was never closed taken to its end."""
        self._end_link()
        return "".join(self._pieces).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent = tag
        elif tag in _PARAGRAPHS:
            self._break(2)
        elif tag in _LINES:
            self._pieces.append("\n")
        elif tag == "a":
            self._end_link()
            self._href = dict(attrs).get("href")
            self._link_from = len(self._pieces)

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
            self._pieces.append(data.replace("\r\n", " ").replace("\n", " "))

    def _break(self, wanted: int) -> None:
        """Leave `wanted` line ends after what was said, counting those there already."""
        if self._pieces:
            self._pieces.append("\n" * (wanted - self._ends()))

    def _ends(self) -> int:
        ends = 0
        for piece in reversed(self._pieces):
            if piece and set(piece) != {"\n"}:
                break
            ends += len(piece)
        return min(ends, 2)

    def _end_link(self) -> None:
        href, self._href = self._href, None
        if not href:
            return
        words = "".join(self._pieces[self._link_from :])
        if not _is_plain_of(words.strip(), href):
            self._pieces.append(f" ({href})" if words.strip() else href)


def _is_plain_of(words: str, href: str) -> bool:
    """Say whether a link's words are its address, or name a person or a tag of the network."""
    if words[:1] in ("@", "#") and len(words.split()) == 1:
        return True
    return _bare(words) == _bare(href)


def _bare(address: str) -> str:
    _, mark, rest = address.partition("://")
    return (rest if mark else address).removeprefix("www.").rstrip("/")
