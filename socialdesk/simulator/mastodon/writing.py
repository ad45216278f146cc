"""Mastodon's one write that the desk needs: publish a status, once for each Idempotency-Key."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from socialdesk.core.clock import Clock
from socialdesk.simulator.exchange import Request
from socialdesk.simulator.mastodon.objects import POST_LIMIT, counted
from socialdesk.simulator.mastodon.problems import Problem, invalid
from socialdesk.simulator.mastodon.toots import DIRECT, Toots
from socialdesk.simulator.network import Network, User

KEY_HONOURED = timedelta(hours=1)
VISIBILITIES = ("public", "unlisted", "private", DIRECT)


class Writing:
    """Changes the network for one account."""

    def __init__(self, network: Network, account: User, clock: Clock) -> None:
        self._network = network
        self._account = account
        self._clock = clock
        self._toots = Toots(network, account)

    def publish(self, request: Request) -> str:
        """POST /api/v1/statuses: return the new status' id, or the one its key stands for."""
        asked = _asked(request)
        key = request.headers.get("idempotency-key")
        with self._network.lock:
            known = self._known(key)
            return known or self._published(asked, key)

    def _known(self, key: str | None) -> str | None:
        known = self._toots.find(self._network.keys.get(key or "", ""))
        if known is None:
            return None
        age = self._clock.now() - datetime.fromisoformat(known.created_at)
        return known.id if age <= KEY_HONOURED else None

    def _published(self, asked: Mapping[str, str], key: str | None) -> str:
        text, visibility = asked.get("status", ""), asked.get("visibility", "public")
        if not text.strip():
            raise invalid("Text can't be blank")
        if counted(text) > POST_LIMIT:
            raise invalid(f"Text character limit of {POST_LIMIT} exceeded")
        if visibility not in VISIBILITIES:
            raise invalid("Visibility is not included in the list")
        reply_to = asked.get("in_reply_to_id")
        if reply_to is not None and self._toots.find(reply_to) is None:
            raise Problem(404, "The post you are trying to reply to does not appear to exist.")
        if visibility == DIRECT:
            to = self._recipient(text)
            return self._network.message(self._account, to, text, reply_to=reply_to, key=key).id
        return self._network.post(
            self._account, text, reply_to=reply_to, visibility=visibility, key=key
        ).id

    def _recipient(self, text: str) -> User:
        """Return whom a private status reaches: who is named first, else nobody but its author."""
        named = [one for one in self._network.named_in(text) if one != self._account.id]
        return self._network.users[named[0]] if named else self._account


def _asked(request: Request) -> Mapping[str, str]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            asked = json.loads(request.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise Problem(400, "Error occurred while parsing request parameters")
        return {name: str(value) for name, value in asked.items() if value is not None}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
