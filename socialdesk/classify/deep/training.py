"""Training both tiers' joint answer: held-out scores of each, then the deep tier on every message.

Held out by scenario, in the same folds for both tiers; a fold's deep tier is scored as it would
ship, by its int8 weights. The held-out scores are kept beside the model, so that anyone can measure
again without an hour of training. Needs the `training` extra.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from socialdesk.classify.corpus import fingerprint, load_corpus
from socialdesk.classify.deep.fitting import tuned, write
from socialdesk.classify.deep.joining import HeldOut, joined, save_held_out
from socialdesk.classify.deep.tier import DeepTier
from socialdesk.classify.joint import save_joint
from socialdesk.classify.lexicon import read_lexicon
from socialdesk.classify.train import Study, held_out_scores, study
from socialdesk.core.shipped import shipped

Progress = Callable[[str], None]
FOLDS = 3
"""Ways to hold out: three tunings of two thirds; the shipped tier has read half as much again."""


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
    save_held_out(held, folder, [one.id for one in examples])
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
