"""Whom a reply goes to, in what thread and how visible: asked of the instance before it is sent.

Nothing is published here, so whatever fails is proven not to have left.
"""

from dataclasses import dataclass

from socialdesk.channels.base import Outgoing, Stream
from socialdesk.channels.mastodon.asking import Asking
from socialdesk.channels.mastodon.failures import status_of
from socialdesk.channels.mastodon.parse import DIRECT
from socialdesk.channels.mastodon.sent import others_named
from socialdesk.core.errors import ChannelDown, SendRefused


@dataclass(frozen=True, slots=True)
class Address:
    """Where a reply goes. `acct` is the person's name as this instance knows it."""

    acct: str
    in_reply_to: str | None
    visibility: str


def address(asking: Asking, outgoing: Outgoing) -> Address:
    """Return where a reply goes.

    Raises:
        SendRefused: the post or the person is gone, or others would read a private reply.
        ChannelDown, RateLimited, AccessRefused: the instance could not be asked.
    """
    try:
        if outgoing.stream is Stream.DMS:
            return _private(asking, outgoing)
        return _public(asking, outgoing)
    except ChannelDown as error:
        if status_of(error) not in (404, 410):
            raise
        raise SendRefused(
            "The post or the account that this answers is no longer there.",
            todo="It was not published. Reach the person another way.",
        ) from error


def _public(asking: Asking, outgoing: Outgoing) -> Address:
    answered = asking.status(outgoing.in_reply_to or "")
    return Address(answered.author.handle, answered.remote_id, answered.visibility)


def _private(asking: Asking, outgoing: Outgoing) -> Address:
    known = asking.conversation_with(outgoing.contact_id)
    person, last = known or (asking.account(outgoing.contact_id), None)
    others = others_named(outgoing.text, person.handle)
    if others:
        raise SendRefused(
            f"On Mastodon everyone that a private message names can read it, and this names "
            f"@{others[0]}.",
            todo="It was not sent. Write the name without @.",
        )
    return Address(person.handle, last, DIRECT)
