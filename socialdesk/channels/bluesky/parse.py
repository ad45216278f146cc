"""From Bluesky's JSON to items: each understood or rejected by itself, its bytes kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from socialdesk.channels.base import Author, Item, Rejected, Stream
from socialdesk.channels.kept import joined, understood
from socialdesk.channels.members import Unfit, as_object, text_of, when
from socialdesk.channels.slices import Slice, document, elements, member

SPOKEN = frozenset(("mention", "reply", "quote"))
"""The reasons for a notification that bring somebody's words."""

_NO_MESSAGE = frozenset(
    ("chat.bsky.convo.defs#deletedMessageView", "chat.bsky.convo.defs#systemMessageView")
)
_ID_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Parsed:
    """One answer's items, as Bluesky ordered them, and where its list goes on.

    Attributes:
        times: the network's own times of everything on the page whose time could be read.
    """

    items: Sequence[Item]
    rejected: Sequence[Rejected]
    times: Sequence[datetime]
    next_page: str | None


@dataclass(frozen=True, slots=True)
class Convo:
    """A private conversation, and who the account speaks to in it.

    Attributes:
        piece: its id and members as received, kept with each message; the rest changes all the
            time.
    """

    id: str
    contact_id: str
    handle: str
    name: str
    piece: Slice


def parse_notifications(body: bytes, account_id: str) -> Parsed:
    """Return what a page of notifications says; likes and follows say nothing.

    Raises:
        ValueError, RecursionError: the body as a whole is not what Bluesky promises.
    """

    def read(piece: Slice) -> Item | None:
        values = as_object(piece)
        return _post(piece, account_id) if text_of(values, "reason") in SPOKEN else None

    return _parsed(body, "notifications", read, ("uri", "indexedAt"))


def parse_messages(body: bytes, convo: Convo, own: Author) -> Parsed:
    """Return a page of a private conversation's messages; deleted ones say nothing.

    Raises:
        ValueError, RecursionError: the body as a whole is not what Bluesky promises.
    """

    def read(piece: Slice) -> Item | None:
        values = as_object(piece)
        return None if values.get("$type") in _NO_MESSAGE else _message(piece, convo, own)

    return _parsed(body, "messages", read, ("id", "sentAt"), convo.piece)


def parse_item(raw: bytes, stream: Stream, own: Author) -> Item | Rejected:
    """Read again one item as it was kept."""

    def read(piece: Slice, beside: Slice | None) -> Item:
        if stream is Stream.MENTIONS:
            return _post(piece, own.remote_id)
        if beside is None:
            raise Unfit("the conversation that it stands in is not known")
        return _message(piece, convo_of(beside, own.remote_id), own)

    return understood(raw, read)


def convo_of(piece: Slice, account_id: str) -> Convo:
    """Return a conversation and the first of its members that is not the account.

    Raises:
        Unfit: it has no id or no such member.
    """
    values = as_object(piece)
    members = values.get("members")
    for profile in members if isinstance(members, list) else ():
        if isinstance(profile, dict) and profile.get("did") != account_id:
            author = author_of(profile)
            known_as = (author.remote_id, author.handle, author.name)
            return Convo(id_of(values, "id"), *known_as, _identity(piece))
    raise Unfit("the conversation has no other member")


def convo_in(body: bytes, account_id: str) -> Convo:
    """Return the conversation in an answer that holds one.

    Raises:
        ValueError, RecursionError: it holds none that can be understood.
    """
    found = member(document(body), "convo")
    try:
        return convo_of(found or Slice(None, "null"), account_id)
    except Unfit as unfit:
        raise ValueError(f"a conversation: {unfit}") from unfit


def listed(body: bytes, name: str) -> tuple[list[Slice], str | None]:
    """Return the elements of an answer's list, and the cursor of what follows them.

    Raises:
        ValueError, RecursionError: the answer holds no such list.
    """
    whole = document(body)
    found = member(whole, name)
    if found is None or not isinstance(found.value, list):
        raise ValueError(f"the answer holds no {name}")
    cursor = whole.value.get("cursor")
    return elements(found), cursor if isinstance(cursor, str) and cursor else None


