"""Where a walk stands: in Mastodon's notifications and, for direct messages, in own statuses too.

Notification ids rise in the order of arrival, status ids do not (a status that reaches the instance
late has the id of the time it was written), so a cursor goes by notifications. It is written
`NOTIFICATION/OWN`, a page's token `PHASE:BEFORE`; both parts are the instance's own ids, so that
neither ever expires.
"""

from dataclasses import dataclass
from enum import StrEnum

OVERLAP = 40
"""Notifications read again at each walk: ids are given out before they can be seen, so that a
higher one may show first; forty are within the one page a quiet poll reads anyway."""


class Phase(StrEnum):
    """What a page begins with."""

    NOTIFICATIONS = "n"
    OWN = "o"


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest ids met, 0 where none was."""

    notification: int = 0
    own: int = 0

    def __str__(self) -> str:
        return f"{self.notification}/{self.own}"

    def past(self, *, notifications: list[str], own: list[str]) -> "Mark":
        """Return the mark moved on to the newest of the ids met."""
        return Mark(
            max(self.notification, *map(int, notifications), 0),
            max(self.own, *map(int, own), 0),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins; `before` None is the newest end of its phase."""

    phase: Phase = Phase.NOTIFICATIONS
    before: str | None = None

    def __str__(self) -> str:
        return f"{self.phase.value}:{self.before or ''}"


def mark(cursor: str | None) -> Mark:
    """Return what a cursor says; a bare number is a notification's id.

    Raises:
        ValueError: it is not a cursor of ours.
    """
    if not cursor:
        return Mark()
    notification, _, own = cursor.partition("/")
    return Mark(int(notification), int(own or 0))


def place(page: str | None) -> Place:
    """Return the place a page's token names; the newest one where there is no token.

    Raises:
        ValueError: it is not a token of ours.
    """
    if page is None:
        return Place()
    phase, before = page.split(":")
    return Place(Phase(phase), before or None)


def newest(first: str, second: str) -> str:
    """Return the later of two cursors, part by part, or of two ids."""
    if "/" not in first + second:
        return max(first, second, key=int)
    one, other = mark(first), mark(second)
    return str(Mark(max(one.notification, other.notification), max(one.own, other.own)))
