"""What the model says of a page, and how it is kept: every assessment, none overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Item
from socialdesk.classify.assessment import Assessment, Assessor, Reason, Urgency
from socialdesk.core.ids import new_id
from socialdesk.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Judged:
    """An item and what the model says of it; None for the account's own messages."""

    item: Item
    assessment: Assessment | None
    reasons: Sequence[Reason] = ()


def judge(items: Sequence[Item], assessor: Assessor) -> list[Judged]:
    """Assess the public's messages among `items`, with reasons for those that raise a flag."""
    inbound = [item for item in items if not item.outbound]
    said = dict(
        zip(
            (item.remote_id for item in inbound),
            assessor.assess([item.text for item in inbound]),
            strict=True,
        )
    )
    return [_judged(item, said.get(item.remote_id), assessor) for item in items]


def _judged(item: Item, assessment: Assessment | None, assessor: Assessor) -> Judged:
    if assessment is None or item.outbound:
        return Judged(item, None)
    flagged = assessment.urgency is not Urgency.NONE or assessment.possible_crime >= 0.5
    return Judged(item, assessment, assessor.explain(item.text) if flagged else ())


def assessment_row(entry: Judged, message_id: Any, now: datetime) -> dict[str, Any]:
    """Return what the model said of a message, as a row.

    Raises:
        ValueError: the model said nothing of it.
    """
    said = entry.assessment
    if said is None:
        raise ValueError("an assessment row needs an assessment")
    return {
        "id": new_id(),
        "message_id": message_id,
        "model": said.model,
        "category": said.category.value,
        "urgency": said.urgency.value,
        "possible_crime": said.possible_crime,
        "scores": {
            "categories": {str(name): round(p, 4) for name, p in said.categories.items()},
            "urgency": {str(name): round(p, 4) for name, p in said.urgency_scores.items()},
            "vulnerability": {str(name): round(p, 4) for name, p in said.vulnerability.items()},
        },
        "reasons": [
            {"start": r.start, "end": r.end, "label": r.label, "weight": round(r.weight, 4)}
            for r in entry.reasons
        ],
        "made_at": now,
    }


def record_assessments(current: Transaction, assessments: Sequence[dict[str, Any]]) -> None:
    """Record what the model said of a page in one entry: urgency by message."""
    current.record(
        Action.ASSESS,
        f"page:{new_id()}",
        details={
            "model": assessments[0]["model"],
            "messages": {str(row["message_id"]): row["urgency"] for row in assessments},
        },
    )
