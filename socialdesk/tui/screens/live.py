"""The desk's screen, second layer: it looks for what moved and shows it without moving anything.

A new order is taken by itself only where every row on screen stays in its place, or where no row
was chosen yet; else it is announced and waits for the officer. Danger rings through at once.
"""

import time
from uuid import UUID

from textual import work

from socialdesk.core.errors import SocialdeskError, StoreError
from socialdesk.queue import health, listing, thread
from socialdesk.queue.looks import NeedsPermission, NeedsReason
from socialdesk.queue.search import Query
from socialdesk.queue.views import Line
from socialdesk.tui import watch
from socialdesk.tui.door import Door
from socialdesk.tui.screens.base import PanesScreen
from socialdesk.tui.screens.composer import Composer

HEALTH_SECONDS = 2.0
NEVER = -1
SHARE = 10
"""Ordering the queue takes at most one part in so many of the time."""


class LiveScreen(PanesScreen):
    """The panes, kept true."""

    def __init__(self, door: Door, every: float) -> None:
        super().__init__(door)
        self._every = every
        self._looking = False
        self._log_size = -1
        self._order_due = 0.0
        self._order_stale = True
        self._health: health.Health | None = None
        self._health_due = 0.0
        self._tally: watch.Tally | None = None
        self._danger: tuple[UUID, ...] = ()
        self._named: Line | None = None

    def on_mount(self) -> None:
        """Look at once, and then again and again."""
        self.tell()
        self.start_looking()
        if self._every > 0:
            self.set_interval(self._every, self.start_looking)

    @work(group="look")
    async def start_looking(self) -> None:
        """Look, unless the last look has not come back yet."""
        if self._looking:
            return
        self._looking = True
        try:
            await self.look()
        except StoreError:
            self._tell_health()
        except SocialdeskError as error:
            self.say(error)
        finally:
            self._looking = False

    async def look(self) -> None:
        """Show what moved since the last look.

        Raises:
            SocialdeskError: a service refused; what is shown stays.
        """
        shown = [self.queue.ids[index] for index in self.queue.on_screen]
        opened = self.view.line.id if self.view is not None else None
        found = await self.door.act(watch.look, shown, opened)
        self.queue.stand(found.standings)
        due = time.monotonic() >= self._health_due
        if found.log_size != self._log_size or due:
            before = self._tally
            self._tally = await self.door.act(watch.tally)
            moved = before is None or before.fingerprint != self._tally.fingerprint
            self._order_stale |= moved or self.asked != Query()
            self._log_size = found.log_size
        await self._reorder()
        await self._sound()
        await self._follow(opened, found)
        if due:
            self._health = await self.door.read(health.read_health)
            self._health_due = time.monotonic() + min(HEALTH_SECONDS, self._every)
        self._tell_health()
        self.tell()

    async def refresh_order(self) -> None:
        """Take the order as it is now; the cursor stays with its conversation."""
        found = await self.door.act(watch.reorder, self.asked, self.queue.ids)
        self.new = 0
        self.queue.show(found.ids)
        self.tell()

    async def _reorder(self) -> None:
        if not self._order_stale or time.monotonic() < self._order_due:
            return
        began = time.monotonic()
        asked, shown = self.asked, self.queue.ids
        found = await self.door.act(watch.reorder, asked, shown)
        self._order_due = time.monotonic() + SHARE * (time.monotonic() - began)
        self._order_stale = False
        if asked is not self.asked or shown is not self.queue.ids:
            return
        if self.queue.cursor is None or self.queue.stays(found.ids):
            self.new = 0
            if found.ids != self.queue.ids:
                self.queue.show(found.ids)
        else:
            self.new = found.new

    async def _sound(self) -> None:
        """Ring for danger that nobody holds and this officer has not seen as it now is."""
        waiting = {} if self._tally is None else self._tally.danger
        unseen = [one for one, version in waiting.items() if self.seen.get(one, NEVER) < version]
        fresh = set(unseen).difference(self._danger)
        self._danger = tuple(unseen)
        if fresh:
            self.app.bell()
        if unseen and (self._named is None or self._named.id != unseen[0]):
            self._named = self.queue.line(unseen[0]) or (
                await self.door.act(listing.lines, unseen[:1])
            ).get(unseen[0])
        self._sound_alarm()

    def _sound_alarm(self) -> None:
        now = self.door.desk.clock.now()
        named = self._named if self._danger and self._named is not None else None
        if named is not None and named.id != self._danger[0]:
            named = None
        self.alarm.tell(named, len(self._danger), now)

    async def _follow(self, opened: UUID | None, found: watch.Look) -> None:
        """Open the open conversation again where it changed."""
        if opened is None or self.view is None or self.view.line.id != opened:
            return
        if found.mark == self.mark:
            if opened in found.standings:
                self.restand(found.standings[opened])
            return
        try:
            view = await self.door.act(thread.open_thread, opened)
        except (NeedsReason, NeedsPermission):
            self.mark = found.mark
            raise
        if self.view.line.id != opened:
            return
        self.seen[opened] = view.line.version
        await self.show_view(view, found.mark)
        if isinstance(self.app.screen, Composer):
            self.app.screen.thread_moved(view)

    def on_resize(self) -> None:
        """What is cut to the width is cut anew."""
        self.call_after_refresh(self._tell_health)
        self.call_after_refresh(self._sound_alarm)
        self.call_after_refresh(self.tell)

    def _tell_health(self) -> None:
        now = self.door.desk.clock.now()
        self.health_line.tell(self._health, self.door.problem, now)
        counts = {} if self._tally is None else self._tally.counts
        self.header_line.tell(self.door.desk.force.name, self.door.officer.name, counts, now)
