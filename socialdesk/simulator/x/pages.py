"""Paging: newest first, by opaque tokens that hold a place in the order, not a page number.

A token names the id the page ended or began at, so what arrives during a walk shifts nothing.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from socialdesk.simulator.x.problems import invalid


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page, newest first."""

    items: Sequence[T]
    next_token: str | None
    previous_token: str | None


def page_of(items: Sequence[T], *, size: int, token: str | None) -> Slice[T]:
    """Return one page of `items` (given oldest first).

    Raises:
        Problem: 400, the token is not one of ours.
    """
    newest_first = sorted(items, key=lambda item: int(item.id), reverse=True)
    start = 0
    if token is not None:
        start = _start(newest_first, token, size)
    chosen = newest_first[start : start + size]
    more = start + size < len(newest_first)
    return Slice(
        chosen,
        _token("older", chosen[-1].id) if chosen and more else None,
        _token("newer", chosen[0].id) if chosen and start > 0 else None,
    )


def _start(newest_first: Sequence[T], token: str, size: int) -> int:
    direction, place = _read(token)
    newer = sum(1 for item in newest_first if int(item.id) > place)
    if direction == "newer":
        return max(0, newer - size)
    return newer + sum(1 for item in newest_first if int(item.id) == place)


def _token(direction: str, place: str) -> str:
    return base64.b32encode(f"{direction}:{place:>019}".encode()).decode().rstrip("=").lower()


def _read(token: str) -> tuple[str, int]:
    padded = token.upper() + "=" * (-len(token) % 8)
    try:
        direction, _, place = base64.b32decode(padded).decode().partition(":")
        if direction in ("older", "newer"):
            return direction, int(place)
    except (binascii.Error, ValueError):
        pass
    raise invalid(
        "pagination_token",
        token,
        f"The `pagination_token` query parameter value [{token}] is not valid",
    )
