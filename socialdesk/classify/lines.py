"""Messages in as JSON lines, assessments out as JSON lines: `socialdesk classify`'s whole work."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from socialdesk.classify.assessment import Assessment, Assessor, Reason
from socialdesk.classify.language import hint

BATCH = 512
"""Lines read before the first is answered."""

FLAGGED_AT = 0.5
"""Probability from which a category is listed in `categories`."""

Read = tuple[int, Any, str | None, str]


def classify_lines(
    lines: Iterable[str | bytes], assessor: Assessor, *, reasons: bool = False
) -> Iterator[str]:
    """Yield one JSON line for each line of `lines`, in order.

    A line in is `{"id": ..., "text": "..."}`; blank lines are skipped. A line that is not such an
    object gives `{"line": number, "error": "..."}` and the stream goes on.

    Args:
        lines: text, or bytes in UTF-8.
        assessor: who reads the messages.
        reasons: add the spans that carried the flags (`start` and `end` count characters of text).
    """
    numbered = enumerate(lines, 1)
    while batch := list(islice(numbered, BATCH)):
        read = [_read(number, line) for number, line in batch if line.strip()]
        said = iter(assessor.assess([text for _, _, text, _ in read if text is not None]))
        for number, name, text, problem in read:
            if text is None:
                yield json.dumps({"line": number, "error": problem})
            else:
                why = assessor.explain(text) if reasons else []
                yield json.dumps(_answer(name, text, next(said), why))


def _read(number: int, line: str | bytes) -> Read:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        return number, None, None, f"This line is not JSON: {error}"
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        return number, None, None, 'This line needs a string "text", as in {"id": 1, "text": "hi"}.'
    return number, data.get("id"), data["text"], ""


def _answer(name: Any, text: str, said: Assessment, why: list[Reason]) -> dict[str, Any]:
    listed = [one for one, sure in said.categories.items() if sure >= FLAGGED_AT]
    return {
        "id": name,
        "category": said.category,
        "categories": [said.category, *(one for one in listed if one is not said.category)],
        "possible_crime": round(said.possible_crime, 4),
        "urgency": said.urgency,
        "urgency_scores": {one: round(sure, 4) for one, sure in said.urgency_scores.items()},
        "vulnerability": {one: round(sure, 4) for one, sure in said.vulnerability.items()},
        "places": [],
        "force": None,
        "language": hint(text),
        "reasons": [
            {
                "start": one.start,
                "end": one.end,
                "label": one.label,
                "weight": round(one.weight, 4),
            }
            for one in why
        ],
        "model": said.model,
    }
