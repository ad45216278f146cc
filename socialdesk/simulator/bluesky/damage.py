"""What a fault does to an answer of Bluesky: pure functions from a good answer to a bad one.

An answer of Bluesky holds no errors beside its data, so `partial_errors` leaves it as it is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from socialdesk.simulator.bluesky.problems import Problem, too_many
from socialdesk.simulator.exchange import HTML, Answer
from socialdesk.simulator.faults import FaultKind, FaultRule

BROKEN = b"\xff\xfe\xed\xa0\x80"
"""Bytes that are no UTF-8 anywhere."""

Payload = dict[str, Any]
_LISTS = ("notifications", "messages", "feed", "records", "posts")


def refusal(rule: FaultRule, *, resets_at: int) -> Answer | None:
    """Return the answer of a fault that refuses before anything changed; None if not of that kind.

    Args:
        resets_at: when the rate limit resets, in epoch seconds.
    """
    if rule.kind is FaultKind.SERVER_ERROR:
        page = f"<!DOCTYPE html><html><title>{rule.status}</title></html>"
        return Answer(rule.status, page.encode(), HTML)
    if rule.kind is FaultKind.RATE_LIMITED:
        headers = {"ratelimit-limit": "1", "ratelimit-remaining": "0"}
        if rule.reset:
            headers["ratelimit-reset"] = str(resets_at)
        return too_many(headers).answer()
    problem = _REFUSALS.get(rule.kind)
    return Problem(*problem).answer() if problem else None


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
    for items in _lists(payload):
        items.reverse()
        items[1:3] = reversed(items[1:3])


def _repeat(payload: Payload) -> None:
    for items in _lists(payload):
        items[:] = [item for item in items for _ in range(2)]


def _malform(payload: Payload) -> None:
    """Spoil the first item, or the one record: its text null, its author a list, its time gone."""
    for items in _lists(payload):
        if items:
            items[0].update(author=[], sender=7, indexedAt=None, sentAt=None, text=None)
            items[0].get("record", {}).update(text=None)
    if isinstance(payload.get("value"), dict):
        payload["value"].update(text=None, reply=[])


def _lists(payload: Payload) -> list[list[Any]]:
    return [payload[name] for name in _LISTS if isinstance(payload.get(name), list)]


_CHANGES: Mapping[FaultKind, Callable[[Payload], None]] = {
    FaultKind.OUT_OF_ORDER: _shuffle,
    FaultKind.REPEATED: _repeat,
    FaultKind.MALFORMED_ITEM: _malform,
}
_REFUSALS: Mapping[FaultKind, tuple[int, str, str]] = {
    FaultKind.UNAUTHORISED: (401, "AuthMissing", "Authentication Required"),
    FaultKind.FORBIDDEN_REPLY: (403, "Forbidden", "The thread's author does not allow replies"),
    FaultKind.DUPLICATE_CONTENT: (400, "InvalidSwap", "Record was at another cid"),
}
