"""The labelled messages the model learns from: reading them, and the rules they must keep."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from socialdesk.classify.assessment import Category, Urgency, Vulnerability
from socialdesk.core.errors import ModelError

HARMLESS = frozenset({Category.CHATTER, Category.SPAM, Category.THANKS})
LIKENESS = 0.6
"""Share of three-word runs two messages may have in common before they count as one."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message. `scenario` is what must not straddle a split; `voice` who writes."""

    id: str
    text: str
    category: Category
    also: tuple[Category, ...]
    possible_crime: bool
    urgency: Urgency
    vulnerability: tuple[Vulnerability, ...]
    voice: str
    scenario: str


def _example(line: dict[str, Any]) -> Example:
    return Example(
        id=str(line["id"]),
        text=str(line["text"]),
        category=Category(line["category"]),
        also=tuple(Category(one) for one in line["also"]),
        possible_crime=bool(line["possible_crime"]),
        urgency=Urgency(line["urgency"]),
        vulnerability=tuple(Vulnerability(one) for one in line["vulnerability"]),
        voice=str(line["voice"]),
        scenario=str(line["scenario"]),
    )


def load_corpus(folder: Path) -> list[Example]:
    """Return every example of `folder`/*.jsonl, by file name and line.

    Raises:
        ModelError: no file there, or a line is not an example.
    """
    found: list[Example] = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            try:
                found.append(_example(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise ModelError(
                    f"{file.name}, line {number} is not an example: {error}.",
                    todo="docs/labelling.md shows the fields.",
                ) from error
    if not found:
        raise ModelError("There is no corpus here.", todo="Name the folder that holds *.jsonl.")
    return found


def fingerprint(examples: Sequence[Example]) -> str:
    """Return a hash of what the examples say, whatever their order."""
    lines = sorted(repr(example) for example in examples)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()


def _runs(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    if not words:
        return frozenset([text])
    return frozenset(" ".join(words[at : at + 3]) for at in range(max(len(words) - 2, 1)))


def near_duplicates(examples: Sequence[Example]) -> Iterator[tuple[str, str]]:
    """Yield the ids of messages that share too many three-word runs."""
    seen: dict[str, list[int]] = {}
    runs = [_runs(example.text) for example in examples]
    for at, mine in enumerate(runs):
        rivals = {other for run in mine for other in seen.get(run, ())}
        for other in sorted(rivals):
            if len(mine & runs[other]) / len(mine | runs[other]) >= LIKENESS:
                yield examples[other].id, examples[at].id
        for run in mine:
            seen.setdefault(run, []).append(at)


def faults(example: Example) -> list[str]:
    """Return the labelling rules one example breaks, in words; none when it is sound."""
    found = []
    if example.category in HARMLESS and example.urgency is not Urgency.NONE:
        found.append("chatter, spam and thanks have urgency none")
    if example.category in HARMLESS and example.possible_crime:
        found.append("chatter, spam and thanks report no crime")
    if example.urgency is Urgency.NONE and example.possible_crime:
        found.append("a possible crime is never urgency none")
    if example.category in example.also or len(set(example.also)) != len(example.also):
        found.append("a category is named once")
    if example.category is Category.DOMESTIC_ABUSE and (
        Vulnerability.DOMESTIC_ABUSE not in example.vulnerability
    ):
        found.append("domestic abuse is also a vulnerability")
    if not example.text.strip() or not example.voice or not example.scenario:
        found.append("text, voice and scenario are never empty")
    return found
