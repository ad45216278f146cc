"""Does a text aim at somebody? Names, handles, number plates and phone numbers, found purely.

A listening rule may follow topics, places and events; one that names a person, or what leads to
one, is directed surveillance in waiting (RIPA 2000 s.26(2)) and needs an authority. In doubt the
text counts as naming someone: a refused topic costs a rewording, a missed person costs a right.
It cannot know every name: an unusual one in small letters passes, and the assessment must see it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from socialdesk.queue.known_names import (
    DOUBTFUL,
    DOUBTFUL_TITLES,
    GIVEN,
    KNOWN_PHRASES,
    ORDINARY,
    PLACE_WORDS,
    SHORT_WORDS,
    SHORTER_WORDS,
    SURNAME_ENDINGS,
    SURNAMES,
    TITLES,
)


class Kind(StrEnum):
    """What leads to a person."""

    PERSON = "person"
    HANDLE = "handle"
    PLATE = "plate"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Named:
    """Something that leads to a person, as written."""

    kind: Kind
    text: str


_HANDLES = re.compile(
    r"""
    [\w.+-]*@\s?[\w.-]+                                                # @jo, jo@example.com
    | \b(?:from|to|retweets_of|user|author|list|bio)\s?:\s?\S+         # search operators
    | \b(?:[\w-]+\.)*(?:x|twitter|instagram|facebook|tiktok|threads|snapchat|youtube|linkedin|t)
      \.(?:com|me|net)/\S+
    | \bbsky\.app/profile/\S+ | \b[\w-]+\.bsky\.social\b
    | \b\w*[^\W_]_\w*\b | \b_+[^\W_]\w*\b                              # jo_99, _jo
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERS = re.compile(r"(?<![^\W_])[+(]?[\dOolI][\dOolI\s().\-/]{7,}[\dOolI](?![^\W_])")
_GAP = r"[ .\-]?"
_PLATES = (
    re.compile(rf"\b(?P<a>[A-Z]{{2}})(?P<s>{_GAP})[\dOIL]{{2}}{_GAP}(?P<b>[A-Z]{{3}})\b", re.I),
    re.compile(rf"\b(?P<a>[A-HJ-NPR-TV-Y])\d{{1,3}}(?P<s>{_GAP})(?P<b>[A-Z]{{3}})\b", re.I),
    re.compile(rf"\b(?P<b>[A-Z]{{3}})(?P<s>{_GAP})\d{{1,3}}(?P<a>[A-Z])\b", re.I),
    re.compile(rf"\b(?=[A-Z]{{0,2}}[IZ])(?P<b>[A-Z]{{3}})(?P<s>{_GAP})\d{{3,4}}(?P<a>)\b", re.I),
)
_TOLD_PLATE = re.compile(
    r"\b(?:reg|registration|vrm|plates?)\b\W{0,3}(?:(?:no|number|is)\b\W{0,3})*"
    r"(?=[A-Z ]*\d)(?P<plate>[A-Z0-9]{2,4}\s?[A-Z0-9]{1,4})\b",
    re.IGNORECASE,
)
_ROADS = frozenset("ABM")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def names_in(text: str) -> tuple[Named, ...]:
    """Return everything in `text` that names a person or leads to one, in no set order."""
    shown = _plain(text)
    found = {
        *_handles(shown),
        *_phones(shown),
        *_plates(shown),
        *_people(shown),
        *_people_in_tags(shown),
    }
    return tuple(sorted(found, key=lambda one: (one.kind, one.text)))


def _plain(text: str) -> str:
    """Return `text` without disguise: one form of each letter, nothing invisible, no accents."""
    whole = unicodedata.normalize("NFKD", text)
    kept = (char for char in whole if unicodedata.category(char) not in {"Cf", "Cs", "Mn", "Me"})
    return " ".join("".join(kept).split())


def _handles(text: str) -> Iterator[Named]:
    for match in _HANDLES.finditer(text):
        yield Named(Kind.HANDLE, match[0].strip())


def _phones(text: str) -> Iterator[Named]:
    for match in _NUMBERS.finditer(text):
        whole = match[0].strip()
        if sum(char.isdigit() for char in whole) < 6:
            continue
        digits = re.sub(r"\D", "", re.sub("[oO]", "0", re.sub("[lI]", "1", whole)))
        if _is_phone(digits, abroad=whole.startswith("+") or digits.startswith("00")):
            yield Named(Kind.PHONE, whole)


