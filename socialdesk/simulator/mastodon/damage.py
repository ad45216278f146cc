"""What an instance's answers look like when a fault has been at them.

Mastodon does not refuse a text for being a copy: what it knows as a duplicate is a second request
with a key that is being worked on, which it asks to come again.
"""

from typing import Any

from socialdesk.simulator.damage import Damage, Items
from socialdesk.simulator.faults import FaultKind
from socialdesk.simulator.mastodon.limits import WINDOW_SECONDS, headers
from socialdesk.simulator.mastodon.problems import not_allowed, racing, too_many, unauthorised


def _lists(payload: Any) -> list[Items]:
    return [payload] if isinstance(payload, list) else []


def _spoil(item: Any) -> None:
    """Its text null, its author a list, its time gone."""
    status = item.get("status", item)
    status |= {"content": None, "account": []}
    status.pop("created_at", None)


DAMAGE = Damage(
    text="content",
    lists=_lists,
    spoil=_spoil,
    refusals={
        FaultKind.UNAUTHORISED: lambda: unauthorised().answer(),
        FaultKind.FORBIDDEN_REPLY: lambda: not_allowed().answer(),
        FaultKind.DUPLICATE_CONTENT: lambda: racing().answer(),
    },
    too_many=lambda told: too_many(told).answer(),
    limit_headers=headers,
    window_seconds=WINDOW_SECONDS,
)
