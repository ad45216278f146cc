"""The course of a walk, as pure decisions: after each page, what the ledger may say.

The cursor moves with a walk's first page, to the newest message on it and never beyond: a network
may serve a stream in phases (the public's messages, then the account's own), and what arrives
during a later phase must still lie above the cursor. A first page without messages leaves no gap
to note, so what it says of the cursor is held until the walk is complete.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from socialdesk.channels.base import Page
from socialdesk.core.ids import new_id
from socialdesk.queue.coverage import CursorMove, Gap, GapMove

Newest = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a network serves a stream: in time, and in its newest messages; None: no end."""

    horizon: timedelta | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A walk under way.

    Attributes:
        since: the cursor it goes back to.
        since_at: all before is proven read; None when nothing is.
        started_at: when the walk began.
        gap: what is still to be read below the pages already stored; None before the first.
        reads_head: what comes next is the stream's newest page, which may move the cursor.
        reach: how far back the network serves the stream.
        base: how many of the stream's messages were stored when the walk, or its gap's, began.
        above: how many it has met since, as far as is known.
        held: where the cursor goes when the walk is complete, if the first page held no message.
    """

    since: str | None
    since_at: datetime | None
    started_at: datetime
    gap: Gap | None = None
    reads_head: bool = True
    reach: Reach = Reach()
    base: int = 0
    above: int = 0
    held: CursorMove | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What one page leads to."""

    course: Course
    move: CursorMove | None
    gap: GapMove | None


def after_page(course: Course, page: Page, newest: Newest, now: datetime) -> Stage:
    """Return how the ledger changes with a page, and the course from there."""
    first = course.reads_head and course.gap is None
    course = replace(course, above=course.above + len({item.remote_id for item in page.items}))
    move = _cursor(course, page, newest) if first else None
    if page.next_page is None:
        if course.gap is None and not first:
            move = course.held or CursorMove(course.since, course.started_at)
        closed = course.gap.id if course.gap else None
        missed = _missed(course, page, now)
        changes = GapMove(closed=closed, missed=missed) if closed or missed else None
        return Stage(course, move, changes)
    gap = _narrowed(course, page, newest)
    if gap is None:
        return Stage(replace(course, reads_head=False, held=course.held or move), None, None)
    return Stage(replace(course, gap=gap), move, GapMove(stands=gap))


def _cursor(course: Course, page: Page, newest: Newest) -> CursorMove:
    if page.cursor is not None:
        return CursorMove(page.cursor, course.started_at)
    cursor = course.since
    for item in page.items:
        cursor = item.remote_id if cursor is None else newest(cursor, item.remote_id)
    return CursorMove(cursor, course.started_at)


def _narrowed(course: Course, page: Page, newest: Newest) -> Gap | None:
    """Return what remains below a page; None where no page so far held a message."""
    gap = course.gap
    if gap is None and not (page.items and course.reads_head):
        return None
    top = gap.top if gap else page.items[0].remote_id
    until = gap.until_at if gap else page.items[0].created_at
    for item in page.items:
        if newest(top, item.remote_id) == top:
            top = item.remote_id
        until = min(until, item.created_at)
    if gap is not None:
        return replace(gap, top=top, until_at=until, page=page.next_page)
    return Gap(new_id(), top, course.since, page.next_page, course.since_at, until, course.base)


def _missed(course: Course, page: Page, now: datetime) -> tuple[datetime | None, datetime] | None:
    """Return what the network did not serve when the walk came to its end.

    A walk that met as many messages as the network serves at most was cut off below its oldest, as
    far as anyone can know. Of a stream that was never read before, only that is told: how much lay
    beyond a horizon in time is not known to anyone.
    """
    horizon, depth = course.reach.horizon, course.reach.depth
    edges: list[datetime] = []
    if horizon is not None and course.since_at is not None and course.since_at < now - horizon:
        edges.append(now - horizon)
    if depth is not None and course.above >= depth:
        oldest = [item.created_at for item in page.items]
        edges.append(min([*oldest, *([course.gap.until_at] if course.gap else [])], default=now))
    return (course.since_at, max(edges)) if edges else None
