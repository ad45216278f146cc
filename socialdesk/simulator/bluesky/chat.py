"""Bluesky's chat: conversations of two, accepted or requested, and their messages.

A conversation is a request until the account writes in it or accepts it. That the account accepted
without writing is forgotten at a restart, as the journal has no record of it.
"""

from collections.abc import Mapping
from typing import Any

from socialdesk.simulator.bluesky.names import tid_of, user_id_in
from socialdesk.simulator.bluesky.pages import page_of
from socialdesk.simulator.bluesky.problems import Problem, invalid
from socialdesk.simulator.bluesky.shown import Shown
from socialdesk.simulator.network import DirectMessage, Network, User, conversation_between

BYTES_LIMIT = 10_000

Query = Mapping[str, str]
Payload = dict[str, Any]


class Chat:
    """Answers the chat service's calls of one account."""

    def __init__(self, network: Network, account: User, shown: Shown) -> None:
        self._network = network
        self._account = account
        self._shown = shown
        self._accepted: set[str] = set()

    def convos(self, query: Query) -> Payload:
        """chat.bsky.convo.listConvos: the latest spoken in first."""
        status = query.get("status")
        last = {message.conversation_id: message for message in self._messages()}
        wanted = [
            message
            for convo_id, message in last.items()
            if status in (None, self._status(convo_id))
        ]
        found, cursor = page_of(wanted, query, _id)
        return {"convos": [self._convo(message.conversation_id) for message in found], **cursor}

    def convo(self, query: Query) -> Payload:
        """chat.bsky.convo.getConvo."""
        return {"convo": self._convo(query.get("convoId", ""))}

    def convo_for_members(self, query: Query) -> Payload:
        """chat.bsky.convo.getConvoForMembers: made where there is none."""
        other = user_id_in(query.get("members", ""))
        if other not in self._network.users or other == self._account.id:
            raise invalid("Profile not found")
        return {"convo": self._convo(conversation_between(self._account.id, other))}

    def messages(self, query: Query) -> Payload:
        """chat.bsky.convo.getMessages."""
        convo_id = query.get("convoId", "")
        self._other(convo_id)
        found, cursor = page_of(self._in(convo_id), query, _id)
        return {"messages": [self._shown.message(message) for message in found], **cursor}

    def send(self, data: Payload) -> Payload:
        """chat.bsky.convo.sendMessage."""
        other = self._other(str(data.get("convoId", "")))
        message = data.get("message")
        text = message.get("text") if isinstance(message, dict) else None
        if not isinstance(text, str) or len(text.encode()) > BYTES_LIMIT:
            raise invalid("Input/message/text must not be longer than 10000 bytes")
        return self._shown.message(self._network.message(self._account, other, text))

    def accept(self, data: Payload) -> Payload:
        """chat.bsky.convo.acceptConvo."""
        convo_id = str(data.get("convoId", ""))
        self._other(convo_id)
        if self._status(convo_id) == "accepted":
            return {}
        self._accepted.add(convo_id)
        spoken = self._in(convo_id)
        return {"rev": tid_of(spoken[-1].id)} if spoken else {}

    def _messages(self) -> list[DirectMessage]:
        return self._network.messages_of(self._account.id)

    def _in(self, convo_id: str) -> list[DirectMessage]:
        return [message for message in self._messages() if message.conversation_id == convo_id]

    def _convo(self, convo_id: str) -> Payload:
        spoken = self._in(convo_id)
        last = spoken[-1] if spoken else None
        return self._shown.convo(self._other(convo_id), last, convo_id, self._status(convo_id))

    def _status(self, convo_id: str) -> str:
        written = any(message.sender_id == self._account.id for message in self._in(convo_id))
        return "accepted" if written or convo_id in self._accepted else "request"

    def _other(self, convo_id: str) -> User:
        parts = convo_id.split("-")
        others = [part for part in parts if part != self._account.id]
        user = self._network.users.get(others[0]) if others else None
        if user is None or self._account.id not in parts:
            raise Problem(400, "InvalidConvo", "Convo not found")
        return user


def _id(message: DirectMessage) -> str:
    return message.id
