"""From a request to an endpoint: token, rate limit, route, answer."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from socialdesk.simulator.exchange import Answer, Request, json_answer
from socialdesk.simulator.limits import Limits
from socialdesk.simulator.mastodon import objects
from socialdesk.simulator.mastodon.auth import require_token
from socialdesk.simulator.mastodon.limits import headers as limit_headers
from socialdesk.simulator.mastodon.problems import Problem, not_found, too_many
from socialdesk.simulator.mastodon.reading import Listed, Reading, base_of
from socialdesk.simulator.mastodon.writing import Writing

Payload = dict[str, Any]
Endpoint = Callable[[Request, str], Payload | Listed]

_ID = r"(?P<id>[0-9]{1,19})"


class Routes:
    """The instance's endpoints for one account."""

    def __init__(self, reading: Reading, writing: Writing, *, token: str, limits: Limits) -> None:
        self._token = token
        self._limits = limits
        self._reading = reading
        self._writing = writing
        self._endpoints: list[tuple[str, re.Pattern[str], Endpoint]] = [
            (method, re.compile(f"/api/{path}/?"), endpoint)
            for method, path, endpoint in self._all()
        ]

    def answer(self, request: Request) -> Answer:
        """Return the instance's answer to a request; every refusal is an answer too."""
        try:
            return self._answer(request)
        except Problem as problem:
            return problem.answer()

    def _all(self) -> list[tuple[str, str, Endpoint]]:
        reads = self._reading
        return [
            ("GET", "v1/accounts/verify_credentials", lambda asked, _: reads.me(asked)),
            ("GET", f"v1/accounts/{_ID}", reads.account),
            ("GET", f"v1/accounts/{_ID}/statuses", reads.statuses_of),
            ("GET", "v1/notifications", lambda asked, _: reads.notifications(asked)),
            ("GET", f"v1/statuses/{_ID}", reads.status),
            ("GET", f"v1/statuses/{_ID}/context", reads.context),
            ("GET", "v1/conversations", lambda asked, _: reads.conversations(asked)),
            ("GET", "v1/instance", lambda asked, _: objects.old_instance_object(base_of(asked))),
            ("GET", "v2/instance", lambda asked, _: objects.instance_object(base_of(asked))),
            ("POST", "v1/statuses", lambda asked, _: self._published(asked)),
        ]

    def _published(self, request: Request) -> Payload:
        return self._reading.status(request, self._writing.publish(request))

    def _answer(self, request: Request) -> Answer:
        require_token(request, self._token)
        left = self._limits.take("*", self._token)
        headers = limit_headers(left)
        if not left.allowed:
            raise too_many(headers)
        try:
            endpoint, resource = self._route(request)
            return _written(endpoint(request, resource), headers)
        except Problem as problem:
            problem.headers = headers
            raise

    def _route(self, request: Request) -> tuple[Endpoint, str]:
        for method, pattern, endpoint in self._endpoints:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return endpoint, match.groupdict().get("id", "")
        raise not_found()


def _written(said: Payload | Listed, headers: Mapping[str, str]) -> Answer:
    if isinstance(said, dict):
        return json_answer(200, said, headers=headers)
    listed, links = said
    body = json.dumps(listed, ensure_ascii=False)
    return Answer(200, body.encode("utf-8", "replace"), headers={**headers, **links})
