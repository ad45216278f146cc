"""Reading an item of the quarantine again: understood at last, it is taken in like any other."""

from collections.abc import Callable

from socialdesk.channels.base import Channel, Rejected, Stream
from socialdesk.classify.assessment import Assessor
from socialdesk.core.force import Account
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.queue.quarantine import Kept, raw_of, still_unread
from socialdesk.store.transaction import Actor

Open = Callable[[Account], Channel]


def reread(desk: Desk, actor: Actor, kept: Kept, assessor: Assessor, open_channel: Open) -> bool:
    """Let the channel read an item again; return whether it is understood and taken in now.

    Raises:
        ConfigError: the force has no such account any more, or its credentials are not at hand.
        RuleError: the item has left the quarantine meanwhile.
    """
    account = desk.force.account(kept.account_id)
    channel = open_channel(account)
    found = channel.understand(Stream(kept.stream), raw_of(desk, actor, kept.id))
    if isinstance(found, Rejected):
        still_unread(desk, actor, kept.id, found.reason)
        return False
    take_in(desk, actor, account, kept.stream, judge([found], assessor), released=kept.id)
    return True
