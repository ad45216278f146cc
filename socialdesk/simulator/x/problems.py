"""X's way of saying no: RFC 7807 problems, worded as X words them.

Source: the Problem schemas of X's OpenAPI document and X's published error pages.
"""

from collections.abc import Mapping
from typing import Any

from socialdesk.simulator.exchange import PROBLEM_JSON, Answer, json_answer

BASE = "https://api.x.com/2/problems/"
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
ONLY_MENTIONED = (
    "You are not permitted to perform this action. You can only reply to conversations where you "
    "were mentioned or in which you took part."
)


class Problem(Exception):  # noqa: N818 X's own word
    """A refusal, to be answered as application/problem+json."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        kind: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {
            "title": title,
            "detail": detail,
            "type": kind,
            "status": status,
            **more,
        }

    def answer(self) -> Answer:
        """Return it as an HTTP answer."""
        return json_answer(self.status, self.body, content_type=PROBLEM_JSON, headers=self.headers)


def invalid(parameter: str, value: str, message: str) -> Problem:
    """Return 400: a parameter is unknown or out of range."""
    return Problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        BASE + "invalid-request",
        errors=[{"parameters": {parameter: [value]}, "message": message}],
    )


def unauthorised() -> Problem:
    """Return 401: no credentials, or wrong ones."""
    return Problem(401, "Unauthorized", "Unauthorized", "about:blank")


def wrong_context() -> Problem:
    """Return 403: an application token where a user's is needed."""
    return Problem(
        403,
        "Unsupported Authentication",
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint. Supported "
        "authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        BASE + "unsupported-authentication",
    )


def forbidden(detail: str) -> Problem:
    """Return 403: the act is not allowed."""
    return Problem(403, "Forbidden", detail, "about:blank")


def too_many(headers: Mapping[str, str]) -> Problem:
    """Return 429."""
    return Problem(429, "Too Many Requests", "Too Many Requests", "about:blank", headers=headers)


def not_found(kind: str, parameter: str, value: str) -> Problem:
    """Return 404: no such resource."""
    return Problem(404, "Not Found Error", **_missing(kind, parameter, value))


def missing(kind: str, parameter: str, value: str) -> dict[str, Any]:
    """Return the entry for `errors` beside data: one of several resources is not there."""
    entry = _missing(kind, parameter, value)
    return {"title": "Not Found Error", "type": entry.pop("kind"), **entry}


def _missing(kind: str, parameter: str, value: str) -> dict[str, Any]:
    return {
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "kind": BASE + "resource-not-found",
        "resource_type": kind,
        "resource_id": value,
        "parameter": parameter,
        "value": value,
    }
