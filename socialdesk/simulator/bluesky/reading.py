"""Bluesky's app queries: profiles, posts, threads, feeds and notifications."""

from collections.abc import Mapping
from typing import Any

from socialdesk.simulator.bluesky.names import did_of, handle_of, user_id_in
from socialdesk.simulator.bluesky.pages import page_of
from socialdesk.simulator.bluesky.problems import Problem, invalid
from socialdesk.simulator.bluesky.shown import Shown
from socialdesk.simulator.network import Network, Post, User

Query = Mapping[str, str]
Payload = dict[str, Any]


class Reading:
    """Answers the queries of one account."""

    def __init__(self, network: Network, account: User, shown: Shown) -> None:
        self._network = network
        self._account = account
        self._shown = shown

    def profile(self, query: Query) -> Payload:
        """app.bsky.actor.getProfile."""
        return self._shown.profile(self._actor(query))

    def resolve_handle(self, query: Query) -> Payload:
        """com.atproto.identity.resolveHandle."""
        handle = query.get("handle", "").lower()
        for user in list(self._network.users.values()):
            if handle_of(user) == handle:
                return {"did": did_of(user.id)}
        raise invalid("Unable to resolve handle")

    def posts(self, query: Query) -> Payload:
        """app.bsky.feed.getPosts; of several addresses the wire hands on the last."""
        post = self._shown.addresses.find(query.get("uris", ""))
        return {"posts": [self._shown.post(post)] if post else []}

    def thread(self, query: Query) -> Payload:
        """app.bsky.feed.getPostThread: the post, what it answers and what answers it."""
        post = self._shown.addresses.find(query.get("uri", ""))
        if post is None:
            raise Problem(400, "NotFound", f"Post not found: {query.get('uri')}")
        above = self._network.posts.get(post.in_reply_to or "")
        with self._network.lock:
            below = [
                other for other in self._network.posts.values() if other.in_reply_to == post.id
            ]
        shown = _thread(self._shown.post(post))
        if above is not None:
            shown["parent"] = _thread(self._shown.post(above))
        shown["replies"] = [_thread(self._shown.post(reply)) for reply in below]
        return {"thread": shown}

    def author_feed(self, query: Query) -> Payload:
        """app.bsky.feed.getAuthorFeed."""
        posts = self._network.posts_by(self._actor(query).id)
        found, cursor = page_of(posts, query, _id)
        return {"feed": [{"post": self._shown.post(post)} for post in found], **cursor}

    def notifications(self, query: Query) -> Payload:
        """app.bsky.notification.listNotifications: mentions and replies; nobody likes here."""
        posts = self._network.posts_to(self._account.id)
        found, cursor = page_of(posts, query, _id)
        return {"notifications": [self._shown.notification(post) for post in found], **cursor}

    def _actor(self, query: Query) -> User:
        actor = query.get("actor", "")
        for user in list(self._network.users.values()):
            if user.id == user_id_in(actor) or handle_of(user) == actor.lower():
                return user
        raise invalid("Profile not found")


def _thread(view: Payload) -> Payload:
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": view}


def _id(post: Post) -> str:
    return post.id
