"""What two tiers say together: for each question one probability from the fast and the deep score.

Logistic regression of held-out scores of both tiers, by Newton's method; with thresholds chosen on
the same held-out scores, and those that the fast tier keeps while the deep tier stands behind it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.calibrate import logistic
from socialdesk.classify.heads import PRIMARY_AT, YES_NO
from socialdesk.classify.thresholds import Thresholds
from socialdesk.core.errors import ModelError

FILE = "joint.json"
STEPS = 50
DRAWN = 1e-2
"""How strongly weights are drawn to an even share of both tiers where messages are few."""

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Joint:
    """How two tiers' scores become one answer.

    Attributes:
        version: of the whole: fast tier, deep tier and this.
        weights: yes-or-no heads × (fast, deep, offset).
        primary: share of the deep tier in the contest for the primary category.
        thresholds: for the joint probabilities.
        first: what the fast tier alone flags at, while the deep tier reads every message after it.
    """

    version: str
    weights: Floats
    primary: float
    thresholds: Thresholds
    first: Thresholds

    def log_odds(self, fast: Floats, deep: Floats) -> Floats:
        """Return messages × yes-or-no heads."""
        count = len(YES_NO)
        each, other, offset = self.weights.T
        found: Floats = fast[:, :count] * each + deep[:, :count] * other + offset
        return found

    def primaries(self, fast: Floats, deep: Floats) -> NDArray[np.int_]:
        """Return the place of each message's primary category."""
        return contest(fast, deep, self.primary)


def contest(fast: Floats, deep: Floats, share: float) -> NDArray[np.int_]:
    """Return which primary category wins when the deep tier has `share` of the say."""
    mixed = (1 - share) * _shares(fast[:, PRIMARY_AT]) + share * _shares(deep[:, PRIMARY_AT])
    winners: NDArray[np.int_] = mixed.argmax(axis=1)
    return winners


def _shares(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


def fitted_weights(fast: Floats, deep: Floats, truth: Truth) -> Floats:
    """Return yes-or-no heads × (fast, deep, offset), fitted on held-out scores of both tiers."""
    return np.array(
        [_fitted(fast[:, head], deep[:, head], truth[:, head]) for head in range(len(YES_NO))]
    )


def _fitted(fast: Floats, deep: Floats, truth: Truth) -> Floats:
    yes = float(truth.sum())
    target = np.where(truth, (yes + 1) / (yes + 2), 1 / (len(truth) - yes + 2))
    design = np.column_stack([fast, deep, np.ones(len(truth))])
    prior, ridge = np.array([0.5, 0.5, 0.0]), np.diag([DRAWN, DRAWN, 1e-6]) * len(truth)
    guess = prior.copy()
    for _ in range(STEPS):
        probability = logistic(design @ guess)
        slope = design.T @ (probability - target) + ridge @ (guess - prior)
        curve = design.T @ (design * (probability * (1 - probability))[:, None]) + ridge
        step = np.linalg.solve(curve, slope)
        guess = guess - step * min(1.0, 4.0 / float(np.abs(step).max() + 1e-12))
        if float(np.abs(step).max()) < 1e-8:
            break
    return np.array([max(guess[0], 0.0), max(guess[1], 0.0), guess[2]])


def best_share(fast: Floats, deep: Floats, primary: Sequence[int]) -> float:
    """Return the deep tier's share of the say at which most primary categories are right."""
    true = np.array(primary)
    shares = [at / 10 for at in range(11)]
    return max(shares, key=lambda share: float((contest(fast, deep, share) == true).mean()))


def save_joint(joint: Joint, folder: Path) -> None:
    """Write how the tiers are joined to `folder`."""
    data = {
        "version": joint.version,
        "heads": YES_NO,
        "weights": np.round(joint.weights, 6).tolist(),
        "primary": joint.primary,
        "thresholds": joint.thresholds,
        "first": joint.first,
    }
    (folder / FILE).write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")


def load_joint(folder: Path) -> Joint:
    """Return how the tiers are joined.

    Raises:
        ModelError: the file is missing or of another format.
    """
    try:
        data = json.loads((folder / FILE).read_text("utf-8"))
        weights = np.array(data["weights"], dtype=np.float64)
        if data["heads"] != list(YES_NO) or weights.shape != (len(YES_NO), 3):
            raise ModelError("The joined tiers are from another version of socialdesk.")
        return Joint(
            str(data["version"]), weights, float(data["primary"]), data["thresholds"], data["first"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"How the tiers are joined cannot be read: {error}.",
            todo="Put the shipped models folder back.",
        ) from error
