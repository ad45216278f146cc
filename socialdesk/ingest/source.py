"""What a poller reads: a stream of the account's own, or what a listening rule finds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from socialdesk.channels.base import Channel, Page, Searches, Stream
from socialdesk.core.clock import Clock
from socialdesk.core.errors import ChannelDown
from socialdesk.core.force import Account
from socialdesk.queue.found import ListeningEnded, stream_of
from socialdesk.queue.listening_list import Running


@dataclass(frozen=True, slots=True)
class Source:
    """One sequence of messages; `name` is its own in the coverage ledger."""

    name: str
    stream: Stream
    rule: Running | None = None

    def read(
        self,
        channel: Channel,
        clock: Clock,
        *,
        since: str | None,
        page: str | None,
        before: str | None,
    ) -> Page:
        """Return one page.

        Raises:
            ChannelError: the network failed.
            ListeningEnded: the rule's time is over; the network was not asked.
        """
        if self.rule is not None:
            return self._search(self.rule, channel, clock, since, page, before)
        if before is None:
            return channel.read(self.stream, since=since, page=page)
        return channel.read(self.stream, since=since, page=page, before=before)

    def _search(
        self,
        rule: Running,
        channel: Channel,
        clock: Clock,
        since: str | None,
        page: str | None,
        before: str | None,
    ) -> Page:
        """Search; what was said before the rule began is not collected, and ends the walk."""
        if clock.now() >= rule.expires_at:
            raise ListeningEnded("This listening rule's time is over: nothing more is read.")
        if not isinstance(channel, Searches):
            raise ChannelDown("This account's network cannot be searched.")
        found = channel.search(rule.terms, since=since, page=page, before=before)
        within = [item for item in found.items if item.created_at >= rule.begun_at]
        ended = len(within) < len(found.items)
        return replace(found, items=within, next_page=None if ended else found.next_page)


def sources_of(account: Account, rules: Sequence[Running]) -> list[Source]:
    """Return what is to be read of an account: its streams, then what its rules find."""
    own = [Source(name, Stream(name)) for name in account.streams]
    return own + [Source(stream_of(rule.id), Stream.LISTENING, rule) for rule in rules]
