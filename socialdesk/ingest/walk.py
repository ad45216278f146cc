"""Walks: from the newest message back to the cursor, and down through a gap, page by page.

Pages are stored as they come, so that danger is on the desk before the walk ends, each together
with what it does to the coverage ledger. A walk ends early, leaving its rest a gap, after
`HEAD_PAGES` (so that other streams are polled in time) or at the rate limit's reserve.
"""

from dataclasses import dataclass

from socialdesk.channels.base import Allowance, Channel, Stream
from socialdesk.classify.assessment import Assessor
from socialdesk.core.force import Account
from socialdesk.ingest.course import Course, Reach, after_page
from socialdesk.ingest.pace import RESERVE
from socialdesk.queue.coverage import Gap, OpenGap, state_of
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
    stream: Stream
    channel: Channel
    assessor: Assessor

    def head(self, walk: Walk) -> None:
        """Read from the newest message back to the cursor; what is left over is a gap.

        Raises:
            ChannelError: the network failed on some page; what follows it is a gap.
            StoreError: the database failed; nothing of that page is stored.
        """
        state = self._stand()
        course = Course(
            state.cursor,
            state.covered_until,
            self.desk.clock.now(),
            reach=self._reach,
            base=state.stored,
        )
        self._go(course, walk, page=None, before=None, pages=HEAD_PAGES)

    def fill(self, found: OpenGap, walk: Walk, pages: int) -> None:
        """Read up to `pages` pages down from where a gap begins.

        A network that can begin below an id is asked so: that never expires. Else the kept token
        is tried, and without one the walk begins at the top again.

        Raises:
            ChannelError, StoreError: as for `head`; the gap stands as it was.
        """
        gap, below = found.gap, self.stream in self.channel.capabilities.reads_before
        page = None if below else gap.page
        reads_on = below or page is not None
        course = Course(
            gap.bottom,
            gap.since_at,
            self.desk.clock.now(),
            gap=gap,
            reads_head=False,
            reach=self._reach,
            base=gap.base,
            above=self._stand().stored - gap.base if reads_on else 0,
        )
        self._go(course, walk, page=page, before=gap.top if below else None, pages=pages)

    def _go(
        self, course: Course, walk: Walk, *, page: str | None, before: str | None, pages: int
    ) -> None:
        while True:
            got = (
                self.channel.read(self.stream, since=course.since, page=page)
                if before is None
                else self.channel.read(self.stream, since=course.since, page=page, before=before)
            )
            walk.pages += 1
            walk.read += len(got.items)
            walk.allowance = got.allowance
            stage = after_page(course, got, self.channel.newest, self.desk.clock.now())
            walk.stored += take_in(
                self.desk,
                self.actor,
                self.account,
                self.stream.value,
                judge(got.items, self.assessor),
                got.rejected,
                stage.move,
                stage.gap,
            )
            course, page = stage.course, got.next_page
            walk.complete = page is None
            if page is None or _enough(course.gap, walk, pages):
                return

    def _stand(self) -> StreamState:
        return state_of(self.desk, self.account, self.stream.value)

    @property
    def _reach(self) -> Reach:
        able = self.channel.capabilities
        return Reach(able.horizons.get(self.stream), able.depths.get(self.stream))


def _enough(gap: Gap | None, walk: Walk, pages: int) -> bool:
    """Say whether a walk may stop here: only where the ledger holds what is left."""
    if gap is None:
        return False
    left = walk.allowance.remaining if walk.allowance else None
    return walk.pages >= pages or (left is not None and left <= RESERVE)
