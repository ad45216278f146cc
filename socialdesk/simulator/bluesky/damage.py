"""What Bluesky's answers look like when a fault has been at them."""

from typing import Any

from socialdesk.simulator.bluesky.limits import WINDOW_SECONDS, headers_of
from socialdesk.simulator.bluesky.problems import Problem, too_many
from socialdesk.simulator.damage import Damage, Items
from socialdesk.simulator.faults import FaultKind

_LISTS = ("notifications", "messages", "feed", "records", "posts")


def _lists(payload: Any) -> list[Items]:
    """Return the lists in an answer, and the one record in `getRecord`'s as a list of its own."""
    found = [payload[name] for name in _LISTS if isinstance(payload.get(name), list)]
    return [*found, [payload["value"]]] if isinstance(payload.get("value"), dict) else found


def _spoil(item: Any) -> None:
    """Its text null, its author a list, its time gone."""
    item |= {"author": [], "sender": 7, "indexedAt": None, "sentAt": None, "text": None}
    if "reply" in item:
        item["reply"] = []
    item.get("record", {}).update(text=None)


DAMAGE = Damage(
    text="text",
    lists=_lists,
    spoil=_spoil,
    refusals={
        FaultKind.UNAUTHORISED: Problem(401, "AuthMissing", "Authentication Required").answer,
        FaultKind.FORBIDDEN_REPLY: Problem(
            403, "Forbidden", "The thread's author does not allow replies"
        ).answer,
        FaultKind.DUPLICATE_CONTENT: Problem(
            400, "InvalidSwap", "Record was at another cid"
        ).answer,
    },
    too_many=lambda told: too_many(told).answer(),
    limit_headers=headers_of,
    window_seconds=WINDOW_SECONDS,
)
