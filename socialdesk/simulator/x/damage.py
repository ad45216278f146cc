"""What a fault does to an answer: pure functions from a good answer to a bad one.

Faults that concern the socket itself (hang, slow, truncated, drop) are the server's affair.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from socialdesk.simulator.exchange import HTML, Answer
from socialdesk.simulator.faults import FaultKind, FaultRule
from socialdesk.simulator.x.problems import (
    DUPLICATE,
    ONLY_MENTIONED,
    forbidden,
    missing,
    too_many,
    unauthorised,
)

BROKEN = b"\xff\xfe\xed\xa0\x80"
"""Bytes that are no UTF-8 anywhere."""

Payload = dict[str, Any]


def refusal(rule: FaultRule, *, resets_at: int) -> Answer | None:
    """Return the answer of a fault that refuses before anything changed; None if not of that kind.

    Args:
        resets_at: when the rate limit resets, in epoch seconds.
    """
    if rule.kind is FaultKind.RATE_LIMITED:
        headers = {"x-rate-limit-limit": "1", "x-rate-limit-remaining": "0"}
        if rule.reset:
            headers["x-rate-limit-reset"] = str(resets_at)
        return too_many(headers).answer()
    if rule.kind is FaultKind.SERVER_ERROR:
        page = f"<!DOCTYPE html><html><title>X / Error</title><h1>{rule.status}</h1></html>"
        return Answer(rule.status, page.encode(), HTML)
    if rule.kind is FaultKind.UNAUTHORISED:
        return unauthorised().answer()
    if rule.kind is FaultKind.FORBIDDEN_REPLY:
        return forbidden(ONLY_MENTIONED).answer()
    if rule.kind is FaultKind.DUPLICATE_CONTENT:
        return forbidden(DUPLICATE).answer()
    return None


def damaged(rule: FaultRule, answer: Answer) -> Answer:
    """Return a successful `answer` with the fault's damage in its body; others are untouched."""
    if answer.status >= 300:
        return answer
    if rule.kind is FaultKind.INVALID_UTF8:
        return replace(answer, body=answer.body.replace(b'"text": "', b'"text": "' + BROKEN, 1))
    change = _CHANGES.get(rule.kind)
    if change is None:
        return answer
    payload = json.loads(answer.body)
    change(payload)
    return replace(answer, body=json.dumps(payload, ensure_ascii=False).encode())


def _shuffle(payload: Payload) -> None:
    """Oldest first, the middle turned about: far from what was promised, the same each time."""
    items = payload.get("data")
    if isinstance(items, list):
        items.reverse()
        items[1:3] = reversed(items[1:3])


def _repeat(payload: Payload) -> None:
    items = payload.get("data")
    if isinstance(items, list):
        payload["data"] = [item for item in items for _ in range(2)]


def _partial(payload: Payload) -> None:
    payload.setdefault("errors", []).append(missing("user", "pinned_tweet_id", "1"))


def _malform(payload: Payload) -> None:
    """Spoil the first item: its text null, its author a list, its time gone."""
    items = payload.get("data")
    if isinstance(items, list) and items:
        items[0] = items[0] | {"text": None, "author_id": [], "sender_id": 7}
        items[0].pop("created_at", None)


_CHANGES: Mapping[FaultKind, Callable[[Payload], None]] = {
    FaultKind.OUT_OF_ORDER: _shuffle,
    FaultKind.REPEATED: _repeat,
    FaultKind.PARTIAL_ERRORS: _partial,
    FaultKind.MALFORMED_ITEM: _malform,
}
