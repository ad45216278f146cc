"""One HTTP request and one answer, as values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json; charset=utf-8"
PROBLEM_JSON = "application/problem+json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it reached the server.

    Attributes:
        query: every parameter once, percent-decoded; a repeated one keeps its last value.
        headers: names in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is written to the socket."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(
    status: int,
    payload: Mapping[str, Any],
    *,
    content_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return `payload` as a JSON answer; lone surrogates travel as escapes."""
    text = json.dumps(payload, ensure_ascii=False)
    try:
        body = text.encode()
    except UnicodeEncodeError:
        body = json.dumps(payload).encode()
    return Answer(status, body, content_type, headers or {})
