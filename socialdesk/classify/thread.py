"""A message read in its thread: danger told in pieces ("hes outside" "please" ".") counts as one.

Reading the thread can only raise what a message says alone: urgency falls by an officer and by no
one else.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TypeVar

from socialdesk.classify.assessment import Assessment, Urgency

Name = TypeVar("Name")

MOST_BEFORE = 6
"""Earlier messages of the contact read together with a new one."""

MOST_CHARACTERS = 600
"""Characters of earlier messages read together with a new one."""

TOO_SHORT = 4
"""Words under which a message takes its category from its thread."""


def in_thread(before: Sequence[str], text: str) -> str:
    """Return the end of a thread as one text, with `text` last.

    Args:
        before: the contact's earlier messages, oldest first.
        text: the new message.
    """
    kept: list[str] = []
    room = MOST_CHARACTERS
    for earlier in reversed(before[-MOST_BEFORE:]):
        room -= len(earlier)
        if room < 0:
            break
        kept.append(earlier)
    return "\n".join([*reversed(kept), text])


def together(alone: Assessment, whole: Assessment, text: str) -> Assessment:
    """Return what is said of `text` read alone and read in its thread: the worse of each."""
    scores = _worse_urgency(alone.urgency_scores, whole.urgency_scores)
    named = whole if len(text.split()) < TOO_SHORT else alone
    return Assessment(
        category=named.category,
        categories=_higher(alone.categories, whole.categories),
        possible_crime=max(alone.possible_crime, whole.possible_crime),
        urgency=min(alone.urgency, whole.urgency, key=lambda one: one.rank),
        urgency_scores=scores,
        vulnerability=_higher(alone.vulnerability, whole.vulnerability),
        model=alone.model,
    )


def _higher(one: Mapping[Name, float], other: Mapping[Name, float]) -> dict[Name, float]:
    return {name: max(value, other[name]) for name, value in one.items()}


def _worse_urgency(
    one: Mapping[Urgency, float], other: Mapping[Urgency, float]
) -> dict[Urgency, float]:
    """Return the urgency scores whose "at least this urgent" is the higher of the two at each."""
    levels = list(Urgency)
    at_least = [
        max(high, low)
        for high, low in zip(
            accumulate(one[level] for level in levels),
            accumulate(other[level] for level in levels),
            strict=True,
        )
    ]
    return {
        level: upper - lower
        for level, (lower, upper) in zip(levels, pairwise([0.0, *at_least]), strict=True)
    }