def _is_phone(digits: str, *, abroad: bool) -> bool:
    if abroad:
        return 8 <= len(digits) <= 17
    if digits.startswith("0"):
        return 10 <= len(digits) <= 11
    return (digits.startswith("44") and len(digits) in {11, 12}) or bool(
        re.fullmatch(r"7\d{9}", digits)
    )


def _plates(text: str) -> Iterator[Named]:
    for pattern in _PLATES:
        for match in pattern.finditer(text):
            if any(char.isdigit() for char in match[0]) and not _is_prose(match):
                yield Named(Kind.PLATE, match[0])
    for match in _TOLD_PLATE.finditer(text):
        yield Named(Kind.PLATE, match["plate"])


def _is_prose(match: re.Match[str]) -> bool:
    """Say whether what has the form of a plate reads as words: `on 24 nov`, `M25 jam`."""
    first, last = match["a"], match["b"]
    if not re.search(r"[ .\-]", match[0]):
        return False
    if len(first) == 2 and not match["s"]:
        return False
    if last.lower() in SHORT_WORDS or first.lower() in SHORTER_WORDS:
        return True
    return len(first) == 1 and first.upper() in _ROADS and not last.isupper()


def _people(text: str) -> Iterator[Named]:
    lowered = text.lower()
    for phrase in KNOWN_PHRASES:
        while (at := lowered.find(phrase)) >= 0:
            blank = "." * len(phrase)
            text = text[:at] + blank + text[at + len(phrase) :]
            lowered = text.lower()
    words = [_Word(match[0]) for match in _WORD.finditer(text)]
    for index, word in enumerate(words):
        before = words[index - 1] if index else None
        if _is_person(word, before, words[index + 1 :]):
            following = [one.written for one in words[index + 1 : index + 2]]
            yield Named(Kind.PERSON, " ".join([word.written, *following]))


class _Word:
    """A word as written and as looked up, without a possessive end."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.key = re.sub(r"['’]s$", "", written.lower()).replace("’", "'")
        self.titled = written[:1].isupper()
        self.is_plain = self.key in ORDINARY or self.key in PLACE_WORDS

    @property
    def is_surname(self) -> bool:
        parts = self.key.split("-")
        return any(part in SURNAMES for part in parts) or (
            len(self.key) > 5 and self.key.endswith(SURNAME_ENDINGS)
        )


def _is_person(word: _Word, before: _Word | None, after: list[_Word]) -> bool:
    next_word = after[0] if after else None
    if before is not None and before.key in {"st", "saint", "storm"}:
        return False
    if word.key in TITLES or word.key in DOUBTFUL_TITLES:
        return _is_titled(word, next_word)
    if _ends_in_place(after):
        return False
    if _is_given(word.key) and word.key not in DOUBTFUL:
        return True
    if next_word is None or next_word.is_plain:
        return False
    if word.key in DOUBTFUL:
        return next_word.is_surname or (
            word.titled and next_word.titled and not next_word.written.isupper()
        )
    if len(word.key) == 1 and word.key not in {"a", "i"}:
        return next_word.is_surname
    return word.titled and next_word.titled and _ends_like_surname(next_word.key)


def _is_given(key: str) -> bool:
    return key in GIVEN or key.split("-", maxsplit=1)[0] in GIVEN


def _is_titled(title: _Word, following: _Word | None) -> bool:
    if following is None or following.is_plain:
        return False
    if title.key in TITLES:
        return True
    if following.is_surname or (_is_given(following.key) and following.titled):
        return True
    return title.titled and following.titled and not following.written.isupper()


def _ends_in_place(after: list[_Word]) -> bool:
    """Say whether a name goes on into a place's: `Victoria Park`, `Robert Burns Drive`."""
    for word in after[:2]:
        if word.key in PLACE_WORDS and word.key not in SURNAMES:
            return True
        if word.key in ORDINARY or not word.titled:
            return False
    return False


def _ends_like_surname(key: str) -> bool:
    return len(key) > 5 and key.endswith(SURNAME_ENDINGS)


def _people_in_tags(text: str) -> Iterator[Named]:
    """Look inside hashtags: by their capitals, and for a given name joined to a surname."""
    for tag in re.findall(r"#(\w+)", text):
        if any(_people(" ".join(_HUMP.split(tag)))) or _joined(tag.lower()):
            yield Named(Kind.PERSON, f"#{tag}")


def _joined(tag: str) -> bool:
    return any(
        tag[start:middle] in GIVEN and tag[middle:] in SURNAMES
        for start in range(len(tag) - 5)
        for middle in range(start + 3, len(tag) - 2)
    )


__all__ = ["Kind", "Named", "names_in"]
