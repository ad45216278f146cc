"""The state of the simulated network: who is there, what was posted, what was said in private.

Every change is one record, applied to memory and appended to the journal under one lock, so memory
after a restart is what it was. Sequences are kept oldest first, in the order of their ids.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from threading import RLock
from typing import Any

from socialdesk.core.clock import Clock
from socialdesk.simulator.snowflake import Mint, user_id_for

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """A member of the network."""

    id: str
    username: str
    name: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Post:
    """A public post. `text` carries the reply's leading @name; `said` is what its author typed.

    `media` names its images and videos, each with its description; `history` its versions' ids.
    """

    id: str
    author_id: str
    text: str
    said: str
    created_at: str
    conversation_id: str
    in_reply_to: str | None
    in_reply_to_user_id: str | None
    mentions: tuple[str, ...]
    media: tuple[tuple[str, str], ...] = ()
    history: tuple[str, ...] = ()

    @property
    def superseded(self) -> bool:
        """Whether its author has changed it: a later version stands in its place."""
        return bool(self.history) and self.history[-1] != self.id


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """One message of a two-person private conversation."""

    id: str
    sender_id: str
    recipient_id: str
    conversation_id: str
    text: str
    created_at: str


def conversation_between(first: str, second: str) -> str:
    """Return the id of the private conversation of two users: smaller id, dash, larger id."""
    return "-".join(sorted((first, second), key=int))


class Network:
    """All users, posts and private messages; safe to use from many threads."""

    def __init__(self, clock: Clock, keep: Callable[[Record], None]) -> None:
        self.lock = RLock()
        self.users: dict[str, User] = {}
        self.posts: dict[str, Post] = {}
        self.messages: dict[str, DirectMessage] = {}
        self.played: dict[str, str] = {}
        self.started_at: datetime | None = None
        self._clock = clock
        self._keep = keep
        self._mint = Mint()

    def restore(self, records: list[Record]) -> None:
        """Bring back the state that the journal holds."""
        for record in records:
            self._apply(dict(record))

    def start(self, at: datetime) -> datetime:
        """Note when the scenario began, once; return the first start whatever `at` says now."""
        with self.lock:
            if self.started_at is None:
                self._change({"kind": "started", "at": at.isoformat()})
            return self.started_at or at

    def join(self, handle: str, name: str) -> User:
        """Return the user called `handle`, who joins if new."""
        with self.lock:
            user_id = user_id_for(handle)
            if user_id not in self.users:
                user = User(user_id, handle, name, "2019-03-04T09:00:00.000Z")
                self._change({"kind": "user", **asdict(user)})
            return self.users[user_id]

    def find(self, handle: str) -> User | None:
        """Return the user called `handle`, in any letter case."""
        return self.users.get(user_id_for(handle))

    def post(
        self,
        author: User,
        said: str,
        *,
        reply_to: str | None = None,
        at: datetime | None = None,
        item: str | None = None,
        media: tuple[tuple[str, str], ...] = (),
    ) -> Post:
        """Publish a post. `item` names the scenario item it plays, in the same record."""
        with self.lock:
            moment = at or self._clock.now()
            post_id = self._mint.next(moment)
            parent = self.posts.get(reply_to) if reply_to else None
            text = self._prefixed(said, parent)
            post = Post(
                id=post_id,
                author_id=author.id,
                text=text,
                said=said,
                created_at=stamp(moment),
                conversation_id=parent.conversation_id if parent else post_id,
                in_reply_to=parent.id if parent else None,
                in_reply_to_user_id=parent.author_id if parent else None,
                mentions=self._named_in(text),
                media=media,
            )
            self._change({"kind": "post", "item": item, **asdict(post)})
            return post

    def edit(self, post_id: str, said: str) -> Post:
        """Change a post: a new one takes its place, and all versions know each other."""
        with self.lock:
            old = self.posts[post_id]
            fresh_id = self._mint.next(self._clock.now())
            history = (*(old.history or (old.id,)), fresh_id)
            text = self._prefixed(said, self.posts.get(old.in_reply_to or ""))
            new = replace(old, id=fresh_id, text=text, said=said, history=history)
            for one in history[:-1]:
                changed = replace(self.posts[one], history=history)
                self._change({"kind": "post", "item": None, **asdict(changed)})
            self._change({"kind": "post", "item": None, **asdict(new)})
            return new

    def message(
        self,
        sender: User,
        recipient: User,
        text: str,
        *,
        at: datetime | None = None,
        item: str | None = None,
    ) -> DirectMessage:
        """Deliver a private message. `item` names the scenario item it plays."""
        with self.lock:
            moment = at or self._clock.now()
            message = DirectMessage(
                id=self._mint.next(moment),
                sender_id=sender.id,
                recipient_id=recipient.id,
                conversation_id=conversation_between(sender.id, recipient.id),
                text=text,
                created_at=stamp(moment),
            )
            self._change({"kind": "message", "item": item, **asdict(message)})
            return message

    def delete_post(self, post_id: str) -> bool:
        """Remove a post; return whether it was there."""
        with self.lock:
            if post_id not in self.posts:
                return False
            self._change({"kind": "deleted", "id": post_id})
            return True

    def posts_to(self, user_id: str) -> list[Post]:
        """Return others' posts that name or answer this user, oldest first."""
        with self.lock:
            return [
                post
                for post in self.posts.values()
                if post.author_id != user_id
                and not post.superseded
                and (user_id in post.mentions or post.in_reply_to_user_id == user_id)
            ]

    def posts_by(self, user_id: str) -> list[Post]:
        """Return this user's posts, oldest first."""
        with self.lock:
            return [
                post
                for post in self.posts.values()
                if post.author_id == user_id and not post.superseded
            ]

    def messages_of(self, user_id: str) -> list[DirectMessage]:
        """Return the private messages this user sent or received, oldest first."""
        with self.lock:
            return [
                message
                for message in self.messages.values()
                if user_id in (message.sender_id, message.recipient_id)
            ]

    def _change(self, record: Record) -> None:
        self._keep(record)
        self._apply(record)

    def _apply(self, record: Record) -> None:
        values = dict(record)
        kind = values.pop("kind")
        item = values.pop("item", None)
        if item is not None:
            self.played[item] = values["id"]
        if kind == "started":
            self.started_at = datetime.fromisoformat(values["at"])
        elif kind == "user":
            self.users[values["id"]] = User(**values)
        elif kind == "deleted":
            self.posts.pop(values["id"], None)
        elif kind == "post":
            values["mentions"] = tuple(values["mentions"])
            values["media"] = tuple((name, words) for name, words in values.get("media", ()))
            values["history"] = tuple(values.get("history", ()))
            self._mint.seen(values["id"])
            self.posts[values["id"]] = Post(**values)
        else:
            self._mint.seen(values["id"])
            self.messages[values["id"]] = DirectMessage(**values)

    def _prefixed(self, said: str, parent: Post | None) -> str:
        """X puts the @name of the person answered before a reply's text."""
        if parent is None or said.startswith("@"):
            return said
        return f"@{self.users[parent.author_id].username} {said}"

    def _named_in(self, text: str) -> tuple[str, ...]:
        lowered = text.lower()
        return tuple(
            user.id for user in self.users.values() if _is_named(user.username.lower(), lowered)
        )


def _is_named(username: str, lowered: str) -> bool:
    """Say whether a lower-case text holds @username as a whole word."""
    name = f"@{username}"
    at = lowered.find(name)
    while at >= 0:
        following = lowered[at + len(name) : at + len(name) + 1]
        if not (following.isalnum() or following == "_"):
            return True
        at = lowered.find(name, at + 1)
    return False


def stamp(moment: datetime) -> str:
    """Return a moment as the network writes it: UTC, milliseconds, Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
