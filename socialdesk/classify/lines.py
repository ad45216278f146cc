"""Messages in as JSON lines, assessments out as JSON lines: `socialdesk classify`'s whole work."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from socialdesk.classify.assessment import Assessment, Assessor, Reason
from socialdesk.classify.entities import entities
from socialdesk.classify.language import hint
from socialdesk.classify.places.find import Place, places
from socialdesk.classify.places.gazetteer import Gazetteer
from socialdesk.classify.places.jurisdiction import Jurisdiction, jurisdiction
from socialdesk.classify.thread import in_thread, together

BATCH = 512
"""Lines read before the first is answered."""

LONGEST_FOR_PLACES = 20_000
"""Characters of a message searched for places."""

NEEDED = 'This line needs a string "text", as in {"id": 1, "text": "hi"}.'
THREAD = (
    'A "thread" is a list of the contact\'s earlier messages, each a string or {"text": "..."}.'
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as read: a message with what came before it, or the problem with the line."""

    number: int
    id: Any = None
    text: str = ""
    before: tuple[str, ...] = ()
    problem: str = ""


def classify_lines(
    lines: Iterable[str | bytes],
    assessor: Assessor,
    gazetteer: Gazetteer,
    *,
    reasons: bool = False,
) -> Iterator[str]:
    """Yield one JSON line for each line of `lines`, in order.

    A line in is `{"id": ..., "text": "..."}`, with `"thread": [...]` when the contact wrote before;
    blank lines are skipped. A line that is not such an object gives
    `{"line": number, "error": "..."}` and the stream goes on.

    Args:
        lines: text, or bytes in UTF-8.
        assessor: who reads the messages.
        gazetteer: where places are policed.
        reasons: add the spans that carried the flags (`start` and `end` count characters of text).
    """
    numbered = enumerate(lines, 1)
    while batch := list(islice(numbered, BATCH)):
        read = [_read(number, line) for number, line in batch if line.strip()]
        said = _assessed([line for line in read if not line.problem], assessor)
        for line in read:
            if line.problem:
                yield json.dumps({"line": line.number, "error": line.problem})
            else:
                why = assessor.explain(line.text) if reasons else []
                yield json.dumps(_answer(line, said[line.number], why, gazetteer))


def _assessed(read: list[_Line], assessor: Assessor) -> dict[int, Assessment]:
    """Return line number → assessment: the worse of the message alone and in its thread."""
    alone = assessor.assess([line.text for line in read])
    threaded = [line for line in read if line.before]
    whole = assessor.assess([in_thread(line.before, line.text) for line in threaded])
    said = {line.number: one for line, one in zip(read, alone, strict=True)}
    for line, one in zip(threaded, whole, strict=True):
        said[line.number] = together(said[line.number], one, line.text)
    return said


def _read(number: int, line: str | bytes) -> _Line:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _Line(number, problem=f"This line is not JSON: {error}")
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        return _Line(number, problem=NEEDED)
    before = _before(data.get("thread"))
    if before is None:
        return _Line(number, problem=THREAD)
    return _Line(number, data.get("id"), data["text"], before)


def _before(thread: Any) -> tuple[str, ...] | None:
    """Return the texts of a thread, or None when it is not one."""
    if thread is None:
        return ()
    if not isinstance(thread, list):
        return None
    read = [one.get("text") if isinstance(one, Mapping) else one for one in thread]
    texts = tuple(one for one in read if isinstance(one, str))
    return texts if len(texts) == len(read) else None


def _answer(
    line: _Line, said: Assessment, why: list[Reason], gazetteer: Gazetteer
) -> dict[str, Any]:
    searched = line.text[:LONGEST_FOR_PLACES]
    named = places(searched, entities(searched), gazetteer)
    return {
        "id": line.id,
        "category": said.category,
        "categories": _rounded(said.categories),
        "possible_crime": round(said.possible_crime, 4),
        "urgency": said.urgency,
        "urgency_scores": _rounded(said.urgency_scores),
        "vulnerability": _rounded(said.vulnerability),
        "places": [_place(one) for one in named],
        "force": _force(jurisdiction(named)),
        "language": hint(line.text),
        "reasons": [_reason(one) for one in why],
        "model": said.model,
    }


def _rounded(values: Mapping[Any, float]) -> dict[Any, float]:
    return {name: round(value, 4) for name, value in values.items()}


def _reason(one: Reason) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "label": one.label,
        "weight": round(one.weight, 4),
    }


def _place(one: Place) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "kind": one.kind,
        "forces": dict(one.forces),
        "home": one.home,
    }


def _force(found: Jurisdiction | None) -> dict[str, Any] | None:
    return None if found is None else {"id": found.force, "confidence": found.confidence}
