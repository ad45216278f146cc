"""What a fault does to an answer: pure functions from a good answer to a bad one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from socialdesk.simulator.exchange import HTML, Answer
from socialdesk.simulator.faults import FaultKind, FaultRule
from socialdesk.simulator.mastodon.limits import reset
from socialdesk.simulator.mastodon.problems import not_allowed, racing, too_many, unauthorised

BROKEN = b"\xff\xfe\xed\xa0\x80"
"""Bytes that are no UTF-8 anywhere."""


def refusal(rule: FaultRule, *, resets_at: float) -> Answer | None:
    """Return the answer of a fault that refuses before anything changed; None if not of that kind.

    Mastodon does not refuse a text for being a copy: what it knows as a duplicate is a second
    request with a key that is being worked on, which it asks to come again.
    """
    if rule.kind is FaultKind.RATE_LIMITED:
        headers = {"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0"}
        if rule.reset:
            headers["X-RateLimit-Reset"] = reset(resets_at)
        return too_many(headers).answer()
    if rule.kind is FaultKind.SERVER_ERROR:
        page = f"<!DOCTYPE html><html><title>We're sorry</title><h1>{rule.status}</h1></html>"
        return Answer(rule.status, page.encode(), HTML)
    if rule.kind is FaultKind.UNAUTHORISED:
        return unauthorised().answer()
    if rule.kind is FaultKind.FORBIDDEN_REPLY:
        return not_allowed().answer()
    if rule.kind is FaultKind.DUPLICATE_CONTENT:
        return racing().answer()
    return None


def damaged(rule: FaultRule, answer: Answer) -> Answer:
    """Return a successful list with the fault's damage in it; other answers are untouched."""
    if answer.status >= 300:
        return answer
    if rule.kind is FaultKind.INVALID_UTF8:
        return replace(
            answer, body=answer.body.replace(b'"content": "', b'"content": "' + BROKEN, 1)
        )
    change = _CHANGES.get(rule.kind)
    items = json.loads(answer.body) if change else None
    if change is None or not isinstance(items, list):
        return answer
    return replace(answer, body=json.dumps(change(items), ensure_ascii=False).encode())


def _shuffled(items: list[Any]) -> list[Any]:
    """Oldest first, the middle turned about: far from what was promised, the same each time."""
    turned = items[::-1]
    turned[1:3] = reversed(turned[1:3])
    return turned


def _repeated(items: list[Any]) -> list[Any]:
    return [item for item in items for _ in range(2)]


def _malformed(items: list[Any]) -> list[Any]:
    """Spoil the first status: its text null, its author a list, its time gone."""
    if items:
        status = items[0].get("status", items[0])
        status |= {"content": None, "account": []}
        status.pop("created_at", None)
    return items


_CHANGES: Mapping[FaultKind, Callable[[list[Any]], list[Any]]] = {
    FaultKind.OUT_OF_ORDER: _shuffled,
    FaultKind.REPEATED: _repeated,
    FaultKind.MALFORMED_ITEM: _malformed,
}
