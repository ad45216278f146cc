"""From X's JSON to items: each understood or rejected by itself, its bytes kept either way.

Both of X's vocabularies are read: its OpenAPI document says `referenced_posts` and `note_post`,
its guides and older answers `referenced_tweets` and `note_tweet`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from socialdesk.channels.base import Attachment, Author, Item, Rejected, Stream
from socialdesk.channels.x.media import attached, history, media_by_key
from socialdesk.channels.x.slices import Slice, document, elements, member

_ENTITIES = ("&lt;", "&gt;", "&amp;")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One answer's items, as X ordered them, and where its walk goes on."""

    items: Sequence[Item]
    rejected: Sequence[Rejected]
    next_page: str | None


class _Unfit(Exception):  # noqa: N818 an item's state
    """An item that could not be understood; the text says why."""


def parse_page(body: bytes, stream: Stream, *, account_id: str) -> Parsed:
    """Return what a page of mentions, own posts or direct message events holds.

    Raises:
        ValueError, RecursionError: the body as a whole is not the JSON object X promises.
    """
    whole = document(body)
    if not isinstance(whole.value, dict):
        raise ValueError("the answer is not a JSON object")  # noqa: TRY004 the content is wrong
    if whole.value.keys().isdisjoint(("data", "meta", "errors")):
        raise ValueError("the answer holds neither data nor meta")
    users, media = _users(whole), media_by_key(whole)
    items: list[Item] = []
    rejected: list[Rejected] = []
    for piece in elements(member(whole, "data")):
        if stream is Stream.DMS and _is_no_message(piece.value):
            continue
        try:
            if stream is Stream.DMS:
                items.append(_event(piece, users, media, account_id))
            else:
                items.append(_post(piece, stream, users, media, account_id))
        except _Unfit as unfit:
            rejected.append(Rejected(piece.as_bytes(), str(unfit), _known_id(piece.value)))
    return Parsed(items, rejected, _next(whole.value))


def plain(text: str) -> str:
    """Return a text with X's three entities undone, once and in one pass: `&amp;lt;` is `&lt;`."""
    pieces = text.split("&")
    for place, piece in enumerate(pieces[1:], start=1):
        pieces[place] = _undone("&" + piece)
    return "".join(pieces)


def _undone(piece: str) -> str:
    for entity in _ENTITIES:
        if piece.startswith(entity):
            return unescape(entity) + piece[len(entity) :]
    return piece


def _users(whole: Slice) -> dict[str, Slice]:
    includes = member(whole, "includes")
    listed = elements(member(includes, "users")) if includes else []
    return {
        user.value["id"]: user
        for user in listed
        if isinstance(user.value, dict) and isinstance(user.value.get("id"), str)
    }


def _next(payload: dict[str, Any]) -> str | None:
    meta = payload.get("meta")
    token = meta.get("next_token") if isinstance(meta, dict) else None
    return token if isinstance(token, str) and token else None


def _is_no_message(event: Any) -> bool:
    """People joining and leaving a group are events, but no messages."""
    return isinstance(event, dict) and event.get("event_type") in (
        "ParticipantsJoin",
        "ParticipantsLeave",
    )


def _post(
    piece: Slice,
    stream: Stream,
    users: dict[str, Slice],
    media: dict[str, Attachment],
    account_id: str,
) -> Item:
    post = _object(piece)
    remote_id, author_id = _id(post, "id"), _id(post, "author_id")
    conversation_id = _id(post, "conversation_id")
    outbound = author_id == account_id
    contact_id = author_id
    if outbound and post.get("in_reply_to_user_id") is not None:
        contact_id = _id(post, "in_reply_to_user_id")
    return Item(
        remote_id=remote_id,
        stream=stream,
        thread_key=f"post:{conversation_id}:{contact_id}",
        contact_id=contact_id,
        author=_author(author_id, users),
        outbound=outbound,
        text=plain(_whole_text(post)),
        created_at=_moment(post),
        in_reply_to=_parent(post),
        raw=_raw(piece, users.get(author_id)),
        link=f"https://x.com/i/web/status/{remote_id}",
        media=attached(post, media),
        revises=tuple(one for one in history(post) if int(one) < int(remote_id)),
    )


def _event(
    piece: Slice, users: dict[str, Slice], media: dict[str, Attachment], account_id: str
) -> Item:
    event = _object(piece)
    remote_id, sender_id = _id(event, "id"), _id(event, "sender_id")
    conversation_id = _text(event, "dm_conversation_id")
    outbound = sender_id == account_id
    return Item(
        remote_id=remote_id,
        stream=Stream.DMS,
        thread_key=f"dm:{conversation_id}",
        contact_id=_other(event, conversation_id, account_id) if outbound else sender_id,
        author=_author(sender_id, users),
        outbound=outbound,
        text=plain(_text(event, "text")) if "text" in event else "",
        created_at=_moment(event),
        in_reply_to=None,
        raw=_raw(piece, users.get(sender_id)),
        media=attached(event, media),
    )


def _other(event: dict[str, Any], conversation_id: str, account_id: str) -> str:
    """Return who the account spoke to: the conversation's other half, or a participant."""
    participants: Iterable[Any] = conversation_id.split("-")
    if "-" not in conversation_id:
        listed = event.get("participant_ids")
        participants = listed if isinstance(listed, list) else ()
    for participant in participants:
        if isinstance(participant, str) and participant.isdigit() and participant != account_id:
            return participant
    raise _Unfit("the event does not say who the account wrote to")


def _object(piece: Slice) -> dict[str, Any]:
    if not isinstance(piece.value, dict):
        raise _Unfit("not a JSON object")
    return piece.value


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise _Unfit(f"{name} is {'missing' if value is None else 'not text'}")
    return value


def _id(values: dict[str, Any], name: str) -> str:
    value = _text(values, name)
    if not (value.isascii() and value.isdigit() and len(value) <= 19):
        raise _Unfit(f"{name} is not an id of at most 19 digits")
    return value


def _known_id(value: Any) -> str | None:
    try:
        return _id(value, "id") if isinstance(value, dict) else None
    except _Unfit:
        return None


def _moment(values: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(values, "created_at"))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Unfit("created_at is not a time") from error
    raise _Unfit("created_at names no time zone")


def _whole_text(post: dict[str, Any]) -> str:
    """Return a long post's whole text; X cuts `text` at 280 and puts the whole beside it."""
    for name in ("note_post", "note_tweet"):
        note = post.get(name)
        if isinstance(note, dict) and isinstance(note.get("text"), str):
            return str(note["text"])
    return _text(post, "text")


def _parent(post: dict[str, Any]) -> str | None:
    for name in ("referenced_posts", "referenced_tweets"):
        references = post.get(name)
        for reference in references if isinstance(references, list) else ():
            if isinstance(reference, dict) and reference.get("type") == "replied_to":
                return _id(reference, "id")
    return None


def _author(author_id: str, users: dict[str, Slice]) -> Author:
    """Return who wrote; without their profile the id must do, as the message matters more."""
    user = users[author_id].value if author_id in users else {}
    handle, name = user.get("username"), user.get("name")
    return Author(
        author_id,
        handle if isinstance(handle, str) else "",
        name if isinstance(name, str) else "",
    )


def _raw(piece: Slice, user: Slice | None) -> bytes:
    return piece.as_bytes() + (b"\n" + user.as_bytes() if user else b"")