def id_of(values: Mapping[str, Any], name: str, start: str = "") -> str:
    """Return a member that must be an identifier: short, plain, beginning with `start`.

    Raises:
        Unfit: it is missing or something else.
    """
    value = text_of(values, name)
    plain = value.isascii() and value.isprintable() and " " not in value
    if not (value and plain and value.startswith(start) and len(value) <= _ID_LIMIT):
        raise Unfit(f"{name} is not an identifier")
    return value


def part(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a member that must be an object.

    Raises:
        Unfit: it is missing or something else.
    """
    value = values.get(name)
    if not isinstance(value, dict):
        raise Unfit(f"{name} is missing or not an object")
    return value


def author_of(profile: Mapping[str, Any]) -> Author:
    """Return who a profile shows; without a name the id must do, as the message matters more."""
    handle, name = profile.get("handle"), profile.get("displayName")
    return Author(
        id_of(profile, "did", "did:"),
        handle if isinstance(handle, str) else "",
        name if isinstance(name, str) else "",
    )


def _identity(piece: Slice) -> Slice:
    found = {name: member(piece, name) for name in ("id", "members")}
    parts = [f'"{name}": {part.text}' for name, part in found.items() if part]
    return document(("{" + ", ".join(parts) + "}").encode("utf-8", "surrogateescape"))


def _parsed(
    body: bytes,
    name: str,
    read: Callable[[Slice], Item | None],
    marks: tuple[str, str],
    beside: Slice | None = None,
) -> Parsed:
    pieces, cursor = listed(body, name)
    identifier, time = marks
    items: list[Item] = []
    rejected: list[Rejected] = []
    for piece in pieces:
        try:
            item = read(piece)
        except Unfit as unfit:
            rejected.append(Rejected(joined(piece, beside), str(unfit), _known(piece, identifier)))
        else:
            items += [item] if item else []
    times = [at for at in (_time(piece, time) for piece in pieces) if at]
    return Parsed(items, rejected, times, cursor)


def _known(piece: Slice, name: str) -> str | None:
    try:
        return id_of(as_object(piece), name)
    except Unfit:
        return None


def _time(piece: Slice, name: str) -> datetime | None:
    try:
        return when(as_object(piece), name)
    except Unfit:
        return None


def _post(piece: Slice, account_id: str) -> Item:
    values = as_object(piece)
    author = author_of(part(values, "author"))
    record = part(values, "record")
    uri = id_of(values, "uri", "at://")
    reply = record.get("reply")
    root = parent = None
    if reply is not None:
        answered = part(record, "reply")
        root = id_of(part(answered, "root"), "uri", "at://")
        parent = id_of(part(answered, "parent"), "uri", "at://")
    return Item(
        remote_id=uri,
        stream=Stream.MENTIONS,
        thread_key=f"post:{root or uri}:{author.remote_id}",
        contact_id=author.remote_id,
        author=author,
        outbound=author.remote_id == account_id,
        text=text_of(record, "text"),
        created_at=when(values, "indexedAt"),
        in_reply_to=parent,
        raw=piece.as_bytes(),
    )


def _message(piece: Slice, convo: Convo, own: Author) -> Item:
    values = as_object(piece)
    sender = id_of(part(values, "sender"), "did", "did:")
    outbound = sender == own.remote_id
    known = sender == convo.contact_id
    theirs = Author(sender, convo.handle if known else "", convo.name if known else "")
    return Item(
        remote_id=id_of(values, "id"),
        stream=Stream.DMS,
        thread_key=f"dm:{convo.id}",
        contact_id=convo.contact_id if outbound else sender,
        author=own if outbound else theirs,
        outbound=outbound,
        text=text_of(values, "text"),
        created_at=when(values, "sentAt"),
        in_reply_to=None,
        raw=joined(piece, convo.piece),
    )
