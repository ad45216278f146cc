"""Joining the tiers by what both said of messages they never saw; needs no training libraries."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.assessment import Urgency
from socialdesk.classify.calibrate import logistic
from socialdesk.classify.corpus import HARMLESS
from socialdesk.classify.heads import AT_LEAST, YES_NO
from socialdesk.classify.joint import Joint, best_share, fitted_weights
from socialdesk.classify.thresholds import (
    FIRST_ALARMS,
    PROMISED_RECALL,
    Thresholds,
    decide,
    for_alarms,
    for_balance,
    for_promise,
)
from socialdesk.classify.train import Calibration, Study, calibrated
from socialdesk.core.errors import ModelError

Floats = NDArray[np.float64]
FILE = "held_out.npz"


@dataclass(frozen=True)
class HeldOut:
    """What both tiers said of messages they never saw: messages × heads, and the fold of each."""

    fast: Floats
    deep: Floats
    folds: NDArray[np.int_]


def save_held_out(held: HeldOut, folder: Path, messages: Sequence[str]) -> None:
    """Write held-out scores to `folder`, with the ids of the messages in order."""
    np.savez_compressed(
        folder / FILE,
        fast=held.fast.astype(np.float16),
        deep=held.deep.astype(np.float16),
        folds=held.folds.astype(np.int8),
        messages=np.array(messages),
    )


def load_held_out(folder: Path, messages: Sequence[str]) -> HeldOut:
    """Return the held-out scores in `folder`.

    Raises:
        ModelError: there are none, or they are of another corpus.
    """
    try:
        with np.load(folder / FILE, allow_pickle=False) as npz:
            if npz["messages"].tolist() != list(messages):
                raise ModelError(
                    "The deep tier was tuned on another corpus.",
                    todo="Run `socialdesk train --deep`.",
                )
            return HeldOut(
                npz["fast"].astype(np.float64),
                npz["deep"].astype(np.float64),
                npz["folds"].astype(np.int_),
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The held-out scores cannot be read: {error}.") from error


def joined(studied: Study, held: HeldOut, some: NDArray[np.int_], version: str) -> Joint:
    """Return how the tiers are joined, by the held-out scores of `some` of the messages."""
    fast, deep, truth = held.fast[some], held.deep[some], studied.truth[some]
    floors = [studied.floors[at] for at in some]
    harmless = np.array([studied.examples[at].category in HARMLESS for at in some])
    first = calibrated(fast, truth, floors)
    weights = fitted_weights(fast, deep, truth)
    primary = [int(row.argmax()) for row in truth[:, len(YES_NO) :]]
    share = best_share(fast, deep, primary)
    joint = Joint(version, weights, share, {}, _first(first, fast, floors, harmless))
    sure = logistic(joint.log_odds(fast, deep))
    sure[:, 1:4] = np.maximum.accumulate(sure[:, 1:4], axis=1)
    return Joint(version, weights, share, _promised(sure, truth), joint.first)


def _promised(sure: Floats, truth: NDArray[np.bool_]) -> Thresholds:
    found = {name: for_balance(sure[:, head], truth[:, head]) for head, name in enumerate(YES_NO)}
    for at, level in enumerate(AT_LEAST, 1):
        found[f"urgency:{level}"] = for_promise(sure[:, at], truth[:, at], PROMISED_RECALL[level])
    return found


def _first(
    calibration: Calibration,
    fast: Floats,
    floors: Sequence[Urgency],
    harmless: NDArray[np.bool_],
) -> Thresholds:
    """Return what the fast tier flags at while the deep tier stands behind it."""
    sure = calibration.probabilities(fast, floors)
    found = dict(calibration.thresholds)
    for at, level in enumerate(AT_LEAST, 1):
        if level in FIRST_ALARMS:
            found[f"urgency:{level}"] = for_alarms(sure[:, at], harmless, FIRST_ALARMS[level])
    return found


@dataclass(frozen=True)
class JointAnswers:
    """What both tiers together say of held-out messages: as the shipped pair would say it."""

    sure: Floats
    flagged: NDArray[np.bool_]
    levels: list[Urgency]
    primary: NDArray[np.int_]


def joint_answers(studied: Study, held: HeldOut) -> JointAnswers:
    """Return what both tiers say of each message, joined by the messages of the other folds."""
    count = len(studied.examples)
    sure = np.zeros((count, len(YES_NO)))
    flagged = np.zeros(sure.shape, dtype=np.bool_)
    levels = [Urgency.NONE] * count
    primary = np.zeros(count, dtype=np.int_)
    for fold in sorted(set(held.folds.tolist())):
        some, rest = np.flatnonzero(held.folds == fold), np.flatnonzero(held.folds != fold)
        joint = joined(studied, held, rest, "held-out")
        fast, deep = held.fast[some], held.deep[some]
        floors = [studied.floors[at] for at in some]
        first = calibrated(
            held.fast[rest], studied.truth[rest], [studied.floors[at] for at in rest]
        )
        alone = first.probabilities(fast, floors)
        both = logistic(joint.log_odds(fast, deep))
        for place, floor in enumerate(floors):
            if floor is not Urgency.NONE:
                least = max(first.raised[floor], joint.thresholds[f"urgency:{floor}"])
                both[place, 1 + floor.rank : 4] = np.maximum(both[place, 1 + floor.rank : 4], least)
        both[:, 1:4] = np.maximum.accumulate(both[:, 1:4], axis=1)
        sure[some] = both
        flagged[some] = both >= np.array([joint.thresholds[name] for name in YES_NO])
        primary[some] = joint.primaries(fast, deep)
        for place, at in enumerate(some):
            said = decide(both[place, 1:4].tolist(), joint.thresholds)
            before = decide(alone[place, 1:4].tolist(), joint.first)
            levels[at] = min(said, before, key=lambda one: one.rank)
    return JointAnswers(sure, flagged, levels, primary)
