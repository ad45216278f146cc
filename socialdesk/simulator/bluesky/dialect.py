"""Bluesky's dialect: from a request to a lexicon's method, and what faults look like."""

import json
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from typing import Any

from socialdesk.simulator.bluesky.chat import Chat
from socialdesk.simulator.bluesky.damage import DAMAGE
from socialdesk.simulator.bluesky.limits import WINDOW_SECONDS, headers_of
from socialdesk.simulator.bluesky.names import DOMAIN, BlueskyNames
from socialdesk.simulator.bluesky.problems import Problem, invalid, too_many
from socialdesk.simulator.bluesky.reading import Reading
from socialdesk.simulator.bluesky.records import Records
from socialdesk.simulator.bluesky.shown import Shown
from socialdesk.simulator.bluesky.tokens import Sessions
from socialdesk.simulator.exchange import Answer, Request, json_answer
from socialdesk.simulator.limits import Limits
from socialdesk.simulator.local import Setting

PREFIX = "/xrpc/"
CHAT = "chat.bsky."
PROXY = "did:web:api.bsky.chat#bsky_chat"

Payload = dict[str, Any]
Query = Callable[[Mapping[str, str]], Payload]
Procedure = Callable[[Payload], Payload]


class BlueskyDialect:
    """The account's own server, the app and the chat service behind it, in one."""

    damage = DAMAGE

    def __init__(self, setting: Setting) -> None:
        of = (setting.network, setting.account)
        shown = Shown(*of)
        self.names = BlueskyNames(setting.network)
        self._clock = setting.clock
        self._limits = Limits(setting.clock, setting.limits, WINDOW_SECONDS)
        self._sessions = Sessions(setting.account, setting.clock)
        records, chat = Records(*of, shown), Chat(*of, shown)
        self._queries = _queries(Reading(*of, shown), records, chat)
        self._procedures = _procedures(records, chat)

    def answer(self, request: Request) -> Answer:
        """Return Bluesky's answer; every refusal is an answer too."""
        headers = {"date": format_datetime(self._clock.now(), usegmt=True)}
        try:
            left = self._limits.take(request.path.removeprefix(PREFIX), "account")
            headers |= headers_of(left)
            if not left.allowed:
                raise too_many(headers)
            return json_answer(200, self._carried_out(request), headers=headers)
        except Problem as problem:
            problem.headers |= headers
            return problem.answer()

    def _carried_out(self, request: Request) -> Payload:
        nsid = request.path.removeprefix(PREFIX)
        authorization = request.headers.get("authorization", "")
        match request.method, nsid:
            case "GET", "com.atproto.server.describeServer":
                return {"did": f"did:web:{DOMAIN}", "availableUserDomains": [f".{DOMAIN}"]}
            case "POST", "com.atproto.server.createSession":
                asked = _object(request.body)
                return self._sessions.create(asked.get("identifier"), asked.get("password"))
            case "POST", "com.atproto.server.refreshSession":
                return self._sessions.refresh(authorization)
        self._sessions.require(authorization)
        if nsid.startswith(CHAT) and request.headers.get("atproto-proxy") != PROXY:
            raise Problem(501, "MethodNotImplemented", "Method Not Implemented")
        if request.method == "GET" and nsid in self._queries:
            return self._queries[nsid](request.query)
        if request.method == "POST" and nsid in self._procedures:
            return self._procedures[nsid](_object(request.body))
        raise Problem(501, "MethodNotImplemented", "Method Not Implemented")


def _queries(reading: Reading, records: Records, chat: Chat) -> Mapping[str, Query]:
    return {
        "app.bsky.actor.getProfile": reading.profile,
        "app.bsky.feed.getAuthorFeed": reading.author_feed,
        "app.bsky.feed.getPostThread": reading.thread,
        "app.bsky.feed.getPosts": reading.posts,
        "app.bsky.notification.listNotifications": reading.notifications,
        "chat.bsky.convo.getConvo": chat.convo,
        "chat.bsky.convo.getConvoForMembers": chat.convo_for_members,
        "chat.bsky.convo.getMessages": chat.messages,
        "chat.bsky.convo.listConvos": chat.convos,
        "com.atproto.identity.resolveHandle": reading.resolve_handle,
        "com.atproto.repo.getRecord": records.get,
        "com.atproto.repo.listRecords": records.listing,
    }


def _procedures(records: Records, chat: Chat) -> Mapping[str, Procedure]:
    return {
        "chat.bsky.convo.acceptConvo": chat.accept,
        "chat.bsky.convo.sendMessage": chat.send,
        "com.atproto.repo.createRecord": records.create,
        "com.atproto.repo.deleteRecord": records.delete,
        "com.atproto.repo.putRecord": records.put,
    }


def _object(body: bytes) -> Payload:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise invalid("Input must be an object")
    return asked
