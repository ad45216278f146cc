"""Exact slices of a JSON text: where each member and element begins and ends, as received.

Offsets are into the text decoded with `surrogateescape`, so that bytes which are no UTF-8 survive
and `as_bytes` gives back what came over the wire.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

LONGEST_WHOLE = 1000
"""Digits of the longest whole number taken as one: Python refuses those beyond 4,300."""


def _whole(digits: str) -> int | float:
    """Return a number whatever its length, so that one absurd value costs no page."""
    return int(digits) if len(digits) <= LONGEST_WHOLE else float(digits)


_DECODER = json.JSONDecoder(strict=False, parse_int=_whole)
_SPACE = re.compile(r"[ \t\n\r]*")


class Slice(NamedTuple):
    """A value and the very text it was read from."""

    value: Any
    text: str

    def as_bytes(self) -> bytes:
        """Return the bytes the value was read from."""
        return self.text.encode("utf-8", "surrogateescape")


def repeats_a_name(text: str) -> bool:
    """Say whether any object in a JSON text gives a name twice: nobody knows which value counts.

    Raises:
        ValueError: it is not JSON.
    """
    found = False

    def note(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)

    json.loads(text, strict=False, parse_int=_whole, object_pairs_hook=note)
    return found


def document(body: bytes) -> Slice:
    """Return a whole JSON body.

    Raises:
        ValueError: the body is not one JSON value.
        RecursionError: it is nested beyond reason.
    """
    text = body.decode("utf-8", "surrogateescape")
    start = _skip(text, 0)
    value, end = _DECODER.raw_decode(text, start)
    if _skip(text, end) != len(text):
        raise ValueError(f"more after the JSON value at character {end}")
    return Slice(value, text[start:end])


def member(of: Slice, name: str) -> Slice | None:
    """Return an object's member, or None; of a repeated name the last, as JSON parsers take it."""
    found = None
    if isinstance(of.value, dict):
        for key, value in _members(of.text):
            if key == name:
                found = value
    return found


def elements(of: Slice | None) -> list[Slice]:
    """Return an array's elements in order; nothing when `of` is no array."""
    if of is None or not isinstance(of.value, list):
        return []
    return list(_elements(of.text))


def _members(text: str) -> Iterator[tuple[str, Slice]]:
    at = _skip(text, 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        value, at = _value(text, _skip(text, at) + 1)
        yield key, value
        at = _past_comma(text, at)


def _elements(text: str) -> Iterator[Slice]:
    at = _skip(text, 1)
    while text[at] != "]":
        value, at = _value(text, at)
        yield value
        at = _past_comma(text, at)


def _value(text: str, at: int) -> tuple[Slice, int]:
    start = _skip(text, at)
    value, end = _DECODER.raw_decode(text, start)
    return Slice(value, text[start:end]), end


def _past_comma(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
