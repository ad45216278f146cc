"""X's writes: publish or delete a post, send a private message."""

import json
from datetime import datetime, timedelta
from typing import Any

from socialdesk.core.clock import Clock
from socialdesk.simulator.network import Network, User
from socialdesk.simulator.x.objects import written
from socialdesk.simulator.x.problems import (
    DUPLICATE,
    forbidden,
    invalid,
    not_found,
)

DUPLICATE_WINDOW = timedelta(hours=24)
DM_LIMIT = 10_000

Payload = dict[str, Any]


class Writing:
    """Changes the network for one account."""

    def __init__(self, network: Network, account: User, clock: Clock) -> None:
        self._network = network
        self._account = account
        self._clock = clock

    def post(self, body: bytes) -> Payload:
        """POST /2/tweets: a post of one's own, or a reply."""
        asked = _object(body, {"text", "reply"})
        text = _text(asked)
        reply = asked.get("reply") or {}
        reply_to = reply.get("in_reply_to_tweet_id") if isinstance(reply, dict) else ""
        with self._network.lock:
            if reply_to is not None and reply_to not in self._network.posts:
                raise forbidden(
                    "You attempted to reply to a Tweet that is deleted or not visible to you."
                )
            if self._said_before(text, reply_to):
                raise forbidden(DUPLICATE)
            post = self._network.post(self._account, text, reply_to=reply_to)
        return {
            "data": {"id": post.id, "text": written(post.text), "edit_history_post_ids": [post.id]}
        }

    def delete(self, post_id: str) -> Payload:
        """DELETE /2/tweets/:id: one's own posts alone."""
        post = self._network.posts.get(post_id)
        if post is not None and post.author_id != self._account.id:
            raise forbidden("You are not authorized to delete this Tweet.")
        return {"data": {"deleted": self._network.delete_post(post_id)}}

    def message_to(self, body: bytes, participant_id: str) -> Payload:
        """POST /2/dm_conversations/with/:participant_id/messages."""
        asked = _object(body, {"text"})
        text = _text(asked)
        recipient = self._network.users.get(participant_id)
        if recipient is None:
            raise not_found("user", "participant_id", participant_id)
        if len(text) > DM_LIMIT:
            raise invalid(
                "text", f"{len(text)} characters", "The text of your message is too long."
            )
        message = self._network.message(self._account, recipient, text)
        return {"data": {"dm_conversation_id": message.conversation_id, "dm_event_id": message.id}}

    def message_in(self, body: bytes, conversation_id: str) -> Payload:
        """POST /2/dm_conversations/:dm_conversation_id/messages."""
        others = [part for part in conversation_id.split("-") if part != self._account.id]
        if len(others) != 1 or self._account.id not in conversation_id.split("-"):
            raise not_found("dm_conversation", "dm_conversation_id", conversation_id)
        return self.message_to(body, others[0])

    def _said_before(self, text: str, reply_to: str | None) -> bool:
        since = self._clock.now() - DUPLICATE_WINDOW
        return any(
            post.said == text
            and post.in_reply_to == reply_to
            and datetime.fromisoformat(post.created_at) >= since
            for post in self._network.posts_by(self._account.id)
        )


def _object(body: bytes, takes: set[str]) -> Payload:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise invalid("body", "", "The body is not a JSON object.")
    for name in asked.keys() - takes:
        raise invalid(name, "", f"$.{name}: is not defined in the schema")
    return asked


def _text(asked: Payload) -> str:
    text = asked.get("text")
    if not isinstance(text, str) or not text.strip():
        raise invalid("text", "", "$.text: is missing, empty or not a string")
    return text
