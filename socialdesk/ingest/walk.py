"""Walks: from the newest message back to the cursor, and down through a gap, page by page.

Pages are stored as they come, so that danger is on the desk before the walk ends, each together
with what it does to the coverage ledger. A walk ends early, leaving its rest a gap, after
`HEAD_PAGES` (so that other streams are polled in time) or at the rate limit's reserve.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from socialdesk.channels.base import Allowance, Channel
from socialdesk.classify.assessment import Assessor
from socialdesk.core.force import Account
from socialdesk.ingest.course import Course, after_page
from socialdesk.ingest.pace import RESERVE
from socialdesk.ingest.source import Source
from socialdesk.queue.coverage import Gap, OpenGap
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.store.tables import StreamState
from socialdesk.store.transaction import Actor

HEAD_PAGES = 10


@dataclass(slots=True)
class Walk:
    """What a walk brought, kept up to date page by page so that a failure's cost is known."""

    pages: int = 0
    read: int = 0
    stored: int = 0
    complete: bool = False
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True)
class Walker:
    """Walks one stream of an account."""

    desk: Desk
    actor: Actor
    account: Account
    source: Source
    channel: Channel
    assessor: Assessor

    def head(self, walk: Walk) -> None:
        """Read from the newest message back to the cursor; what is left over is a gap.

        Raises:
            ChannelError: the network failed on some page; what follows it is a gap.
            StoreError: the database failed; nothing of that page is stored.
        """
        cursor, covered = self._stand()
        started = self.desk.clock.now()
        course = Course(cursor, covered, started, horizon=self._horizon)
        self._go(course, walk, page=None, before=None, pages=HEAD_PAGES)

    def fill(self, found: OpenGap, walk: Walk, pages: int) -> None:
        """Read up to `pages` pages down from where a gap begins.

        A network that can begin below an id is asked so: that never expires. Else the kept token
        is tried, and without one the walk begins at the top again.

        Raises:
            ChannelError, StoreError: as for `head`; the gap stands as it was.
        """
        gap, below = found.gap, self.source.stream in self.channel.capabilities.reads_before
        course = Course(
            gap.bottom,
            gap.since_at,
            self.desk.clock.now(),
            gap=gap,
            reads_head=False,
            horizon=self._horizon,
        )
        page = None if below else gap.page
        self._go(course, walk, page=page, before=gap.top if below else None, pages=pages)

    def _go(
        self, course: Course, walk: Walk, *, page: str | None, before: str | None, pages: int
    ) -> None:
        while True:
            got = self.source.read(
                self.channel, self.desk.clock, since=course.since, page=page, before=before
            )
            walk.pages += 1
            walk.read += len(got.items)
            walk.allowance = got.allowance
            stage = after_page(course, got, self.channel.newest, self.desk.clock.now())
            walk.stored += take_in(
                self.desk,
                self.actor,
                self.account,
                self.source.name,
                judge(got.items, self.assessor),
                got.rejected,
                stage.move,
                stage.gap,
            )
            course, page = stage.course, got.next_page
            walk.complete = page is None
            if page is None or _enough(course.gap, walk, pages):
                return

    def _stand(self) -> tuple[str | None, datetime | None]:
        with self.desk.store.reading() as session:
            found = session.exec(
                select(StreamState.cursor, StreamState.covered_until).where(
                    StreamState.account_id == self.account.id,
                    StreamState.stream == self.source.name,
                )
            ).first()
        return (None, None) if found is None else (found[0], found[1])

    @property
    def _horizon(self) -> timedelta | None:
        return self.channel.capabilities.horizons.get(self.source.stream)


def _enough(gap: Gap | None, walk: Walk, pages: int) -> bool:
    """Say whether a walk may stop here: only where the ledger holds what is left."""
    if gap is None:
        return False
    left = walk.allowance.remaining if walk.allowance else None
    return walk.pages >= pages or (left is not None and left <= RESERVE)
