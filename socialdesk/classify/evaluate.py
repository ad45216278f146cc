"""Evaluation: what the model gets right on messages whose like it never saw, told plainly.

Every figure is from messages held out with their whole scenario (and again with their whole
voice). Calibration and thresholds for a fold come from the other folds, so neither is
chosen on the messages it is measured on (feature settings were: the card says so).
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from socialdesk.classify.artefact import MANIFEST
from socialdesk.classify.assessment import Urgency
from socialdesk.classify.calibrate import expected_error
from socialdesk.classify.card import card
from socialdesk.classify.corpus import HARMLESS, Example, load_corpus
from socialdesk.classify.deep.joining import joint_answers, load_held_out
from socialdesk.classify.heads import (
    AT_LEAST,
    CATEGORIES,
    CATEGORY_AT,
    PRIMARY_AT,
    URGENCIES,
    VULNERABILITIES,
    VULNERABILITY_AT,
    YES_NO,
)
from socialdesk.classify.lexicon import read_lexicon
from socialdesk.classify.locate import DEEP, has_deep, load_model, load_tiers
from socialdesk.classify.public import false_alarms
from socialdesk.classify.thresholds import PROMISED_RECALL, WANTED_RECALL, decide
from socialdesk.classify.train import FOLDS, Study, calibrated, held_out_scores, study
from socialdesk.core.shipped import shipped

Progress = Callable[[str], None]
Floats = NDArray[np.float64]
OTHER_SEEDS = (1, 2, 3, 4)
"""Ways to divide the scenarios, besides the seed asked for, that show how far figures wander."""

Figures = dict[str, Any]


def evaluate(
    corpus_dir: Path,
    out_dir: Path,
    *,
    seed: int = 7,
    progress: Progress = lambda _: None,
    lexicon: Path | None = None,
) -> Figures:
    """Measure the model of `out_dir` and write evaluation.json and CARD.md beside it.

    Raises:
        ModelError: no corpus, or no sound model in `out_dir`.
        ConfigError: the lexicon is not readable.
    """
    examples = load_corpus(corpus_dir)
    file = lexicon or shipped("config") / "lexicon.yaml"
    model = load_model(out_dir, lexicon=file)
    manifest = json.loads((out_dir / MANIFEST).read_text("utf-8"))
    studied = study(examples, read_lexicon(file))
    by_scenario = _measured(studied, _scenarios(examples), seed, progress)
    figures: Figures = {
        "model": model.model,
        "sha256": manifest["sha256"],
        "messages": len(examples),
        "held_out_by_scenario": by_scenario,
        "spread_between_seeds": _spread(studied, seed, by_scenario, progress),
        "wanted_recall": {str(level): share for level, share in WANTED_RECALL.items()},
        "held_out_by_voice": _measured(studied, _voices(examples), seed, progress),
        "public_chatter": false_alarms(model),
    }
    if has_deep(out_dir):
        figures["both_tiers"] = _both(studied, out_dir, lexicon=file)
    text = json.dumps(figures, indent=2, sort_keys=True) + "\n"
    (out_dir / "evaluation.json").write_text(text, "utf-8")
    (out_dir / "CARD.md").write_text(card(figures), "utf-8")
    return figures


def _both(studied: Study, out_dir: Path, *, lexicon: Path) -> Figures:
    """Return what both tiers together get right, by their held-out scores of the same corpus."""
    held = load_held_out(out_dir / DEEP, [one.id for one in studied.examples])
    said = joint_answers(studied, held)
    tiers = load_tiers(out_dir, lexicon=lexicon)
    return {
        "model": tiers.model,
        "promised_recall": {str(level): share for level, share in PROMISED_RECALL.items()},
        "held_out_by_scenario": _figures(
            studied, said.sure, said.flagged, said.levels, said.primary
        ),
        "public_chatter": false_alarms(tiers),
    }


def _spread(studied: Study, seed: int, first: Figures, progress: Progress) -> Figures:
    """Return the least and most of the two figures that officers feel, over five divisions."""
    groups = _scenarios(studied.examples)
    others = [_measured(studied, groups, other, progress) for other in OTHER_SEEDS if other != seed]
    urgencies = [one["urgency"] for one in (first, *others)]
    recalls = [one["at_least_immediate"]["recall"] for one in urgencies]
    alarms = [one["alarms_per_1000_harmless"]["immediate"] for one in urgencies]
    return {
        "divisions": len(urgencies),
        "immediate_recall": [min(recalls), max(recalls)],
        "harmless_placed_immediate_per_1000": [min(alarms), max(alarms)],
    }


def _scenarios(examples: Sequence[Example]) -> list[str]:
    return [one.scenario for one in examples]


def _voices(examples: Sequence[Example]) -> list[str]:
    return [one.voice for one in examples]


def _measured(studied: Study, groups: Sequence[str], seed: int, progress: Progress) -> Figures:
    scores, folds = held_out_scores(studied, groups, seed=seed, progress=progress)
    sure = np.zeros((len(scores), len(YES_NO)))
    flagged = np.zeros(sure.shape, dtype=np.bool_)
    levels: list[Urgency] = [Urgency.NONE] * len(scores)
    for fold in range(FOLDS):
        held, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        calibration = calibrated(
            scores[rest], studied.truth[rest], [studied.floors[at] for at in rest]
        )
        sure[held] = calibration.probabilities(scores[held], [studied.floors[at] for at in held])
        limits = np.array([calibration.thresholds[name] for name in YES_NO])
        flagged[held] = sure[held] >= limits
        for at in held:
            levels[at] = decide(sure[at, 1:4].tolist(), calibration.thresholds)
    said = scores[:, PRIMARY_AT].argmax(axis=1)
    return {"groups": len(set(groups)), **_figures(studied, sure, flagged, levels, said)}


def _figures(
    studied: Study,
    sure: Floats,
    flagged: NDArray[np.bool_],
    levels: Sequence[Urgency],
    primary: NDArray[np.int_],
) -> Figures:
    return {
        "possible_crime": _head(sure[:, 0], flagged[:, 0], studied.truth[:, 0]),
        "urgency": _urgency(sure, levels, studied),
        "category": _categories(primary, sure, flagged, studied),
        "vulnerability": {
            sign: _head(sure[:, at], flagged[:, at], studied.truth[:, at])
            for sign, at in zip(VULNERABILITIES, range(*VULNERABILITY_AT.indices(99)), strict=False)
        },
    }


def _head(sure: Floats, flagged: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Figures:
    both = float((flagged & truth).sum())
    precision = both / max(float(flagged.sum()), 1.0)
    recall = both / max(float(truth.sum()), 1.0)
    mixed = 0 < truth.sum() < len(truth)
    return {
        "count": int(truth.sum()),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
        "auc": round(float(roc_auc_score(truth, sure)), 4) if mixed else None,
        "average_precision": round(float(average_precision_score(truth, sure)), 4)
        if mixed
        else None,
        "calibration_error": round(expected_error(sure, truth), 4),
    }


def _urgency(sure: Floats, levels: Sequence[Urgency], studied: Study) -> Figures:
    ranks = np.array([level.rank for level in levels])
    true_ranks = np.array([one.urgency.rank for one in studied.examples])
    harmless = np.array([one.category in HARMLESS for one in studied.examples])
    figures: Figures = {
        f"at_least_{level}": _head(sure[:, 1 + at], ranks <= at, studied.truth[:, 1 + at])
        for at, level in enumerate(AT_LEAST)
    }
    figures["alarms_per_1000_harmless"] = {
        str(level): round(1000 * float((ranks[harmless] <= at).mean()), 1)
        for at, level in enumerate(AT_LEAST)
    }
    figures["confusion"] = {
        str(true): {
            str(said): int(((true_ranks == true.rank) & (ranks == said.rank)).sum())
            for said in URGENCIES
        }
        for true in URGENCIES
    }
    danger = true_ranks == 0
    figures["immediate_placed_priority_or_higher"] = round(float((ranks[danger] <= 1).mean()), 4)
    figures["immediate_placed_none"] = int((ranks[danger] == Urgency.NONE.rank).sum())
    return figures


def _categories(
    said: NDArray[np.int_], sure: Floats, flagged: NDArray[np.bool_], studied: Study
) -> Figures:
    true = np.array([CATEGORIES.index(one.category) for one in studied.examples])
    heads = {
        str(category): _head(
            sure[:, CATEGORY_AT][:, at],
            flagged[:, CATEGORY_AT][:, at],
            studied.truth[:, CATEGORY_AT][:, at],
        )
        for at, category in enumerate(CATEGORIES)
    }
    return {
        "primary_accuracy": round(float((said == true).mean()), 4),
        "macro_f1_of_primary": round(float(f1_score(true, said, average="macro")), 4),
        "macro_f1": round(float(np.mean([head["f1"] for head in heads.values()])), 4),
        "heads": heads,
    }
