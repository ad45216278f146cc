"""The walk over private conversations: the accepted ones, then the requests, each newest first.

Bluesky has no single list of messages, so a walk lists the conversations and reads those that hold
something new. While it does, a conversation already passed over may get a message older than one
read later on; so the cursor is not a message but the time at which the walk began, less a margin
for the delay between a message's time and its showing. What is read again is recognised.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from socialdesk.channels.base import Author, Page, Rejected
from socialdesk.channels.bluesky.failures import failures
from socialdesk.channels.bluesky.order import cursor_at, time_of, time_there
from socialdesk.channels.bluesky.parse import (
    Convo,
    Parsed,
    convo_in,
    convo_of,
    listed,
    parse_messages,
    part,
)
from socialdesk.channels.bluesky.transport import Answer
from socialdesk.channels.bluesky.xrpc import CHAT, Xrpc
from socialdesk.channels.members import Unfit, as_object, when
from socialdesk.channels.slices import Slice

PAGE_SIZE = 100
LISTING_SIZE = 20
INBOXES = ("accepted", "request")
MARGIN = timedelta(seconds=60)
TOKEN_LIMIT = 2_000
"""What the ledger keeps of a token."""


@dataclass(frozen=True, slots=True)
class _Since:
    """A cursor's two times: conversations silent since `began` hold nothing new; in each of the
    others at least one page is read, and further until `newest`.
    """

    began: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class _Walk:
    """How far a walk has come: inboxes left, conversations to read, and the first one's page."""

    inboxes: tuple[str, ...] = INBOXES
    listing: str | None = None
    convos: tuple[str, ...] = ()
    messages: str | None = None


@dataclass(frozen=True, slots=True)
class _Listing:
    """One page of conversations: those with news, and the inbox's next page."""

    convos: Sequence[Convo]
    rejected: Sequence[Rejected]
    next_page: str | None
    answer: Answer


def read_messages(xrpc: Xrpc, *, since: str | None, page: str | None) -> Page:
    """Return one page of one conversation, after listing conversations where none is in hand.

    Raises:
        ChannelError, any of transport.FAILED: as the calls met with.
    """
    after = _since(since) if since else None
    walk = _Walk() if page is None else _resumed(page)
    listings: list[_Listing] = []
    while walk.inboxes and not walk.convos:
        listings.append(_listed(xrpc, walk, after))
        walk = _with(walk, listings[-1])
    headers = listings[-1].answer.headers if listings else {}
    parsed = Parsed((), (), (), None)
    if walk.convos:
        convo = listings[-1].convos[0] if listings else _looked_up(xrpc, walk.convos[0])
        answer = messages_of(xrpc, convo, walk.messages)
        headers = answer.headers
        parsed = parse_messages(answer.body, convo, own_author(xrpc))
        walk = _past(walk, parsed, after)
    return Page(
        items=parsed.items,
        rejected=[*(bad for found in listings for bad in found.rejected), *parsed.rejected],
        next_page=_token(walk) if walk.convos or walk.inboxes else None,
        allowance=failures.limits.allowance(headers),
        cursor=_cursor(listings[0], parsed, after) if page is None else None,
    )


def own_author(xrpc: Xrpc) -> Author:
    """Return the account as the author of its messages."""
    return Author(xrpc.session.did, xrpc.session.handle, "")


def messages_of(xrpc: Xrpc, convo: Convo, cursor: str | None) -> Answer:
    """Return the answer with one page of a conversation's messages, newest first."""
    params: dict[str, Any] = {"convoId": convo.id, "limit": PAGE_SIZE}
    if cursor is not None:
        params["cursor"] = cursor
    return xrpc.query("chat.bsky.convo.getMessages", params, CHAT)


def _listed(xrpc: Xrpc, walk: _Walk, after: _Since | None) -> _Listing:
    """List one page of conversations; an inbox ends with the first page that brings no news."""
    params: dict[str, Any] = {"status": walk.inboxes[0], "limit": LISTING_SIZE}
    if walk.listing is not None:
        params["cursor"] = walk.listing
    answer = xrpc.query("chat.bsky.convo.listConvos", params, CHAT)
    pieces, cursor = listed(answer.body, "convos")
    convos, rejected = _with_news(pieces, xrpc.session.did, after)
    return _Listing(convos, rejected, cursor if convos or rejected else None, answer)


def _with(walk: _Walk, found: _Listing) -> _Walk:
    inboxes = walk.inboxes if found.next_page else walk.inboxes[1:]
    convos = tuple(convo.id for convo in found.convos)
    return replace(walk, inboxes=inboxes, listing=found.next_page, convos=convos)


def _looked_up(xrpc: Xrpc, convo_id: str) -> Convo:
    answer = xrpc.query("chat.bsky.convo.getConvo", {"convoId": convo_id}, CHAT)
    return convo_in(answer.body, xrpc.session.did)


def _with_news(
    pieces: Sequence[Slice], account_id: str, after: _Since | None
) -> tuple[tuple[Convo, ...], list[Rejected]]:
    convos: list[Convo] = []
    rejected: list[Rejected] = []
    for piece in pieces:
        try:
            values = as_object(piece)
            if _has_news(values, after):
                convos.append(convo_of(piece, account_id))
        except Unfit as unfit:
            rejected.append(Rejected(piece.as_bytes(), f"a conversation: {unfit}"))
    return tuple(convos), rejected


def _has_news(values: dict[str, Any], after: _Since | None) -> bool:
    """In doubt there is news: a last message that cannot be read is read in its place."""
    if values.get("lastMessage") is None:
        return False
    try:
        return after is None or when(part(values, "lastMessage"), "sentAt") >= after.began
    except Unfit:
        return True


def _past(walk: _Walk, parsed: Parsed, after: _Since | None) -> _Walk:
    """Return the walk after a page of messages: further in this conversation, or at the next."""
    reached = after is not None and any(at < after.newest for at in parsed.times)
    if parsed.next_page is not None and not reached:
        return replace(walk, messages=parsed.next_page)
    return replace(walk, messages=None, convos=walk.convos[1:])


def _since(cursor: str) -> _Since:
    began, _, newest = cursor.partition("/")
    return _Since(time_of(began), time_of(newest or began))


def _cursor(first: _Listing, parsed: Parsed, after: _Since | None) -> str:
    began = time_there(first.answer.headers) - MARGIN
    newest = max([*parsed.times, after.newest if after else began])
    return f"{cursor_at(began)}/{cursor_at(newest)}"


def _token(walk: _Walk) -> str:
    token = json.dumps([walk.inboxes, walk.listing, walk.convos, walk.messages])
    if len(token) > TOKEN_LIMIT:
        raise ValueError("Bluesky's cursors are too long to be kept")
    return token


def _resumed(token: str) -> _Walk:
    inboxes, listing, convos, messages = json.loads(token)
    return _Walk(tuple(inboxes), listing, tuple(convos), messages)
