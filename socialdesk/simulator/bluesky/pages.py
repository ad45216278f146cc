"""Paging: newest first, by a cursor that holds a place in the order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from socialdesk.simulator.bluesky.names import is_tid, number_of, tid_of
from socialdesk.simulator.bluesky.problems import invalid

MOST = 100
T = TypeVar("T")


def page_of(
    items: Sequence[T], query: Mapping[str, str], place: Callable[[T], str]
) -> tuple[list[T], dict[str, Any]]:
    """Return one page of `items`, newest first, and the answer's cursor member, if it goes on.

    Args:
        place: the id by which an item has its place.

    Raises:
        Problem: 400, limit or cursor are not of their form.
    """
    size = _limit(query.get("limit", "50"))
    newest_first = sorted(items, key=lambda item: int(place(item)), reverse=True)
    cursor = query.get("cursor")
    if cursor is not None:
        if not is_tid(cursor):
            raise invalid("Malformed cursor")
        before = int(number_of(cursor))
        newest_first = [item for item in newest_first if int(place(item)) < before]
    chosen = newest_first[:size]
    more = len(newest_first) > size
    return chosen, {"cursor": tid_of(place(chosen[-1]))} if more else {}


def _limit(value: str) -> int:
    if not (value.isdigit() and 1 <= int(value) <= MOST):
        raise invalid(f"Error: Params must have limit between 1 and {MOST}")
    return int(value)
