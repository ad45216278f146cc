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
from socialdesk.ingest.source import Source, sources_of
from socialdesk.ingest.walk import Walk, Walker
from socialdesk.queue.accounts import open_account
from socialdesk.queue.coverage import OpenGap, gap_failed, open_gaps, stream_state
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import ListeningEnded
from socialdesk.queue.listening import stop_ended
from socialdesk.queue.listening_list import running
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
    rules: int = 0

    def poll(self) -> datetime:
        """Read every stream that is not backing off, due or not; return when to poll next."""
        return self._round(everything=True)

    def turn(self) -> datetime:
        """Read the streams that are due, then fill gaps; return when to poll next."""
        return self._round(everything=False)

    def _round(self, *, everything: bool) -> datetime:
        sources = self._by_priority()
        polled = [source for source in sources if self._due(source, everything=everything)]
        for source in polled:
            self._poll_stream(source)
        return min(self._fill(source, polled=source in polled) for source in sources)

    def _by_priority(self) -> list[Source]:
        """Return what is to be read: those who write to the force before what listening finds.

        Among them, where people write now and direct messages come first.
        """
        stop_ended(self.desk, self.actor)
        now, rules = self.desk.clock.now(), running(self.desk, self.account)
        self.rules = len(rules)
        return sorted(
            sources_of(self.account, rules),
            key=lambda source: (
                source.rule is not None,
                not is_live(self._state(source), now),
                source.stream is not Stream.DMS,
            ),
        )

    def _due(self, source: Source, *, everything: bool) -> bool:
        state = self._state(source)
        due = state.next_attempt_at
        if everything and not state.failures:
            return True
        return due is None or due <= self.desk.clock.now()

    def _poll_stream(self, source: Source) -> None:
        walk, problem = Walk(), None
        try:
            self._require_budget()
            self._walker(source).head(walk)
        except ListeningEnded:
            return
        except (ChannelError, ConfigError) as error:
            problem = error
        self._report(source, walk, problem)
        self._note(source, walk, problem)

    def _fill(self, source: Source, *, polled: bool) -> datetime:
        """Read on at the newest gap that is due; return when the stream wants attention again."""
        state, now = self._state(source), self.desk.clock.now()
        again = state.next_attempt_at or now
        gaps = [] if state.failures else open_gaps(self.desk, self.account, source.name)
        due = [found for found in gaps if (found.next_attempt_at or now) <= now]
        pages = fill_pages(self._pace(state), FILL_PAGES) if due else 0
        if not pages or (pages == 1 and not polled):
            waits = [found.next_attempt_at for found in gaps if found.next_attempt_at]
            return min([again, *(wait for wait in waits if wait > now)])
        walk, problem = Walk(), None
        try:
            self._require_budget()
            self._walker(source).fill(due[0], walk, pages)
        except ListeningEnded:
            return again
        except (ChannelError, ConfigError) as error:
            problem = error
            self._note_gap(due[0], error)
        self._report(source, walk, problem)
        self._note_spend(source, walk)
        return now if problem is None and pages > 1 else again

    def _walker(self, source: Source) -> Walker:
        if self.channel is None:
            self.channel = open_account(self.desk, self.account)
        return Walker(self.desk, self.actor, self.account, source, self.channel, self.assessor)

    def _state(self, source: Source) -> StreamState:
        with self.desk.store.reading() as session:
            found = session.get(StreamState, (self.account.id, source.name))
        return found or StreamState(
            account_id=self.account.id, stream=source.name, force_id=self.desk.force.id
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

    def _report(self, source: Source, walk: Walk, problem: Failure | None) -> None:
        about = {"account": self.account.id, "stream": source.name}
        if problem is not None:
            logger.warning("poll failed", problem=str(problem), **about)
        if walk.stored:
            logger.info("walked", pages=walk.pages, stored=walk.stored, **about)

    def _note(self, source: Source, walk: Walk, problem: Failure | None) -> None:
        """Write down how the poll went, for the health line and for the next poll."""
        self._note_spend(source, walk)
        state, now = self._state(source), self.desk.clock.now()
        if problem is None:
            sharing = self.rules if source.rule else 1
            wait = sharing * interval(self._pace(state, walk.read))
        else:
            wait = self._wait_after(problem, state.failures + 1)
        with self.desk.store.bookkeeping() as session:
            state = stream_state(self.desk, session, self.account, source.name)
            state.last_attempt_at = now
            state.next_attempt_at = now + timedelta(seconds=wait)
            state.failures = 0 if problem is None else state.failures + 1
            state.problem = None if problem is None else str(problem)[:500]
            session.add(state)

    def _note_spend(self, source: Source, walk: Walk) -> None:
        if walk.allowance is None:
            return
        with self.desk.store.bookkeeping() as session:
            state = stream_state(self.desk, session, self.account, source.name)
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
