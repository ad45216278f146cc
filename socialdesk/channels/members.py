"""Reading a JSON object's members, each of which must be of its form or the item is unfit."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from socialdesk.channels.slices import Slice, repeats_a_name

ID_DIGITS = 19


class Unfit(Exception):  # noqa: N818 an item's state
    """An item that could not be understood; the text says why."""


def as_object(piece: Slice) -> dict[str, Any]:
    """Return a piece that must be a JSON object.

    Raises:
        Unfit: it is none, or names a thing twice.
    """
    if not isinstance(piece.value, dict):
        raise Unfit("not a JSON object")
    if repeats_a_name(piece.text):
        raise Unfit("a name stands in it twice, and which value counts is not known")
    return piece.value


def text_of(values: Mapping[str, Any], name: str) -> str:
    """Return a member that must be text.

    Raises:
        Unfit: it is missing or something else.
    """
    value = values.get(name)
    if not isinstance(value, str):
        raise Unfit(f"{name} is {'missing' if value is None else 'not text'}")
    return value


def number_of(values: Any, name: str) -> str:
    """Return a member that must be an id in digits, as text.

    Raises:
        Unfit: it is missing or something else, or `values` is no object.
    """
    value = text_of(values, name) if isinstance(values, dict) else ""
    if not (value.isascii() and value.isdigit() and len(value) <= ID_DIGITS):
        raise Unfit(f"{name} is not an id of at most {ID_DIGITS} digits")
    return value


def when(values: Mapping[str, Any], name: str) -> datetime:
    """Return a member that must be a time, in UTC.

    Raises:
        Unfit: it is missing or something else, or names no time zone.
    """
    try:
        return moment(text_of(values, name))
    except ValueError as error:
        raise Unfit(f"{name} is not a time: {error}") from error


def moment(text: str) -> datetime:
    """Return the time in an ISO 8601 text, in UTC.

    Raises:
        ValueError: it is not one, or names no time zone.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is none") from error
    except OverflowError as error:
        raise ValueError(f"{text[:40]!r} is beyond all calendars") from error
    raise ValueError("it names no time zone")
