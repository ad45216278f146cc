"""How Bluesky shows profiles, posts, notifications, conversations and messages.

Of a record the network keeps its text, time and what it answers; its facets are worked out again
from the text. `@name` in a text names a user whose handle begins with that name.
"""

import re
from collections.abc import Iterator
from typing import Any

from socialdesk.simulator.bluesky.names import (
    COLLECTION,
    Addresses,
    cid_of,
    did_of,
    handle_of,
    tid_of,
)
from socialdesk.simulator.network import DirectMessage, Network, Post, User
from socialdesk.simulator.snowflake import user_id_for

Payload = dict[str, Any]
_LINK = re.compile(r"https?://[^\s<>\"]+")
_NAME = re.compile(r"@([A-Za-z0-9_]{1,20})(?:\.[a-z.]+)?")


class Shown:
    """Writes what is on the network as Bluesky does."""

    def __init__(self, network: Network, account: User) -> None:
        self._network = network
        self._account = account
        self.addresses = Addresses(network)

    def profile(self, user: User) -> Payload:
        """Return app.bsky.actor.defs#profileViewBasic."""
        return {
            "did": did_of(user.id),
            "handle": handle_of(user),
            "displayName": user.name,
            "createdAt": user.created_at,
            "labels": [],
        }

    def record(self, post: Post) -> Payload:
        """Return the record of a post."""
        record: Payload = {
            "$type": COLLECTION,
            "text": post.said,
            "createdAt": post.created_at,
        }
        parent = self._network.posts.get(post.in_reply_to or "")
        if parent is not None:
            root = self._network.posts.get(post.conversation_id, parent)
            record["reply"] = {"root": self.reference(root), "parent": self.reference(parent)}
        facets = list(self._facets(post.said))
        return record | ({"facets": facets} if facets else {})

    def reference(self, post: Post) -> Payload:
        """Return com.atproto.repo.strongRef."""
        content = {"text": post.said, "createdAt": post.created_at, "author": post.author_id}
        return {"uri": self.addresses.uri(post), "cid": cid_of(content)}

    def post(self, post: Post) -> Payload:
        """Return app.bsky.feed.defs#postView."""
        return {
            **self.reference(post),
            "author": self.profile(self._network.users[post.author_id]),
            "record": self.record(post),
            "indexedAt": post.created_at,
            "labels": [],
        }

    def notification(self, post: Post) -> Payload:
        """Return app.bsky.notification.listNotifications#notification."""
        answers = post.in_reply_to_user_id == self._account.id
        return {
            **self.reference(post),
            "author": self.profile(self._network.users[post.author_id]),
            "reason": "reply" if answers else "mention",
            "record": self.record(post),
            "isRead": False,
            "indexedAt": post.created_at,
            "labels": [],
        }

    def message(self, message: DirectMessage) -> Payload:
        """Return chat.bsky.convo.defs#messageView."""
        facets = list(self._facets(message.text))
        return {
            "$type": "chat.bsky.convo.defs#messageView",
            "id": tid_of(message.id),
            "rev": tid_of(message.id),
            "text": message.text,
            "sender": {"did": did_of(message.sender_id)},
            "sentAt": message.created_at,
        } | ({"facets": facets} if facets else {})

    def convo(self, other: User, last: DirectMessage | None, convo_id: str, status: str) -> Payload:
        """Return chat.bsky.convo.defs#convoView."""
        return {
            "id": convo_id,
            "rev": tid_of(last.id) if last else tid_of("0"),
            "members": [self.profile(self._account), self.profile(other)],
            "muted": False,
            "status": status,
            "unreadCount": 0,
        } | ({"lastMessage": self.message(last)} if last else {})

    def _facets(self, text: str) -> Iterator[Payload]:
        for match in _NAME.finditer(text):
            user = self._network.users.get(user_id_for(match[1]))
            if user is not None:
                kind = {"$type": "app.bsky.richtext.facet#mention", "did": did_of(user.id)}
                yield _facet(text, match, kind)
        for match in _LINK.finditer(text):
            yield _facet(text, match, {"$type": "app.bsky.richtext.facet#link", "uri": match[0]})


def _facet(text: str, match: re.Match[str], feature: Payload) -> Payload:
    start, end = (len(text[:at].encode("utf-8", "surrogatepass")) for at in match.span())
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}
