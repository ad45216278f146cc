"""Untrusted text is inert: `visible` is the only door from a message to a screen or a file name.

A message is data. A terminal, a markup parser and a reader's eye all take parts of it as orders:
escape and control characters move cursors and fill clipboards, bidirectional overrides turn a
sentence round, zero-width characters hide, floods of combining marks paint over the next line.
`visible` shows what is there as plain characters and orders nothing.
Sources: ECMA-48 (C0, C1), Unicode UAX #9 (bidirectional), UTR #36 (security).
"""

import re
import unicodedata
from functools import lru_cache
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that has passed `visible` (or was written by us): what widgets accept."""

MAX_MARKS = 4
"""Combining marks kept on one character; Vietnamese and Hebrew need three at most."""

_SILENT = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u180e\u034f")
_BIDI = {
    "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE",
    "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI",
    "\u2068": "FSI", "\u2069": "PDI",
}  # fmt: skip
_BREAKS = frozenset("\n\u2028\u2029\u0085\v\f")
_UNSAFE_FILE = re.compile(r"[^A-Za-z0-9._-]+")


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    """Return what one character looks like when it may order nothing."""
    if char in _SILENT:
        return ""
    if char in _BIDI:
        return f"⟨{_BIDI[char]}⟩"
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"
    if 0xE0000 <= code <= 0xE0FFF and category == "Cf":
        return ""
    if category in {"Cc", "Cf", "Co", "Cn"}:
        return f"⟨U+{code:04X}⟩"
    return char


def visible(text: str, *, multiline: bool = False) -> SafeText:
    """Return `text` as it may be shown: same words, no orders.

    Args:
        text: anything at all, lone surrogates included.
        multiline: keep line breaks (all kinds become "\\n"); otherwise each becomes a space.
            Tabs become a space either way.
    """
    if text.isascii() and text.isprintable():
        return SafeText(text)
    line_break = "\n" if multiline else " "
    shown: list[str] = []
    marks = 0
    for char in text.replace("\r\n", "\n").replace("\r", "\n"):
        if char in _BREAKS:
            shown.append(line_break)
        elif char == "\t":
            shown.append(" ")
        elif unicodedata.combining(char):
            marks += 1
            if marks <= MAX_MARKS:
                shown.append(char)
            continue
        else:
            shown.append(_shown(char))
        marks = 0
    return SafeText("".join(shown))


def encoded(text: str) -> bytes:
    """Return any text as bytes, lone surrogates included; `decoded` gives it back."""
    return text.encode("utf-8", "surrogatepass")


def decoded(content: bytes) -> str:
    """Return the text that `encoded` made bytes of."""
    return content.decode("utf-8", "surrogatepass")


def gist(text: str, length: int = 200) -> SafeText:
    """Return one inert line of at most `length` characters that says what `text` begins with."""
    line = " ".join(visible(text[: length * 4]).split())
    return SafeText(line if len(line) <= length else line[: length - 1] + "…")


def defanged(text: str) -> SafeText:
    """Return inert text whose links cannot be followed by mistake (`hxxps://example[.]com`)."""

    def _disarm(match: re.Match[str]) -> str:
        scheme = "hxxps" if match["scheme"].lower() == "https" else "hxxp"
        return f"{scheme}://{match['host'].replace('.', '[.]')}"

    shown = visible(text, multiline=True)
    return SafeText(re.sub(r"(?i)\b(?P<scheme>https?)://(?P<host>[^\s/]+)", _disarm, shown))


def file_stem(text: str) -> str:
    """Return `text` as part of a file name: ASCII letters, digits, dot, dash, underscore."""
    stem = _UNSAFE_FILE.sub("-", text).strip("-.")[:80]
    return stem or "unnamed"
