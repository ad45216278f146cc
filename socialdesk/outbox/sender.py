"""The sender of one account: sends what is queued, and looks for what was lost from sight.

A reply whose request went out and whose answer did not come back is `unknown`. It is looked for on
the network, after the network has had time to show it, and sent again only when its absence is
proven. A reply that the network calls a duplicate and that is not there is a copy of another text:
it is refused, for sending it again would go round for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from socialdesk.channels.base import Channel, SendLimit, Stream
from socialdesk.channels.registry import capabilities_of
from socialdesk.core.backoff import backoff
from socialdesk.core.errors import (
    ChannelError,
    ConfigError,
    RateLimited,
    SendDuplicate,
    SendRefused,
    SendUnknown,
)
from socialdesk.core.force import Account
from socialdesk.queue.accounts import open_account
from socialdesk.queue.delivery import (
    Dispatch,
    cut_off,
    look_again,
    lost_sight,
    next_unknown,
    postponed,
    proven_absent,
    published,
    refused,
    take_next,
)
from socialdesk.queue.desk import Desk
from socialdesk.store.transaction import Actor

logger = structlog.get_logger()

RETRY_SECONDS = 2.0
WINDOW_SECONDS = 60.0
COPY = "The network takes it for a copy of another post. Change the wording and send it again."


@dataclass(slots=True)
class Sender:
    """Sends one account's replies; one sender an account."""

    desk: Desk
    actor: Actor
    account: Account
    channel: Channel | None = None
    searches: dict[UUID, int] = field(default_factory=dict)
    duplicates: set[UUID] = field(default_factory=set)

    def begin(self) -> None:
        """Take up what a sender before this one left in mid-request."""
        stranded = cut_off(self.desk, self.actor, self.account)
        if stranded:
            logger.warning("replies in doubt", account=self.account.id, count=stranded)

    def step(self) -> bool:
        """Settle one reply in doubt, else send one that is due; return whether there was one."""
        doubtful = next_unknown(self.desk, self.actor, self.account.id)
        if doubtful is not None:
            self._search(doubtful)
            return True
        due = take_next(self.desk, self.actor, self.account.id, self._limits())
        if due is None:
            return False
        self._send(due)
        return True

    def _send(self, due: Dispatch) -> None:
        try:
            receipt = self._open().send(due.outgoing)
        except SendUnknown as error:
            self._doubt(due, error)
        except SendRefused as error:
            refused(self.desk, self.actor, due.reply_id, str(error))
        except RateLimited as error:
            wait = self._until(error.resets_at)
            postponed(self.desk, self.actor, due.reply_id, str(error), wait)
        except (ChannelError, ConfigError) as error:
            wait = backoff(due.attempts, RETRY_SECONDS)
            postponed(self.desk, self.actor, due.reply_id, str(error), wait)
        else:
            published(self.desk, self.actor, due.reply_id, receipt, found=False)
            logger.info("sent", account=self.account.id, reply=str(due.reply_id))

    def _doubt(self, due: Dispatch, error: SendUnknown) -> None:
        logger.warning("reply in doubt", account=self.account.id, reply=str(due.reply_id))
        if isinstance(error, SendDuplicate):
            self.duplicates.add(due.reply_id)
        lost_sight(self.desk, self.actor, due.reply_id, str(error), self.account.settle_seconds)

    def _search(self, doubtful: Dispatch) -> None:
        reply_id = doubtful.reply_id
        try:
            receipt = self._open().find_sent(doubtful.outgoing)
        except (ChannelError, ConfigError) as error:
            self.searches[reply_id] = self.searches.get(reply_id, 0) + 1
            wait = backoff(self.searches[reply_id], RETRY_SECONDS)
            if isinstance(error, RateLimited):
                wait = self._until(error.resets_at)
            look_again(self.desk, reply_id, str(error), wait)
            return
        self.searches.pop(reply_id, None)
        logger.info("search ended", reply=str(reply_id), found=receipt is not None)
        if receipt is not None:
            published(self.desk, self.actor, reply_id, receipt, found=True)
        elif reply_id in self.duplicates:
            refused(self.desk, self.actor, reply_id, COPY)
        else:
            proven_absent(self.desk, self.actor, reply_id)
        self.duplicates.discard(reply_id)

    def _limits(self) -> Mapping[Stream, SendLimit]:
        return capabilities_of(self.account.channel).send_limits

    def _open(self) -> Channel:
        if self.channel is None:
            self.channel = open_account(self.desk, self.account)
        return self.channel

    def _until(self, resets_at: datetime | None) -> float:
        if resets_at is None:
            return WINDOW_SECONDS
        return max(RETRY_SECONDS, (resets_at - self.desk.clock.now()).total_seconds() + 0.5)
