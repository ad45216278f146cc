"""Turning scores into probabilities that mean what they say: Platt scaling on held-out scores.

Source: J. Platt, "Probabilistic outputs for support vector machines" (1999), with his smoothed
targets; fitted by Newton's method after Lin, Lin and Weng (2007).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEEPEST = 6.0
"""A slope above this claims more certainty than a corpus of this size can show."""


def logistic(scores: Floats) -> Floats:
    """Return 1 / (1 + exp(-scores)), without overflow."""
    result: Floats = 0.5 * (1.0 + np.tanh(0.5 * scores))
    return result


def platt(scores: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Return (slope, offset) so that logistic(slope * score + offset) is calibrated."""
    yes = float(truth.sum())
    no = float(len(truth)) - yes
    target = np.where(truth, (yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0))
    design = np.column_stack([scores, np.ones_like(scores)])
    guess = np.array([1.0, 0.0])
    ridge = np.diag([1e-3, 1e-6])
    for _ in range(50):
        probability = logistic(design @ guess)
        gradient = design.T @ (probability - target) + ridge @ (guess - np.array([1.0, 0.0]))
        curve = design.T @ (design * (probability * (1 - probability))[:, None]) + ridge
        step = np.linalg.solve(curve, gradient)
        guess = guess - step * min(1.0, 4.0 / float(np.abs(step).max() + 1e-12))
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(np.clip(guess[0], 0.05, STEEPEST)), float(guess[1])


def expected_error(probabilities: Floats, truth: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error: mean gap of stated and seen share."""
    placed = np.minimum((probabilities * bins).astype(int), bins - 1)
    gap = 0.0
    for one in range(bins):
        inside = placed == one
        if inside.any():
            gap += abs(float(probabilities[inside].mean() - truth[inside].mean())) * inside.mean()
    return float(gap)
