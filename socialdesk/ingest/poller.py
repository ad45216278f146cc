"""The poller of one account: walks its streams in turn and says when to come back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from socialdesk.channels.base import Channel, Stream
from socialdesk.classify.assessment import Assessor
from socialdesk.core.backoff import backoff
from socialdesk.core.errors import ChannelError, ConfigError, RateLimited, SocialdeskError
from socialdesk.core.force import Account
from socialdesk.ingest.walk import walk
from socialdesk.queue.accounts import open_account
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import stream_state
from socialdesk.store.transaction import Actor

logger = structlog.get_logger()

WINDOW_SECONDS = 60.0
"""How long to stay away after a rate limit that does not say when it ends."""


@dataclass(slots=True)
class Poller:
    """Reads one account's streams; one poller an account."""

    desk: Desk
    actor: Actor
    account: Account
    assessor: Assessor
    channel: Channel | None = None

    def poll(self) -> datetime:
        """Walk every stream that is due once; return when to poll next."""
        return min(self._poll_stream(Stream(name)) for name in self.account.streams)

    def _poll_stream(self, stream: Stream) -> datetime:
        now = self.desk.clock.now()
        with self.desk.store.reading() as session:
            state = stream_state(self.desk, session, self.account, stream.value)
            due, failures = state.next_attempt_at, state.failures
        if due is not None and due > now and failures:
            return due
        problem, wait = self._walk(stream, failures)
        return self._note(stream, problem, wait)

    def _walk(self, stream: Stream, failures: int) -> tuple[SocialdeskError | None, float]:
        """Walk once; return what went wrong, if anything, and how long to wait, in seconds."""
        try:
            if self.channel is None:
                self.channel = open_account(self.desk, self.account)
            done = walk(self.desk, self.actor, self.account, stream, self.channel, self.assessor)
        except RateLimited as error:
            return error, self._until(error.resets_at)
        except (ChannelError, ConfigError) as error:
            return error, backoff(failures + 1, max(1.0, self.account.poll_seconds))
        if done.stored:
            logger.info(
                "walked",
                account=self.account.id,
                stream=stream.value,
                pages=done.pages,
                stored=done.stored,
            )
        return None, self.account.poll_seconds

    def _until(self, resets_at: datetime | None) -> float:
        if resets_at is None:
            return WINDOW_SECONDS
        wait = (resets_at - self.desk.clock.now()).total_seconds()
        return min(max(wait, self.account.poll_seconds), 16 * 60.0) + 0.5

    def _note(self, stream: Stream, problem: SocialdeskError | None, wait: float) -> datetime:
        """Write down how the poll went, for the health line and for the next poll."""
        now = self.desk.clock.now()
        if problem is not None:
            logger.warning(
                "poll failed", account=self.account.id, stream=stream.value, problem=str(problem)
            )
        with self.desk.store.bookkeeping() as session:
            state = stream_state(self.desk, session, self.account, stream.value)
            state.last_attempt_at = now
            state.next_attempt_at = now + timedelta(seconds=wait)
            state.failures = 0 if problem is None else state.failures + 1
            state.problem = None if problem is None else str(problem)[:500]
            session.add(state)
        return now + timedelta(seconds=wait)
