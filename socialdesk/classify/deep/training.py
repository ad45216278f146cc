"""Training both tiers' joint answer: held-out scores of each, then the deep tier on every message.

Held out by scenario, in the same folds for both tiers; a fold's deep tier is scored as it would
ship, by its int8 weights. The held-out scores are kept beside the model, so that anyone can measure
again without an hour of training. Needs the `training` extra.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.assessment import Urgency
from socialdesk.classify.calibrate import logistic
from socialdesk.classify.corpus import HARMLESS, fingerprint, load_corpus
from socialdesk.classify.deep.fitting import tuned, write
from socialdesk.classify.deep.tier import DeepTier
from socialdesk.classify.heads import AT_LEAST, YES_NO
from socialdesk.classify.joint import (
    Joint,
    best_share,
    fitted_weights,
    save_joint,
)
from socialdesk.classify.lexicon import read_lexicon
from socialdesk.classify.thresholds import (
    FIRST_ALARMS,
    PROMISED_RECALL,
    Thresholds,
    for_alarms,
    for_balance,
    for_promise,
)
from socialdesk.classify.train import Calibration, Study, calibrated, held_out_scores, study
from socialdesk.core.shipped import shipped

Progress = Callable[[str], None]
Floats = NDArray[np.float64]
HELD_OUT = "held_out.npz"
FOLDS = 3
"""Ways to hold out: three tunings of two thirds; the shipped tier has read half as much again."""


@dataclass(frozen=True)
class HeldOut:
    """What both tiers said of messages they never saw: messages × heads, and the fold of each."""

    fast: Floats
    deep: Floats
    folds: NDArray[np.int_]


def train_deep(
    corpus_dir: Path,
    out_dir: Path,
    *,
    seed: int = 7,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Tune the deep tier on `corpus_dir`, join it to the fast tier, write both to `out_dir`/deep.

    Raises:
        ModelError: there is no sound corpus, or no authentic base model.
    """
    examples = load_corpus(corpus_dir)
    studied = study(examples, read_lexicon(shipped("config") / "lexicon.yaml"))
    held = held_out(studied, [one.scenario for one in examples], seed=seed, progress=progress)
    folder = out_dir / "deep"
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / HELD_OUT,
        fast=held.fast.astype(np.float32),
        deep=held.deep.astype(np.float32),
        folds=held.folds.astype(np.int8),
        messages=np.array([one.id for one in examples]),
    )
    progress("deep tier: tuning on every message")
    network = tuned([one.text for one in examples], studied.truth, seed, progress)
    version = f"sd2-{hashlib.sha256(f'{fingerprint(examples)} {seed}'.encode()).hexdigest()[:12]}"
    hashes = write(network, folder, version)
    joint = joined(studied, held, np.arange(len(examples)), version)
    save_joint(joint, folder)
    return {
        "model": version,
        "thresholds": joint.thresholds,
        "first": joint.first,
        "sha256": hashes,
    }


def held_out(studied: Study, groups: Sequence[str], *, seed: int, progress: Progress) -> HeldOut:
    """Return what both tiers say of each message when its group was held out."""
    fast, folds = held_out_scores(studied, groups, seed=seed, progress=progress, count=FOLDS)
    deep = np.zeros(fast.shape)
    texts = np.array([one.text for one in studied.examples], dtype=object)
    for fold in sorted(set(folds.tolist())):
        progress(f"deep tier: fold {fold + 1}")
        seen, rest = folds != fold, folds == fold
        network = tuned(texts[seen].tolist(), studied.truth[seen], seed, progress)
        with tempfile.TemporaryDirectory() as scratch:
            write(network, Path(scratch), "held-out")
            deep[rest] = DeepTier(Path(scratch), threads=2).scores(texts[rest].tolist())
    return HeldOut(fast, deep, folds)


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
