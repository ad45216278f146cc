"""Where a probability becomes a flag: chosen on held-out messages so that danger is not missed."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from socialdesk.classify.assessment import Urgency
from socialdesk.classify.heads import AT_LEAST

WANTED_RECALL: Mapping[Urgency, float] = {
    Urgency.IMMEDIATE: 0.85,
    Urgency.PRIORITY: 0.90,
    Urgency.ROUTINE: 0.95,
}
"""Share of held-out messages of at least this urgency that must be placed there or higher."""

PROMISED_RECALL: Mapping[Urgency, float] = {
    Urgency.IMMEDIATE: 0.90,
    Urgency.PRIORITY: 0.92,
    Urgency.ROUTINE: 0.93,
}
"""Recall of both tiers together that held-out messages must show with `CONFIDENCE`."""

CONFIDENCE = 0.95

FIRST_ALARMS: Mapping[Urgency, float] = {Urgency.IMMEDIATE: 10.0, Urgency.PRIORITY: 40.0}
"""Alarms per 1,000 harmless messages that the fast tier may raise before the deep tier reads."""

Thresholds = dict[str, float]
"""Head name → least probability at which it is flagged."""


def for_promise(
    probabilities: NDArray[np.float64], truth: NDArray[np.bool_], recall: float
) -> float:
    """Return the highest threshold whose recall is at least `recall` with `CONFIDENCE`.

    The bound is Clopper and Pearson's (1934), one-sided: the lowest recall that would still show as
    few misses as were seen with probability 1 - CONFIDENCE. Where there are too few true messages
    to promise so much, every one of them is flagged.
    """
    positive = np.sort(probabilities[truth])
    count = len(positive)
    if count == 0:
        return 0.5
    bounds = [
        float(beta.ppf(1 - CONFIDENCE, count - missed, missed + 1)) for missed in range(count)
    ]
    allowed = sum(bound >= recall for bound in bounds)
    return float(min(positive[max(allowed - 1, 0)], 0.5))


def for_alarms(
    probabilities: NDArray[np.float64], harmless: NDArray[np.bool_], per_1000: float
) -> float:
    """Return the lowest threshold that flags at most `per_1000` of 1,000 harmless messages."""
    highest = np.sort(probabilities[harmless])[::-1]
    allowed = int(len(highest) * per_1000 / 1000)
    if allowed >= len(highest):
        return 0.0
    return float(np.nextafter(highest[allowed], 1.0))


def for_recall(
    probabilities: NDArray[np.float64], truth: NDArray[np.bool_], recall: float
) -> float:
    """Return the highest threshold that still flags at least `recall` of the true ones."""
    positive = np.sort(probabilities[truth])
    if len(positive) == 0:
        return 0.5
    missed = math.floor(len(positive) * (1.0 - recall))
    return float(min(positive[missed], 0.5))


def for_balance(probabilities: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """Return the threshold with the best F1 on held-out messages, within 0.1 to 0.6."""
    best, chosen = -1.0, 0.5
    for threshold in np.arange(0.1, 0.61, 0.02):
        flagged = probabilities >= threshold
        right = float(np.sum(flagged & truth))
        score = 2 * right / max(float(flagged.sum() + truth.sum()), 1.0)
        if score > best:
            best, chosen = score, float(threshold)
    return round(chosen, 4)


def decide(at_least: Sequence[float], thresholds: Thresholds) -> Urgency:
    """Return the most urgent level whose probability (three, most urgent first) meets its own."""
    for level, probability in zip(AT_LEAST, at_least, strict=True):
        if probability >= thresholds[f"urgency:{level}"]:
            return level
    return Urgency.NONE
