"""What X's answers look like when a fault has been at them."""

from typing import Any

from socialdesk.simulator.damage import Damage, Items
from socialdesk.simulator.faults import FaultKind
from socialdesk.simulator.x.limits import WINDOW_SECONDS, headers
from socialdesk.simulator.x.problems import (
    DUPLICATE,
    ONLY_MENTIONED,
    forbidden,
    missing,
    too_many,
    unauthorised,
)


def _lists(payload: Any) -> list[Items]:
    items = payload.get("data")
    return [items] if isinstance(items, list) else []


def _spoil(item: Any) -> None:
    """Its text null, its author a list, its time gone."""
    item |= {"text": None, "author_id": [], "sender_id": 7}
    item.pop("created_at", None)


def _add_errors(payload: Any) -> None:
    payload.setdefault("errors", []).append(missing("user", "pinned_tweet_id", "1"))


DAMAGE = Damage(
    text="text",
    lists=_lists,
    spoil=_spoil,
    refusals={
        FaultKind.UNAUTHORISED: lambda: unauthorised().answer(),
        FaultKind.FORBIDDEN_REPLY: lambda: forbidden(ONLY_MENTIONED).answer(),
        FaultKind.DUPLICATE_CONTENT: lambda: forbidden(DUPLICATE).answer(),
    },
    too_many=lambda told: too_many(told).answer(),
    limit_headers=headers,
    window_seconds=WINDOW_SECONDS,
    others={FaultKind.PARTIAL_ERRORS: _add_errors},
)
