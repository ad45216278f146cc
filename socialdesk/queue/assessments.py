"""An assessment as it is kept: rounded to what it can carry, every one, none overwritten."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from socialdesk.classify.assessment import Assessment, Reason
from socialdesk.core.ids import new_id


def assessment_row(
    said: Assessment, reasons: Sequence[Reason], message_id: UUID, now: datetime
) -> dict[str, Any]:
    """Return the columns of `store.tables.AssessmentRow` for what a model said of a message."""
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
            for r in reasons
        ],
        "made_at": now,
    }
