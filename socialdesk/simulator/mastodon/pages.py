"""Paging as on Mastodon: by ids, newest first, with the neighbours named in a Link header alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page, newest first, and its headers."""

    items: Sequence[T]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many items an endpoint serves: when not told, and at most."""

    usual: int
    most: int


def page_of(
    items: Sequence[T],
    query: Mapping[str, str],
    *,
    of: Callable[[T], int],
    bounds: Bounds,
    url: str,
) -> Slice[T]:
    """Return the page that `max_id`, `since_id`, `min_id` and `limit` ask for.

    All ids are exclusive. `since_id` leaves the newest in place; `min_id` serves the page next
    above it. A limit above the most is cut to it.
    """
    highest, lowest = _number(query, "max_id"), _number(query, "since_id")
    above = _number(query, "min_id")
    limit = min(max(1, _number(query, "limit") or bounds.usual), bounds.most)
    within = sorted(
        (
            one
            for one in items
            if (highest is None or of(one) < highest) and of(one) > max(lowest or 0, above or 0)
        ),
        key=of,
        reverse=True,
    )
    chosen = within[-limit:] if above is not None else within[:limit]
    return Slice(chosen, _links(chosen, query, of, limit, url))


def _links(
    chosen: Sequence[T], query: Mapping[str, str], of: Callable[[T], int], limit: int, url: str
) -> dict[str, str]:
    if not chosen:
        return {}
    kept = {k: v for k, v in query.items() if k not in ("max_id", "since_id", "min_id")}
    links = [_link(url, kept | {"min_id": str(of(chosen[0]))}, "prev")]
    if len(chosen) == limit:
        links.insert(0, _link(url, kept | {"max_id": str(of(chosen[-1]))}, "next"))
    return {"Link": ", ".join(links)}


def _link(url: str, query: Mapping[str, str], rel: str) -> str:
    return f'<{url}?{urlencode(query)}>; rel="{rel}"'


def _number(query: Mapping[str, str], name: str) -> int | None:
    """Return an id as the database reads it: what is no number is nought."""
    value = query.get(name)
    if value is None:
        return None
    return int(value) if value.isascii() and value.isdigit() else 0
