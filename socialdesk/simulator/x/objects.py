"""How X writes users, posts and private messages: fields as asked, markup escaped, links shortened.

Sources: the User, Post and DmEvent schemas of X's OpenAPI document; X's data dictionary.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from typing import Any

from socialdesk.simulator.network import DirectMessage, Network, Post, User
from socialdesk.simulator.x.media import included as included_media
from socialdesk.simulator.x.media import key_of
from socialdesk.simulator.x.parameters import Asked

POST_LIMIT = 280
_LINK = re.compile(r"https?://[^\s<>\"]+")


def written(text: str) -> str:
    """Return `text` as X serves it: links as t.co, `&`, `<` and `>` as entities."""
    return escape(_LINK.sub(lambda match: _short(match[0]), text), quote=False)


def user_object(user: User, asked: Asked) -> dict[str, Any]:
    """Return a user: id, name and username, and the fields asked for."""
    shown: dict[str, Any] = {"id": user.id, "name": user.name, "username": user.username}
    extra = {
        "created_at": user.created_at,
        "description": "",
        "protected": False,
        "verified": False,
        "verified_type": "none",
    }
    fields = asked.fields("user.fields")
    return shown | {name: value for name, value in extra.items() if name in fields}


def post_object(post: Post, asked: Asked) -> dict[str, Any]:
    """Return a post with the fields asked for; one over 280 characters is cut, its whole noted."""
    text = written(post.text)
    word = "tweet" if asked.legacy else "post"
    fields = asked.fields(f"{word}.fields")
    shown: dict[str, Any] = {
        "id": post.id,
        "text": text
        if len(post.text) <= POST_LIMIT
        else written(post.text[: POST_LIMIT - 1]) + "…",
        f"edit_history_{word}_ids": list(post.history or (post.id,)),
    }
    extra: dict[str, Any] = {
        "created_at": post.created_at,
        "conversation_id": post.conversation_id,
        "author_id": post.author_id,
        "in_reply_to_user_id": post.in_reply_to_user_id,
        "lang": "en",
        "attachments": {"media_keys": [key_of(name) for name, _ in post.media]}
        if post.media
        else None,
        "entities": _entities(post.text),
        f"note_{word}": {"text": text} if len(post.text) > POST_LIMIT else None,
        f"referenced_{word}s": [{"type": "replied_to", "id": post.in_reply_to}]
        if post.in_reply_to
        else None,
    }
    wanted = fields | {name.removesuffix(".id") for name in asked.expansions}
    return shown | {
        name: value for name, value in extra.items() if name in wanted and value is not None
    }


def event_object(message: DirectMessage, asked: Asked) -> dict[str, Any]:
    """Return a private message: id, event_type and text, and the fields asked for."""
    shown: dict[str, Any] = {
        "id": message.id,
        "event_type": "MessageCreate",
        "text": written(message.text),
    }
    extra = {
        "created_at": message.created_at,
        "dm_conversation_id": message.conversation_id,
        "sender_id": message.sender_id,
        "participant_ids": message.conversation_id.split("-"),
        "entities": _entities(message.text),
    }
    wanted = asked.fields("dm_event.fields") | asked.expansions
    return shown | {
        name: value for name, value in extra.items() if name in wanted and value is not None
    }


def post_includes(posts: Iterable[Post], network: Network, asked: Asked) -> dict[str, Any]:
    """Return the users and posts that the asked expansions name."""
    user_ids: dict[str, None] = {}
    parents: dict[str, Post] = {}
    for post in posts:
        if "author_id" in asked.expansions:
            user_ids[post.author_id] = None
        if "in_reply_to_user_id" in asked.expansions and post.in_reply_to_user_id:
            user_ids[post.in_reply_to_user_id] = None
        if "entities.mentions.username" in asked.expansions:
            user_ids.update(dict.fromkeys(post.mentions))
        parent = network.posts.get(post.in_reply_to or "")
        if parent and asked.expansions & {"referenced_posts", "referenced_tweets.id"}:
            parents[parent.id] = parent
    included = _users(user_ids, network, asked)
    if "attachments.media_keys" in asked.expansions and (
        media := included_media(posts, f"http://{asked.host}")
    ):
        included["media"] = media
    if parents:
        name = "tweets" if asked.legacy else "posts"
        included[name] = [post_object(parent, asked) for parent in parents.values()]
    return included


def event_includes(
    messages: Iterable[DirectMessage], network: Network, asked: Asked
) -> dict[str, Any]:
    """Return the users that the asked expansions name."""
    user_ids: dict[str, None] = {}
    for message in messages:
        if "sender_id" in asked.expansions:
            user_ids[message.sender_id] = None
        if "participant_ids" in asked.expansions:
            user_ids.update(dict.fromkeys(message.conversation_id.split("-")))
    return _users(user_ids, network, asked)


def _users(user_ids: Iterable[str], network: Network, asked: Asked) -> dict[str, Any]:
    users = [user_object(network.users[i], asked) for i in user_ids if i in network.users]
    return {"users": users} if users else {}


def _short(link: str) -> str:
    return f"https://t.co/{sha256(link.encode(errors='replace')).hexdigest()[:10]}"


def _entities(text: str) -> dict[str, Any] | None:
    urls: list[dict[str, Any]] = []
    shift = 0
    for match in _LINK.finditer(text):
        short = _short(match[0])
        start = match.start() + shift
        shift += len(short) - len(match[0])
        urls.append(
            {"start": start, "end": start + len(short), "url": short, "expanded_url": match[0]}
        )
    return {"urls": urls} if urls else None
