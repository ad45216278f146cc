"""From probabilities to an assessment: danger phrases raise it, thresholds place it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.assessment import Assessment, Urgency
from socialdesk.classify.heads import (
    CATEGORIES,
    CATEGORY_AT,
    CRIME_AT,
    URGENCIES,
    URGENCY_AT,
    VULNERABILITIES,
    VULNERABILITY_AT,
)
from socialdesk.classify.thresholds import Thresholds, decide


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which probabilities become an assessment.

    Attributes:
        version: of the model that says so.
        raised: probability a danger phrase of each urgency lends.
    """

    version: str
    thresholds: Thresholds
    raised: Mapping[str, float]


def answered(sure: NDArray[np.float64], primary: int, floor: Urgency, terms: Terms) -> Assessment:
    """Return the assessment of one message.

    Args:
        sure: a probability for each yes-or-no head.
        primary: place of the primary category.
        floor: the least urgency it may be given, whatever the model says.
    """
    at_least = at_least_urgent(sure, floor, terms)
    exact = [high - low for low, high in pairwise([0.0, *at_least, 1.0])]
    values = sure.tolist()
    return Assessment(
        category=CATEGORIES[primary],
        categories=dict(zip(CATEGORIES, values[CATEGORY_AT], strict=True)),
        possible_crime=values[CRIME_AT],
        urgency=decide(at_least, terms.thresholds),
        urgency_scores=dict(zip(URGENCIES, exact, strict=True)),
        vulnerability=dict(zip(VULNERABILITIES, values[VULNERABILITY_AT], strict=True)),
        model=terms.version,
    )


def at_least_urgent(sure: NDArray[np.float64], floor: Urgency, terms: Terms) -> list[float]:
    """Return the three urgency answers in order, none below what a danger phrase asks."""
    raised = sure[URGENCY_AT].tolist()
    if floor is not Urgency.NONE:
        least = max(terms.raised[floor], terms.thresholds[f"urgency:{floor}"])
        raised[floor.rank :] = [max(value, least) for value in raised[floor.rank :]]
    return list(accumulate(raised, max))
