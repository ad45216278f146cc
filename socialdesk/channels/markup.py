"""From HTML to plain text: no markup survives, and a link cannot hide where it leads.

Text is kept, tags are not; a link whose words differ from its address has the address written
after it. What the result shows is inert text like any other: `core.text.visible` still stands
before every screen.

Python's own `html.parser` reads markup without an end (many `<!--`, many `<a `) in the square of
its length, so that a small post could hold a poller for minutes. No pattern here looks past the
next `<` or `>`, and comments are taken out first: time is linear in any input.
"""

import re
from html import unescape

_COMMENTS = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^>]*>?", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})((?:[\s/][^<>]*)?)>")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(href|alt)\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"'>]+)""", re.I)
_PARAGRAPHS = frozenset(("p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4"))
_LINES = frozenset(("br", "li", "tr", "hr"))
_SILENT = frozenset(("script", "style", "template"))


def plain_text(html: str) -> str:
    """Return what a reader of `html` would see, as text."""
    html = _COMMENTS.sub("", html)
    reader, at = _Reader(), 0
    for tag in _TAG.finditer(html):
        reader.say(unescape(html[at : tag.start()]))
        reader.tag(tag[2].lower(), tag[3], ends=bool(tag[1]))
        at = tag.end()
    reader.say(unescape(html[at:]))
    return reader.text()


class _Reader:
    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._ends = 2
        self._href = ""
        self._words: list[str] = []
        self._silent: str | None = None

    def text(self) -> str:
        """Return the text read so far, with a link that was never closed taken to its end."""
        self._end_link()
        return "".join(self._pieces).strip()

    def tag(self, name: str, attributes: str, *, ends: bool) -> None:
        """Take in one tag."""
        if self._silent is not None:
            self._silent = None if ends and name == self._silent else self._silent
        elif name in _SILENT:
            self._silent = None if ends else name
        elif name in _PARAGRAPHS:
            self._break(2)
        elif name in _LINES:
            self._break(1)
        elif name == "a":
            self._end_link()
            self._href = "" if ends else _attribute(attributes, "href")
        elif name == "img":
            self.say(_attribute(attributes, "alt"))

    def say(self, text: str) -> None:
        """Take in text; line ends in HTML are spaces."""
        if self._silent is not None:
            return
        text = text.replace("\r\n", " ").replace("\n", " ")
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
        href, self._href = self._href, ""
        words, self._words = "".join(self._words).strip(), []
        if href and _bare(words) != _bare(href):
            self.say(f" ({href})" if words else href)


def _attribute(attributes: str, name: str) -> str:
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == name:
            return unescape(found[2].strip("\"'")).strip()
    return ""


def _bare(address: str) -> str:
    _, mark, rest = address.partition("://")
    return (rest if mark else address).removeprefix("www.").rstrip("/")
