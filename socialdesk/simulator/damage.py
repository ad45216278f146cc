"""What a fault does to an answer: pure functions from a good answer to a bad one.

Faults that concern the socket itself (hang, slow, truncated, drop) are the wire's affair.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from socialdesk.simulator.exchange import HTML, Answer
from socialdesk.simulator.faults import FaultKind, FaultRule
from socialdesk.simulator.limits import Left

BROKEN = b"\xff\xfe\xed\xa0\x80"
"""Bytes that are no UTF-8 anywhere."""

Items = list[Any]


@dataclass(frozen=True, slots=True)
class Damage:
    """How one network's answers look when a fault has been at them.

    Attributes:
        text: the member that holds a message's text.
        lists: the lists of messages in an answer's JSON, newest first.
        spoil: leaves one message that nobody can understand.
        refusals: the answer of each fault that the network itself would word.
        too_many: the answer to one request too many, given the limit's headers.
        limit_headers: how the network tells of its rate limit.
        window_seconds: how long its rate limits last.
        others: what further faults do to an answer's JSON; none where they mean nothing here.
    """

    text: str
    lists: Callable[[Any], list[Items]]
    spoil: Callable[[Any], None]
    refusals: Mapping[FaultKind, Callable[[], Answer]]
    too_many: Callable[[dict[str, str]], Answer]
    limit_headers: Callable[[Left], dict[str, str]]
    window_seconds: int
    others: Mapping[FaultKind, Callable[[Any], None]] = field(default_factory=dict)

    def refusal(self, rule: FaultRule, now: datetime) -> Answer | None:
        """Return the answer of a fault that refuses before anything changed; None if not such."""
        if rule.kind is FaultKind.SERVER_ERROR:
            page = f"<!DOCTYPE html><html><title>Error</title><h1>{rule.status}</h1></html>"
            return Answer(rule.status, page.encode(), HTML)
        if rule.kind is FaultKind.RATE_LIMITED:
            return self.too_many(self._none_left(now, tells_reset=rule.reset))
        refused = self.refusals.get(rule.kind)
        return None if refused is None else refused()

    def damaged(self, rule: FaultRule, answer: Answer) -> Answer:
        """Return a successful `answer` with the fault's damage in its body; others untouched."""
        if answer.status >= 300:
            return answer
        if rule.kind is FaultKind.INVALID_UTF8:
            opening = f'"{self.text}": "'.encode()
            return replace(answer, body=answer.body.replace(opening, opening + BROKEN, 1))
        change = self._change(rule.kind)
        if change is None:
            return answer
        payload = json.loads(answer.body)
        change(payload)
        return replace(answer, body=json.dumps(payload, ensure_ascii=False).encode())

    def _none_left(self, now: datetime, *, tells_reset: bool) -> dict[str, str]:
        resets_at = int(now.timestamp()) + self.window_seconds
        headers = self.limit_headers(Left(1, 0, resets_at, allowed=False))
        if tells_reset:
            return headers
        return {name: value for name, value in headers.items() if "reset" not in name.lower()}

    def _change(self, kind: FaultKind) -> Callable[[Any], None] | None:
        to_items = {
            FaultKind.OUT_OF_ORDER: _shuffle,
            FaultKind.REPEATED: _repeat,
            FaultKind.MALFORMED_ITEM: self._spoil_first,
        }.get(kind)
        if to_items is None:
            return self.others.get(kind)

        def to_all(payload: Any) -> None:
            for items in self.lists(payload):
                to_items(items)

        return to_all

    def _spoil_first(self, items: Items) -> None:
        for item in items[:1]:
            self.spoil(item)


def _shuffle(items: Items) -> None:
    """Oldest first, the middle turned about: far from what was promised, the same each time."""
    items.reverse()
    items[1:3] = reversed(items[1:3])


def _repeat(items: Items) -> None:
    items[:] = [item for item in items for _ in range(2)]
