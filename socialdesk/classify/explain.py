"""Why: what each part of a message added to one of the model's answers, and where it stands.

The model is linear, so the parts are the whole truth: their weights and the head's own starting
point sum to the log-odds behind the probability, exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.assessment import Reason
from socialdesk.classify.features import Parts
from socialdesk.classify.normalise import Normalised
from socialdesk.classify.tokens import Words

WHOLE = (-1, -1)
"""The span of what belongs to a message as a whole: its length, its exclamation marks."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One head's answer taken apart: `start` + the reasons' weights = `log_odds`."""

    label: str
    start: float
    reasons: list[Reason]
    log_odds: float


def original_span(text: Normalised, words: Words, first: int, last: int) -> tuple[int, int]:
    """Return the span in the original of words `first` to `last` (not included)."""
    if not words.spans or last <= first:
        return 0, len(text.original)
    return text.span(words.spans[first][0], words.spans[min(last, len(words.spans)) - 1][1])


def reasons_of(
    label: str, weighed: Parts, weights: Sequence[float], text: Normalised, words: Words
) -> list[Reason]:
    """Return a reason for every part that weighs anything, in the order of the parts."""
    found = []
    for (part, (first, last)), weight in zip(weighed.items(), weights, strict=True):
        if weight:
            whole = part.startswith("s:")
            start, end = (
                (0, len(text.original)) if whole else original_span(text, words, first, last)
            )
            found.append(Reason(start, end, label, weight))
    return found


def heaviest(
    piece: Parts, weights: NDArray[np.float64], limit: int
) -> list[list[tuple[int, int, float]]]:
    """Return for each head the `limit` spans of words that weigh most, as (first, last, weight).

    Args:
        weights: parts × heads; what each part, in order, adds to each head.
    """
    places: dict[tuple[int, int], int] = {}
    at = [
        places.setdefault(WHOLE if part[:2] == "s:" else span, len(places))
        for part, span in piece.items()
    ]
    sums = np.zeros((len(places), weights.shape[1]))
    np.add.at(sums, at, weights)
    spans = list(places)
    order = np.argsort(-np.abs(sums), axis=0, kind="stable")[:limit]
    return [
        [
            (*spans[place], weight)
            for place, weight in zip(chosen.tolist(), sums[chosen, head].tolist(), strict=True)
            if weight
        ]
        for head, chosen in enumerate(order.T)
    ]


def merged(reasons: Sequence[Reason], limit: int) -> list[Reason]:
    """Return at most `limit` reasons, those on one span and label added, heaviest first."""
    sums: dict[tuple[int, int, str], float] = {}
    for reason in reasons:
        key = (reason.start, reason.end, reason.label)
        sums[key] = sums.get(key, 0.0) + reason.weight
    whole = [Reason(start, end, label, weight) for (start, end, label), weight in sums.items()]
    return sorted(whole, key=lambda one: (-abs(one.weight), one.start, one.end, one.label))[:limit]
