"""Undo disguise: fold a message to plain lower-case words, remembering where each came from.

Written so that "kn1fe", "k n i f e", "ｋｎｉｆｅ" and "🔪" read alike. Postcodes, road numbers,
number plates, times and ages are left as written: they are where and when, not disguise. Every
pattern is bounded, so time grows with length and never with its square; any text is accepted.
Sources: Unicode UAX #15 (NFKD), UTS #39 (confusables: only the common Cyrillic and Greek ones).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from socialdesk.classify.disguise import CONFUSABLES, EMOJI_WORDS, LEET, TEXT_SPEAK

LONGEST_RUN = 40
"""Characters without a space before a break is put in; the longest everyday word has 30."""

_ODD = re.compile(r"[^\n\t\x20-\x7e]")
_MASKS = re.compile(
    r"(?P<urltoken>https?://\S+|www\.\S+)"
    r"|(?P<emailtoken>[\w.+-]{1,40}@[\w-]{1,40}\.[\w.]{2,40})"
    r"|(?P<usertoken>(?<!\w)@\w{1,40})"
    r"|(?P<moneytoken>[£$€] ?\d[\d,.]{0,12}k?)"
    r"|(?P<phonetoken>(?<!\d)(?:\+44|0)[\d ]{8,12}\d(?!\d))"
    r"|(?P<numtoken>\d{5,})"
)
_MASKABLE = re.compile(r"://|www\.|[@£$€]|\d{3}")
_LONG = re.compile(rf"\S{{{LONGEST_RUN}}}(?=\S)")
_SPACED = re.compile(r"(?<![a-z0-9'])(?![ai] )(?:[a-z](?: |[.\-_*/] ?)){3,15}[a-z](?![a-z0-9'])")
_LEET_WORD = re.compile(r"(?<![a-z0-9@$!|])[a-z0-9@$!|]{2,24}(?![a-z0-9@$!|])")
_LEET_SIGN = re.compile(r"[0-9@$!|]")
_STRETCHED = re.compile(r"([^\d\s])\1{2,}")
_SPARED = re.compile(
    r"\d+(?:[a-z]{1,4})?|[abm]\d{1,4}|j\d{1,2}|[a-z]{2}\d{2}(?:[a-z]{3})?|"
    r"[a-z]{1,2}\d[a-z\d]?|\d[a-z]{2}|[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}|[a-z]{1,4}\d{2,}"
)
_DOUBLED = frozenset("loes")


@dataclass(frozen=True, slots=True)
class _Edits:
    """The replacements of one pass that move letters: spans in the source and the result."""

    source: tuple[tuple[int, int], ...]
    result: tuple[tuple[int, int], ...]

    def back(self, position: int) -> tuple[int, int]:
        """Return the source span that the result's character at `position` came from."""
        at = bisect_right(self.result, (position, 1 << 60)) - 1
        if at < 0:
            return position, position + 1
        start, end = self.result[at]
        if start <= position < end:
            return self.source[at]
        moved = self.source[at][1] + position - end
        return moved, moved + 1


@dataclass(frozen=True, slots=True)
class Normalised:
    """Folded text and the way back to the original."""

    text: str
    original: str
    passes: tuple[_Edits, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that `text[start:end]` came from."""
        if not self.text or end <= start:
            return 0, 0
        first, last = start, end
        for edits in reversed(self.passes):
            first, last = edits.back(first)[0], edits.back(last - 1)[1]
        return first, min(last, len(self.original))


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    """Return what one character outside plain ASCII reads as; "" when it shows nothing."""
    if char in EMOJI_WORDS:
        return f" {EMOJI_WORDS[char]} "
    if char in CONFUSABLES:
        return CONFUSABLES[char]
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cs", "Zl", "Zp", "Zs", "Co", "Cn"}:
        return " "
    if kind in {"Cf", "Mn", "Me", "Mc", "Sk"}:
        return ""
    if kind == "So":
        return " emojitoken "
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return plain or " "


def _mask(match: re.Match[str]) -> str:
    return f" {match.lastgroup} "


def _joined(match: re.Match[str]) -> str:
    return re.sub(r"[^a-z]", "", match[0])


def _unleet(match: re.Match[str]) -> str:
    word = match[0]
    if not _LEET_SIGN.search(word):
        return word
    if word in TEXT_SPEAK:
        return TEXT_SPEAK[word]
    core = word.rstrip("!|")
    if not core or core.isalpha() or not any(c.isalpha() for c in core) or _SPARED.fullmatch(core):
        return word
    return core.translate(LEET) + word[len(core) :]


def _shortened(match: re.Match[str]) -> str:
    char = match[1]
    return char * 2 if char in _DOUBLED else char


def _broken(match: re.Match[str]) -> str:
    return match[0] + " "


def _replace(
    text: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]
) -> tuple[str, _Edits | None]:
    """Return `text` with each match replaced, and the edits whose length changed."""
    pieces: list[str] = []
    source: list[tuple[int, int]] = []
    result: list[tuple[int, int]] = []
    done = length = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        replacement = new(match)
        length += start - done
        if len(replacement) != end - start or replacement[0] == " ":
            source.append((start, end))
            result.append((length, length + len(replacement)))
        pieces += (text[done:start], replacement)
        length += len(replacement)
        done = end
    if not pieces:
        return text, None
    pieces.append(text[done:])
    return "".join(pieces), _Edits(tuple(source), tuple(result)) if source else None


def normalise(text: str) -> Normalised:
    """Return `text` folded to plain lower-case words; accepts any text, in linear time."""
    passes: list[_Edits] = []

    def run(pattern: re.Pattern[str], new: Callable[[re.Match[str]], str], now: str) -> str:
        now, edits = _replace(now, pattern, new)
        if edits is not None:
            passes.append(edits)
        return now

    now = text
    if not (text.isascii() and text.isprintable()):
        now = run(_ODD, lambda match: _folded(match[0]), now)
    now = (
        "".join(c.lower() if len(c.lower()) == 1 else c for c in now)
        if not now.isascii()
        else (now.lower())
    )
    if _MASKABLE.search(now):
        now = run(_MASKS, _mask, now)
    now = run(_LONG, _broken, now)
    now = run(_SPACED, _joined, now)
    if _LEET_SIGN.search(now):
        now = run(_LEET_WORD, _unleet, now)
    now = run(_STRETCHED, _shortened, now)
    return Normalised(now, text, tuple(passes))
