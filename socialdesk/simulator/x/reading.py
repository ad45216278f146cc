"""X's reads: who am I, mentions, search, posts by id, an account's own posts, private messages."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from socialdesk.core.clock import Clock
from socialdesk.simulator.network import DirectMessage, Network, Post, User
from socialdesk.simulator.snowflake import moment
from socialdesk.simulator.x import objects
from socialdesk.simulator.x.pages import page_of
from socialdesk.simulator.x.parameters import Asked
from socialdesk.simulator.x.problems import invalid, missing, not_found
from socialdesk.simulator.x.query import predicate

DM_HORIZON = timedelta(days=30)
SEARCH_HORIZON = timedelta(days=7)

Payload = dict[str, Any]
T = TypeVar("T")


class Reading:
    """Answers reads for one account from the network's state."""

    def __init__(self, network: Network, account: User, clock: Clock) -> None:
        self._network = network
        self._account = account
        self._clock = clock

    def me(self, asked: Asked) -> Payload:
        """GET /2/users/me."""
        return {"data": objects.user_object(self._account, asked)}

    def mentions(self, asked: Asked, user_id: str) -> Payload:
        """GET /2/users/:id/mentions."""
        self._user(user_id)
        return self._posts(self._network.posts_to(user_id), asked)

    def timeline(self, asked: Asked, user_id: str) -> Payload:
        """GET /2/users/:id/tweets."""
        self._user(user_id)
        posts = self._network.posts_by(user_id)
        if "replies" in asked.fields("exclude"):
            posts = [post for post in posts if post.in_reply_to is None]
        return self._posts(posts, asked)

    def search(self, asked: Asked) -> Payload:
        """GET /2/tweets/search/recent: what matches the query, seven days back."""
        matches = predicate(asked.query["query"], self._network)
        oldest = self._clock.now() - SEARCH_HORIZON
        for name in ("since_id", "until_id"):
            given = asked.query.get(name)
            if given is not None and moment(given) < oldest:
                raise invalid(name, given, f"'{name}' must be a tweet id created after {oldest}")
        with self._network.lock:
            posts = [
                post
                for post in self._network.posts.values()
                if not post.superseded
                and matches(post)
                and datetime.fromisoformat(post.created_at) >= oldest
            ]
        return self._posts(posts, asked)

    def lookup(self, asked: Asked) -> Payload:
        """GET /2/tweets: those found as data, the others as errors."""
        found: list[Post] = []
        errors = []
        for post_id in asked.query["ids"].split(","):
            post = self._network.posts.get(post_id)
            if post is not None:
                found.append(post)
            else:
                errors.append(missing("tweet" if asked.legacy else "post", "ids", post_id))
        payload = _listed(found, asked, objects.post_object)
        includes = objects.post_includes(found, self._network, asked)
        return (
            payload
            | ({"includes": includes} if includes else {})
            | ({"errors": errors} if errors else {})
        )

    def events(self, asked: Asked) -> Payload:
        """GET /2/dm_events: all private conversations of the account, thirty days back."""
        return self._events(self._network.messages_of(self._account.id), asked)

    def events_of(self, asked: Asked, conversation_id: str) -> Payload:
        """GET /2/dm_conversations/:id/dm_events, and with a participant."""
        messages = self._network.messages_of(self._account.id)
        return self._events([m for m in messages if m.conversation_id == conversation_id], asked)

    def _user(self, user_id: str) -> None:
        if user_id not in self._network.users:
            raise not_found("user", "id", user_id)

    def _posts(self, posts: Sequence[Post], asked: Asked) -> Payload:
        within = [post for post in posts if _within(post, asked)]
        page = page_of(within, size=asked.max_results, token=asked.token)
        payload = _listed(page.items, asked, objects.post_object)
        if page.items:
            payload["meta"] |= {"newest_id": page.items[0].id, "oldest_id": page.items[-1].id}
        includes = objects.post_includes(page.items, self._network, asked)
        return _paged(payload, page.next_token, page.previous_token, includes)

    def _events(self, messages: Sequence[DirectMessage], asked: Asked) -> Payload:
        oldest = self._clock.now() - DM_HORIZON
        kinds = asked.fields("event_types")
        recent = [m for m in messages if datetime.fromisoformat(m.created_at) >= oldest]
        if kinds and "MessageCreate" not in kinds:
            recent = []
        page = page_of(recent, size=asked.max_results, token=asked.token)
        payload = _listed(page.items, asked, objects.event_object)
        includes = objects.event_includes(page.items, self._network, asked)
        return _paged(payload, page.next_token, page.previous_token, includes)


def _within(post: Post, asked: Asked) -> bool:
    """Say whether a post lies between since_id and until_id (both exclusive) and the times."""
    since, until = asked.query.get("since_id"), asked.query.get("until_id")
    start, end = asked.query.get("start_time"), asked.query.get("end_time")
    created = datetime.fromisoformat(post.created_at)
    return (
        (since is None or int(post.id) > int(since))
        and (until is None or int(post.id) < int(until))
        and (start is None or created >= datetime.fromisoformat(start))
        and (end is None or created < datetime.fromisoformat(end))
    )


def _listed(items: Sequence[T], asked: Asked, shown: Callable[[T, Asked], Payload]) -> Payload:
    """An empty page has no data member at all, as on X."""
    payload: Payload = {"data": [shown(item, asked) for item in items]} if items else {}
    return payload | {"meta": {"result_count": len(items)}}


def _paged(payload: Payload, older: str | None, newer: str | None, includes: Payload) -> Payload:
    if older:
        payload["meta"]["next_token"] = older
    if newer:
        payload["meta"]["previous_token"] = newer
    return payload | ({"includes": includes} if includes else {})
