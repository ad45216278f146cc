"""From a request to an endpoint: sign-in, route, rate limit, parameters, answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from socialdesk.simulator.exchange import Answer, Request, json_answer
from socialdesk.simulator.network import conversation_between
from socialdesk.simulator.x import media, parameters
from socialdesk.simulator.x.auth import DemoCredentials, context_of, require_user
from socialdesk.simulator.x.limits import Limits
from socialdesk.simulator.x.parameters import Asked, Shape, checked
from socialdesk.simulator.x.problems import Problem, not_found, too_many
from socialdesk.simulator.x.reading import Reading
from socialdesk.simulator.x.writing import Writing

Payload = dict[str, Any]
Read = Callable[[Asked, str], Payload]
Write = Callable[[bytes, str], Payload]

_ID = r"(?P<id>[0-9]{1,19})"
_CONVERSATION = r"(?P<id>[0-9]{1,19}-[0-9]{1,19}|[0-9]{15,19})"


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `user` means that an application token is not enough."""

    endpoint: str
    pattern: re.Pattern[str]
    user: bool
    read: Read | None = None
    shape: Shape | None = None
    write: Write | None = None
    created: int = 201


class Routes:
    """X's endpoints for one account."""

    def __init__(
        self,
        reading: Reading,
        writing: Writing,
        *,
        account_id: str,
        credentials: DemoCredentials,
        limits: Limits,
    ) -> None:
        self._account_id = account_id
        self._credentials = credentials
        self._limits = limits
        self._routes = [*_reads(reading, account_id), *_writes(writing)]

    def answer(self, request: Request) -> Answer:
        """Return X's answer to a request; every refusal is an answer too."""
        try:
            if request.path.startswith(media.PREFIX):
                return media.answer(request.path)
            return self._answer(request)
        except Problem as problem:
            return problem.answer()

    def _answer(self, request: Request) -> Answer:
        context = context_of(request, self._credentials)
        route, resource = self._route(request)
        left = self._limits.take(route.endpoint, context)
        if not left.allowed:
            raise too_many(left.headers())
        try:
            if route.user:
                require_user(context)
            return _carried_out(route, request, resource, left.headers())
        except Problem as problem:
            problem.headers = left.headers()
            raise

    def _route(self, request: Request) -> tuple[Route, str]:
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.endpoint.startswith(f"{request.method} "):
                return route, match.groupdict().get("id", "")
        raise not_found("endpoint", "path", request.path)


def _carried_out(route: Route, request: Request, resource: str, headers: dict[str, str]) -> Answer:
    if route.read is not None and route.shape is not None:
        asked = checked(request.query, route.shape)
        asked = replace(asked, host=request.headers.get("host", ""))
        payload = route.read(asked, resource)
        return json_answer(200, payload, headers=headers)
    if route.write is None:
        raise not_found("endpoint", "path", request.path)
    return json_answer(route.created, route.write(request.body, resource), headers=headers)


def _reads(reading: Reading, account_id: str) -> list[Route]:
    def get(endpoint: str, pattern: str, read: Read, shape: Shape, *, user: bool = False) -> Route:
        return Route(f"GET {endpoint}", re.compile(pattern), user, read, shape)

    def with_participant(asked: Asked, participant_id: str) -> Payload:
        return reading.events_of(asked, conversation_between(account_id, participant_id))

    p = parameters
    return [
        get("/2/users/me", "/2/users/me", lambda asked, _: reading.me(asked), p.ME, user=True),
        get("/2/users/:id/mentions", f"/2/users/{_ID}/mentions", reading.mentions, p.MENTIONS),
        get("/2/users/:id/tweets", f"/2/users/{_ID}/tweets", reading.timeline, p.TIMELINE),
        get(
            "/2/tweets/search/recent",
            "/2/tweets/search/recent",
            lambda asked, _: reading.search(asked),
            p.SEARCH,
        ),
        get("/2/tweets", "/2/tweets", lambda asked, _: reading.lookup(asked), p.LOOKUP),
        get(
            "/2/dm_events",
            "/2/dm_events",
            lambda asked, _: reading.events(asked),
            p.DM_EVENTS,
            user=True,
        ),
        get(
            "/2/dm_conversations/with/:participant_id/dm_events",
            f"/2/dm_conversations/with/{_ID}/dm_events",
            with_participant,
            p.DM_EVENTS,
            user=True,
        ),
        get(
            "/2/dm_conversations/:id/dm_events",
            f"/2/dm_conversations/{_CONVERSATION}/dm_events",
            reading.events_of,
            p.DM_EVENTS,
            user=True,
        ),
    ]


def _writes(writing: Writing) -> list[Route]:
    def change(endpoint: str, pattern: str, write: Write, created: int = 201) -> Route:
        return Route(endpoint, re.compile(pattern), user=True, write=write, created=created)

    return [
        change("POST /2/tweets", "/2/tweets", lambda body, _: writing.post(body)),
        change(
            "DELETE /2/tweets/:id",
            f"/2/tweets/{_ID}",
            lambda _, post_id: writing.delete(post_id),
            created=200,
        ),
        change(
            "POST /2/dm_conversations/with/:participant_id/messages",
            f"/2/dm_conversations/with/{_ID}/messages",
            writing.message_to,
        ),
        change(
            "POST /2/dm_conversations/:dm_conversation_id/messages",
            f"/2/dm_conversations/{_CONVERSATION}/messages",
            writing.message_in,
        ),
    ]
