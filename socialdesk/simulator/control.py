"""The control endpoints under /_sim: what is on the network, faults, a word from the public.

They need no credentials: the server listens on this machine's loopback address alone.
"""

import json
from typing import Any

from socialdesk.core.errors import ConfigError
from socialdesk.simulator.exchange import Answer, Request, json_answer
from socialdesk.simulator.faults import FaultBook, rules_from
from socialdesk.simulator.names import Names
from socialdesk.simulator.network import DirectMessage, Network, Post, User

Payload = dict[str, Any]


class Control:
    """Answers requests under /_sim, with ids as the network calls them."""

    def __init__(self, network: Network, account: User, names: Names, faults: FaultBook) -> None:
        self._network = network
        self._names = names
        self._account = account
        self._faults = faults

    def answer(self, request: Request) -> Answer:
        """Return the control endpoint's answer; 400 with `error` when the request is wrong."""
        try:
            return json_answer(200, self._carried_out(request))
        except (ConfigError, KeyError, TypeError, ValueError) as error:
            return json_answer(400, {"error": f"{type(error).__name__}: {error}"})

    def summary(self) -> Payload:
        """Return what is on the network, oldest first."""
        account = self._account.id
        with self._network.lock:
            to_force = self._network.posts_to(account)
            events = self._network.messages_of(account)
            own_posts = self._network.posts_by(account)
        incoming = [event for event in events if event.sender_id != account]
        sent = [event for event in events if event.sender_id == account]
        return {
            "account": {
                "id": self._names.user(account),
                "handle": self._names.handle(self._account),
            },
            "public": {
                "total": len(to_force) + len(incoming),
                "mentions": [self._names.post(post) for post in to_force],
                "dms": [self._names.message(event) for event in incoming],
            },
            "desk": {
                "total": len(own_posts) + len(sent),
                "posts": [self._post(post) for post in own_posts],
                "dms": [self._message(event) for event in sent],
            },
            "faults": dict(sorted(self._faults.applied.items())),
        }

    def _post(self, post: Post) -> Payload:
        answered = self._network.posts.get(post.in_reply_to or "")
        return {
            "id": self._names.post(post),
            "text": post.said,
            "in_reply_to": self._names.post(answered) if answered else post.in_reply_to,
            "to": self._names.user(post.in_reply_to_user_id) if post.in_reply_to_user_id else None,
            "created_at": post.created_at,
        }

    def _message(self, message: DirectMessage) -> Payload:
        return {
            "id": self._names.message(message),
            "text": message.text,
            "to": self._names.user(message.recipient_id),
            "created_at": message.created_at,
        }

    def _carried_out(self, request: Request) -> Payload:
        match request.method, request.path:
            case "GET", "/_sim/summary":
                return self.summary()
            case "POST", "/_sim/faults":
                rules = rules_from(json.loads(request.body), source="The request's body")
                self._faults.replace(rules)
                return {"rules": len(rules)}
            case "POST", "/_sim/say":
                return self._say(json.loads(request.body))
            case _:
                raise ValueError(f"there is no {request.method} {request.path}")

    def _say(self, said: Payload) -> Payload:
        """Speak for a member of the public: `by`, and either `mention` or `dm`, and `name`."""
        author = self._network.join(said["by"], said.get("name") or said["by"])
        if said.get("dm") is not None:
            event = self._network.message(author, self._account, said["dm"])
            return self._said(self._names.message(event), author)
        answered = said.get("reply_to")
        reply_to = None if answered is None else self._names.post_id(answered)
        post = self._network.post(author, said["mention"], reply_to=reply_to)
        return self._said(self._names.post(post), author)

    def _said(self, remote_id: str, author: User) -> Payload:
        return {"id": remote_id, "author_id": self._names.user(author.id)}
