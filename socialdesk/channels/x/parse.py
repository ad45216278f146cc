"""From X's JSON to items: each understood or rejected by itself, its bytes kept either way.

Both of X's vocabularies are read: its OpenAPI document says `referenced_posts` and `note_post`,
its guides and older answers `referenced_tweets` and `note_tweet`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from socialdesk.channels.base import Author, Item, Rejected, Stream
from socialdesk.channels.kept import joined, understood
from socialdesk.channels.members import Unfit, as_object, number_of, text_of, when
from socialdesk.channels.slices import Slice, document, elements, member

_ENTITIES = ("&lt;", "&gt;", "&amp;")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One answer's items, as X ordered them, and where its walk goes on."""

    items: Sequence[Item]
    rejected: Sequence[Rejected]
    next_page: str | None


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
    users = _users(whole)
    read = _post if stream is Stream.MENTIONS else _event
    items: list[Item] = []
    rejected: list[Rejected] = []
    for piece in elements(member(whole, "data")):
        if stream is Stream.DMS and _is_no_message(piece.value):
            continue
        user = _profile(piece, users)
        try:
            items.append(read(piece, user, account_id))
        except Unfit as unfit:
            rejected.append(Rejected(piece.as_bytes(), str(unfit), _known_id(piece.value)))
    return Parsed(items, rejected, _next(whole.value))


def parse_item(raw: bytes, stream: Stream, *, account_id: str) -> Item | Rejected:
    """Read again one item as it was kept."""
    read = _post if stream is Stream.MENTIONS else _event
    return understood(raw, lambda piece, user: read(piece, user, account_id))


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


def _post(piece: Slice, user: Slice | None, account_id: str) -> Item:
    post = as_object(piece)
    remote_id, author_id = number_of(post, "id"), number_of(post, "author_id")
    conversation_id = number_of(post, "conversation_id")
    outbound = author_id == account_id
    contact_id = author_id
    if outbound and post.get("in_reply_to_user_id") is not None:
        contact_id = number_of(post, "in_reply_to_user_id")
    return Item(
        remote_id=remote_id,
        stream=Stream.MENTIONS,
        thread_key=f"post:{conversation_id}:{contact_id}",
        contact_id=contact_id,
        author=_author(author_id, user),
        outbound=outbound,
        text=plain(_whole_text(post)),
        created_at=when(post, "created_at"),
        in_reply_to=_parent(post),
        raw=joined(piece, user),
    )


def _event(piece: Slice, user: Slice | None, account_id: str) -> Item:
    event = as_object(piece)
    remote_id, sender_id = number_of(event, "id"), number_of(event, "sender_id")
    conversation_id = text_of(event, "dm_conversation_id")
    outbound = sender_id == account_id
    return Item(
        remote_id=remote_id,
        stream=Stream.DMS,
        thread_key=f"dm:{conversation_id}",
        contact_id=_other(event, conversation_id, account_id) if outbound else sender_id,
        author=_author(sender_id, user),
        outbound=outbound,
        text=plain(text_of(event, "text")) if "text" in event else "",
        created_at=when(event, "created_at"),
        in_reply_to=None,
        raw=joined(piece, user),
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
    raise Unfit("the event does not say who the account wrote to")


def _whole_text(post: dict[str, Any]) -> str:
    """Return a long post's whole text; X cuts `text` at 280 and puts the whole beside it."""
    for name in ("note_post", "note_tweet"):
        note = post.get(name)
        if isinstance(note, dict) and isinstance(note.get("text"), str):
            return str(note["text"])
    return text_of(post, "text")


def _parent(post: dict[str, Any]) -> str | None:
    for name in ("referenced_posts", "referenced_tweets"):
        references = post.get(name)
        for reference in references if isinstance(references, list) else ():
            if isinstance(reference, dict) and reference.get("type") == "replied_to":
                return number_of(reference, "id")
    return None


def _known_id(value: Any) -> str | None:
    try:
        return number_of(value, "id")
    except Unfit:
        return None


def _profile(piece: Slice, users: dict[str, Slice]) -> Slice | None:
    """Return the profile of whoever wrote a post or an event, where the answer holds it."""
    of = piece.value if isinstance(piece.value, dict) else {}
    wrote = of.get("author_id", of.get("sender_id"))
    return users.get(wrote) if isinstance(wrote, str) else None


def _author(author_id: str, user: Slice | None) -> Author:
    """Return who wrote; without their profile the id must do, as the message matters more."""
    profile = user.value if user and isinstance(user.value, dict) else {}
    handle, name = profile.get("username"), profile.get("name")
    return Author(
        author_id,
        handle if isinstance(handle, str) else "",
        name if isinstance(name, str) else "",
    )
