"""The control endpoints under /_sim: what is on the network, faults, a word from the public.

They need no credentials: the server listens on this machine's loopback address alone.
"""

import json
from typing import Any

from socialdesk.core.errors import ConfigError
from socialdesk.simulator.exchange import Answer, Request, json_answer
from socialdesk.simulator.faults import FaultBook, rules_from
from socialdesk.simulator.network import Network, User

Payload = dict[str, Any]


class Control:
    """Answers requests under /_sim."""

    def __init__(self, network: Network, account: User, faults: FaultBook) -> None:
        self._network = network
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
            "account": {"id": account, "handle": self._account.username},
            "public": {
                "total": len(to_force) + len(incoming),
                "mentions": [post.id for post in to_force],
                "dms": [event.id for event in incoming],
            },
            "desk": {
                "total": len(own_posts) + len(sent),
                "posts": [
                    {
                        "id": post.id,
                        "text": post.said,
                        "in_reply_to": post.in_reply_to,
                        "to": post.in_reply_to_user_id,
                        "created_at": post.created_at,
                    }
                    for post in own_posts
                ],
                "dms": [
                    {
                        "id": event.id,
                        "text": event.text,
                        "to": event.recipient_id,
                        "created_at": event.created_at,
                    }
                    for event in sent
                ],
            },
            "faults": dict(sorted(self._faults.applied.items())),
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
            return {"id": event.id, "author_id": author.id}
        post = self._network.post(author, said["mention"], reply_to=said.get("reply_to"))
        return {"id": post.id, "author_id": author.id}
