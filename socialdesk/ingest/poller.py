"""The poller of one account: walks its streams in turn, fills gaps, and says when to come back.

Live polling comes first: every stream that is due is read from its newest message, those where
people write and direct messages before others; gaps are read with what time and allowance is left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from socialdesk.channels.base import Channel, Stream
from socialdesk.classify.assessment import Assessor
from socialdesk.core.backoff import backoff
from socialdesk.core.errors import ChannelDown, ChannelError, ConfigError, RateLimited
from socialdesk.core.force import Account
from socialdesk.ingest.demand import budget_left, is_live, month_end, pace_of, spend
from socialdesk.ingest.pace import Pace, fill_pages, interval
from socialdesk.ingest.walk import Walk, Walker
from socialdesk.queue.accounts import open_account
from socialdesk.queue.coverage import OpenGap, gap_failed, open_gaps, stream_state
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import StreamState
from socialdesk.store.transaction import Actor

logger = structlog.get_logger()

WINDOW_SECONDS = 60.0
"""How long to stay away after a rate limit that does not say when it ends."""
FILL_PAGES = 10
"""Pages of a gap read at most before the streams are looked at again."""

Failure = ChannelError | ConfigError


@dataclass(slots=True)
class Poller:
    """Reads one account's streams; one poller an account."""

    desk: Desk
    actor: Actor
    account: Account
    assessor: Assessor
    channel: Channel | None = None

    def poll(self) -> datetime:
        """Read every stream that is not backing off, due or not; return when to poll next."""
        return self._round(everything=True)

    def turn(self) -> datetime:
        """Read the streams that are due, then fill gaps; return when to poll next."""
        return self._round(everything=False)

    def _round(self, *, everything: bool) -> datetime:
        streams = self._by_priority()
        polled = [stream for stream in streams if self._due(stream, everything=everything)]
        for stream in polled:
            self._poll_stream(stream)
        return min(self._fill(stream, polled=stream in polled) for stream in streams)

    def _by_priority(self) -> list[Stream]:
        """Return the streams, those where people write now and direct messages first."""
        now = self.desk.clock.now()
        return sorted(
            (Stream(name) for name in self.account.streams),
            key=lambda stream: (not is_live(self._state(stream), now), stream is not Stream.DMS),
        )

    def _due(self, stream: Stream, *, everything: bool) -> bool:
        state = self._state(stream)
        due = state.next_attempt_at
        if everything and not state.failures:
            return True
        return due is None or due <= self.desk.clock.now()

    def _poll_stream(self, stream: Stream) -> None:
        walk, problem = Walk(), None
        try:
            self._require_budget()
            self._walker(stream).head(walk)
        except (ChannelError, ConfigError) as error:
            problem = error
        self._report(stream, walk, problem)
        self._note(stream, walk, problem)

    def _fill(self, stream: Stream, *, polled: bool) -> datetime:
        """Read on at the newest gap that is due; return when the stream wants attention again."""
        state, now = self._state(stream), self.desk.clock.now()
        again = state.next_attempt_at or now
        gaps = [] if state.failures else open_gaps(self.desk, self.account, stream.value)
        due = [found for found in gaps if (found.next_attempt_at or now) <= now]
        pages = fill_pages(self._pace(state), FILL_PAGES) if due else 0
        if not pages or (pages == 1 and not polled):
            waits = [found.next_attempt_at for found in gaps if found.next_attempt_at]
            return min([again, *(wait for wait in waits if wait > now)])
        walk, problem = Walk(), None
        try:
            self._require_budget()
            self._walker(stream).fill(due[0], walk, pages)
        except (ChannelError, ConfigError) as error:
            problem = error
            self._note_gap(due[0], error)
        self._report(stream, walk, problem)
        self._note_spend(stream, walk)
        return now if problem is None and pages > 1 else again

    def _walker(self, stream: Stream) -> Walker:
        if self.channel is None:
            self.channel = open_account(self.desk, self.account)
        return Walker(self.desk, self.actor, self.account, stream, self.channel, self.assessor)

    def _state(self, stream: Stream) -> StreamState:
        with self.desk.store.reading() as session:
            found = session.get(StreamState, (self.account.id, stream.value))
        return found or StreamState(
            account_id=self.account.id, stream=stream.value, force_id=self.desk.force.id
        )

    def _pace(self, state: StreamState, cost: int = 0) -> Pace:
        with self.desk.store.reading() as session:
            return pace_of(session, self.account, state, self.desk.clock.now(), cost)

    def _require_budget(self) -> None:
        now = self.desk.clock.now()
        with self.desk.store.reading() as session:
            left = budget_left(session, self.account, now)
        if self.account.monthly_reads is not None and not left:
            raise RateLimited(
                f"The month's reading budget of {self.account.monthly_reads} messages is spent.",
                resets_at=month_end(now),
                todo="Nothing is read until it is raised (monthly_reads) or the month ends.",
            )

    def _report(self, stream: Stream, walk: Walk, problem: Failure | None) -> None:
        about = {"account": self.account.id, "stream": stream.value}
        if problem is not None:
            logger.warning("poll failed", problem=str(problem), **about)
        if walk.stored:
            logger.info("walked", pages=walk.pages, stored=walk.stored, **about)

    def _note(self, stream: Stream, walk: Walk, problem: Failure | None) -> None:
        """Write down how the poll went, for the health line and for the next poll."""
        self._note_spend(stream, walk)
        state, now = self._state(stream), self.desk.clock.now()
        if problem is None:
            wait = interval(self._pace(state, walk.read))
        else:
            wait = self._wait_after(problem, state.failures + 1)
        with self.desk.store.bookkeeping() as session:
            state = stream_state(self.desk, session, self.account, stream.value)
            state.last_attempt_at = now
            state.next_attempt_at = now + timedelta(seconds=wait)
            state.failures = 0 if problem is None else state.failures + 1
            state.problem = None if problem is None else str(problem)[:500]
            session.add(state)

    def _note_spend(self, stream: Stream, walk: Walk) -> None:
        if walk.allowance is None:
            return
        with self.desk.store.bookkeeping() as session:
            state = stream_state(self.desk, session, self.account, stream.value)
            state.allowance_left = walk.allowance.remaining
            state.allowance_resets_at = walk.allowance.resets_at
            spend(session, self.account, walk.read, self.desk.clock.now())
            session.add(state)

    def _note_gap(self, found: OpenGap, problem: Failure) -> None:
        """An outage and an expired token look alike: a token gets one more try."""
        gap_failed(
            self.desk,
            found.gap,
            str(problem),
            self._wait_after(problem, found.failures + 1),
            forget_page=isinstance(problem, ChannelDown) and found.failures > 0,
        )

    def _wait_after(self, problem: Failure, failures: int) -> float:
        if not isinstance(problem, RateLimited):
            return backoff(failures, max(1.0, self.account.poll_seconds))
        if problem.resets_at is None:
            return WINDOW_SECONDS
        wait = (problem.resets_at - self.desk.clock.now()).total_seconds()
        return min(max(wait, self.account.poll_seconds), 16 * 60.0) + 0.5
