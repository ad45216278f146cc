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
class Course:
    """A walk under way.

    Attributes:
        since: the cursor it goes back to.
        since_at: all before is proven read; None when nothing is.
        started_at: when the walk began.
        gap: what is still to be read below the pages already stored; None before the first.
        reads_head: what comes next is the stream's newest page, which may move the cursor.
        horizon: how far back the network serves the stream, where it sets an end.
        held: where the cursor goes when the walk is complete, if the first page held no message.
    """

    since: str | None
    since_at: datetime | None
    started_at: datetime
    gap: Gap | None = None
    reads_head: bool = True
    horizon: timedelta | None = None
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
    move = _cursor(course, page, newest) if first else None
    if page.next_page is None:
        if course.gap is None and not first:
            move = course.held or CursorMove(course.since, course.started_at)
        closed = course.gap.id if course.gap else None
        missed = _missed(course, now)
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
    return Gap(new_id(), top, course.since, page.next_page, course.since_at, until)


def _missed(course: Course, now: datetime) -> tuple[datetime, datetime] | None:
    """Return what lay beyond the network's horizon when the walk came to its end."""
    if course.horizon is None or course.since_at is None:
        return None
    edge = now - course.horizon
    return (course.since_at, edge) if course.since_at < edge else None
