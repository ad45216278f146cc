"""A network in memory that speaks the Channel protocol and suffers the simulator's fault rules."""

import random
from dataclasses import dataclass, field
from datetime import timedelta

from socialdesk.channels.base import (
    Allowance,
    Author,
    Capabilities,
    Item,
    Outgoing,
    Page,
    Receipt,
    Stream,
)
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import AccessRefused, ChannelDown, RateLimited
from socialdesk.simulator.faults import FaultBook, FaultKind
from tests.desks import post

PAGE = 5


@dataclass
class MemoryNetwork:
    """Messages by stream, oldest first, in pages of five."""

    clock: SetClock
    reads_before: frozenset[Stream] = frozenset((Stream.MENTIONS,))
    horizon: timedelta | None = None
    faults: FaultBook = field(default_factory=FaultBook)
    era: int = 0
    said: dict[Stream, list[Item]] = field(default_factory=lambda: {one: [] for one in Stream})
    reads: int = 0
    _number: int = 100

    def say(self, stream: Stream, text: str = "hello") -> str:
        """Let someone write."""
        self._number += random.Random(self._number).randint(1, 3)
        who = f"h{self._number % 7}"
        name = str(self._number)
        item = post(text, handle=who, stream=stream, remote_id=name, at=self.clock.now())
        self.said[stream].append(item)
        return name

    @property
    def capabilities(self) -> Capabilities:
        """What this network can do."""
        return Capabilities(
            name="x",
            streams=frozenset((Stream.MENTIONS, Stream.DMS)),
            text_limit={},
            length=lambda _stream, text: len(text),
            reads_before=self.reads_before,
            horizons={Stream.DMS: self.horizon} if self.horizon else {},
        )

    def identify(self) -> Author:
        """Return the account."""
        return Author("u-force", "NorthshirePolice", "Northshire Police")

    def newest(self, first: str, second: str) -> str:
        """Return the later id."""
        return max(first, second, key=int)

    def read(
        self, stream: Stream, *, since: str | None, page: str | None, before: str | None = None
    ) -> Page:
        """Return a page; direct messages know no since-id and end at it."""
        self.reads += 1
        damage = self._suffered(stream)
        below = None if before is None else int(before)
        if page is not None:
            era, _, place = page.partition(":")
            if int(era) != self.era:
                raise ChannelDown("that page token leads nowhere")
            below = int(place)
        known = int(since or 0)
        served = [item for item in reversed(self.said[stream]) if self._serves(stream, item)]
        found = [
            item
            for item in served
            if (below is None or int(item.remote_id) < below)
            and (stream is Stream.DMS or int(item.remote_id) > known)
        ]
        items = found[:PAGE]
        reached = any(int(item.remote_id) <= known for item in items)
        more = len(found) > PAGE and not reached
        token = f"{self.era}:{items[-1].remote_id}" if more else None
        if damage is FaultKind.OUT_OF_ORDER:
            items = items[::-1]
        if damage is FaultKind.REPEATED:
            items = items * 2
        return Page(items, [], token, Allowance(None, None, None))

    def send(self, outgoing: Outgoing) -> Receipt:
        """Nobody is answered here."""
        raise ChannelDown("this network is only read")

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        """Nobody is answered here."""
        raise ChannelDown("this network is only read")

    def _serves(self, stream: Stream, item: Item) -> bool:
        if self.horizon is None or stream is not Stream.DMS:
            return True
        return item.created_at >= self.clock.now() - self.horizon

    def _suffered(self, stream: Stream) -> FaultKind | None:
        rule = self.faults.choose("GET", f"/{'dm_events' if stream is Stream.DMS else stream}")
        kind = rule.kind if rule else None
        if kind is FaultKind.SERVER_ERROR:
            raise ChannelDown("server error")
        if kind is FaultKind.UNAUTHORISED:
            raise AccessRefused("not let in")
        if rule is not None and kind is FaultKind.RATE_LIMITED:
            until = self.clock.now() + timedelta(minutes=15)
            raise RateLimited("too many requests", resets_at=until if rule.reset else None)
        return kind
