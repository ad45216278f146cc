"""Publishing one reply: first what it answers is looked up, then it is created, once.

A post is created under a record key made from the reply's marker: an account's repository holds one
record under a key, so a second attempt cannot make a second post. A direct message has no key.
"""

from datetime import datetime
from typing import Any

from socialdesk.channels.base import Outgoing, Receipt, Stream
from socialdesk.channels.bluesky.compose import COLLECTION, facets_of, post_record
from socialdesk.channels.bluesky.failures import failures
from socialdesk.channels.bluesky.order import written
from socialdesk.channels.bluesky.parse import Convo, convo_in, id_of
from socialdesk.channels.bluesky.tid import rkey_for
from socialdesk.channels.bluesky.xrpc import CHAT, Xrpc
from socialdesk.channels.members import Unfit, moment, when
from socialdesk.channels.transport import FAILED, Refused
from socialdesk.core.errors import SendRefused

NAMES_LIMIT = 10


def publish(xrpc: Xrpc, outgoing: Outgoing, now: datetime) -> Receipt:
    """Publish a reply, written `now`; see `failures` for what each outcome means.

    Raises:
        ChannelError: as `Channel.send` says.
    """
    try:
        outgoing.text.encode()
    except UnicodeEncodeError as error:
        raise SendRefused(
            "The reply holds characters that cannot be sent.", todo="Write it afresh."
        ) from error
    if outgoing.stream is Stream.DMS:
        return _message(xrpc, outgoing)
    return _post(xrpc, outgoing, moment(written(now)))


def convo_with(xrpc: Xrpc, person: str) -> Convo:
    """Return the account's conversation with a person; Bluesky makes one where there is none.

    Raises:
        ChannelError, any of transport.FAILED: as the call met with.
    """
    answer = xrpc.query("chat.bsky.convo.getConvoForMembers", {"members": [person]}, CHAT)
    return convo_in(answer.body, xrpc.session.did)


def _post(xrpc: Xrpc, outgoing: Outgoing, at: datetime) -> Receipt:
    try:
        parent = _parent(xrpc, outgoing)
        facets = facets_of(outgoing.text, lambda handle: _did_of(xrpc, handle))
        data = {
            "repo": xrpc.session.did,
            "collection": COLLECTION,
            "rkey": rkey_for(outgoing.marker),
            "record": post_record(outgoing.text, facets, parent, at),
        }
    except FAILED as error:
        raise failures.preparing(error) from error
    try:
        answer = xrpc.procedure("com.atproto.repo.createRecord", data)
        return Receipt(id_of(answer.values(), "uri", "at://"), at)
    except (*FAILED, Unfit) as error:
        raise failures.sending(error) from error


def _message(xrpc: Xrpc, outgoing: Outgoing) -> Receipt:
    try:
        convo = convo_with(xrpc, outgoing.contact_id)
        facets = facets_of(outgoing.text, lambda handle: _did_of(xrpc, handle))
    except FAILED as error:
        raise failures.preparing(error) from error
    message: dict[str, Any] = {"text": outgoing.text} | ({"facets": facets} if facets else {})
    try:
        answer = xrpc.procedure(
            "chat.bsky.convo.sendMessage", {"convoId": convo.id, "message": message}, CHAT
        )
        values = answer.values()
        return Receipt(id_of(values, "id"), when(values, "sentAt"))
    except (*FAILED, Unfit) as error:
        raise failures.sending(error) from error


def _parent(xrpc: Xrpc, outgoing: Outgoing) -> dict[str, Any]:
    """Return the view of the post answered: a reference needs the hash of its content."""
    answer = xrpc.query("app.bsky.feed.getPosts", {"uris": [outgoing.in_reply_to]})
    found = answer.values()["posts"]
    if not found:
        raise SendRefused(
            "The post that this answers is no longer on Bluesky.",
            todo="It was not published. Reach the person another way.",
        )
    return dict(found[0])


def _did_of(xrpc: Xrpc, handle: str) -> str | None:
    try:
        answer = xrpc.query("com.atproto.identity.resolveHandle", {"handle": handle})
    except Refused as refused:
        if refused.status == 400:
            return None
        raise
    return str(answer.values()["did"])
