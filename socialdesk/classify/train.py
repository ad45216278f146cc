"""Training: corpus in, artefact out; the same corpus, lexicon and seed give the same bytes.

One balanced logistic regression a head (liblinear), calibrated and thresholded on messages whose
scenario the scoring model never saw. scikit-learn is needed here and in `evaluate`, nowhere else.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from socialdesk.classify.artefact import Artefact, save
from socialdesk.classify.assessment import Urgency
from socialdesk.classify.calibrate import logistic, platt
from socialdesk.classify.corpus import Example, fingerprint, load_corpus
from socialdesk.classify.features import concept_index, letters, parts
from socialdesk.classify.heads import AT_LEAST, CATEGORIES, HEADS, VULNERABILITIES, YES_NO
from socialdesk.classify.lexicon import Lexicon, LexiconFile, read_lexicon
from socialdesk.classify.normalise import normalise
from socialdesk.classify.thresholds import WANTED_RECALL, Thresholds, for_balance, for_recall
from socialdesk.classify.tokens import Tokenizer
from socialdesk.classify.vocabulary import Vocabulary
from socialdesk.core.shipped import shipped

Progress = Callable[[str], None]
Truth = NDArray[np.bool_]
Floats = NDArray[np.float64]
FOLDS = 5
RARELY = {"w:": 1, "c:": 4, "b:": 2, "k:": 1, "p:": 3, "s:": 1}
"""Messages a feature must occur in to be kept, by kind."""

EMPHASIS = {"k:": 1.5}
"""Ideas generalise further than the words they stand for, so they count for somewhat more."""


@dataclass(frozen=True)
class Study:
    """A corpus made ready: what was read in each message and what is true of it."""

    examples: list[Example]
    messages: list[list[str]]
    words: list[list[str]]
    truth: Truth
    floors: list[Urgency]
    lexicon: LexiconFile


def truth_of(examples: Sequence[Example]) -> Truth:
    """Return messages × heads: what is true of each."""
    rows = []
    for one in examples:
        named = {one.category, *one.also}
        rows.append(
            [
                one.possible_crime,
                *(one.urgency.rank <= level.rank for level in AT_LEAST),
                *(category in named for category in CATEGORIES),
                *(sign in one.vulnerability for sign in VULNERABILITIES),
                *(category is one.category for category in CATEGORIES),
            ]
        )
    return np.array(rows, dtype=np.bool_)


def study(examples: list[Example], lexicon: LexiconFile) -> Study:
    """Return `examples` read as the model will read them."""
    tokenizer = Tokenizer(lexicon.spelling)
    concepts = concept_index(lexicon.concepts)
    words = [tokenizer.words(normalise(one.text).text) for one in examples]
    messages = [
        list(parts(cut, one.text, concepts)) for cut, one in zip(words, examples, strict=True)
    ]
    finder = Lexicon(lexicon.rules)
    floors = [finder.floor(cut) for cut in words]
    return Study(examples, messages, words, truth_of(examples), floors, lexicon)


def vocabulary_of(messages: Sequence[Sequence[str]]) -> Vocabulary:
    """Return the features worth keeping, with smoothed idf, in a fixed order."""
    seen: Counter[str] = Counter()
    for message in messages:
        features = set(message)
        for part in message:
            if part.startswith("w:"):
                features.update(letters(part[2:]))
        seen.update(features)
    kept = sorted(key for key, count in seen.items() if count >= RARELY[key[:2]])
    rarity = [
        (np.log((1 + len(messages)) / (1 + seen[key])) + 1.0) * EMPHASIS.get(key[:2], 1.0)
        for key in kept
    ]
    scaled = np.array(rarity, dtype=np.float32) / np.float32(np.log(len(messages) + 1) + 1.0)
    return Vocabulary({key: at for at, key in enumerate(kept)}, scaled * np.float32(4.0))


def fitted(matrix: csr_matrix, truth: Truth, seed: int) -> tuple[Floats, Floats]:
    """Return weights (features × heads) and intercepts, one logistic regression a head."""
    weights = np.zeros((matrix.shape[1], len(HEADS)))
    intercepts = np.full(len(HEADS), -6.0)
    for head in range(len(HEADS)):
        if 1 < truth[:, head].sum() < len(truth) - 1:
            learner = LogisticRegression(
                solver="liblinear", C=8.0, class_weight="balanced", random_state=seed
            )
            learner.fit(matrix, truth[:, head])
            weights[:, head] = learner.coef_[0]
            intercepts[head] = learner.intercept_[0]
    return weights, intercepts


def held_out_scores(
    studied: Study, groups: Sequence[str], *, seed: int, progress: Progress, count: int = FOLDS
) -> tuple[Floats, NDArray[np.int_]]:
    """Return messages × heads scored by models that never saw the message's group, and folds."""
    scores = np.zeros(studied.truth.shape)
    folds = np.zeros(len(studied.examples), dtype=np.int_)
    splitter = GroupKFold(n_splits=count, shuffle=True, random_state=seed)
    for fold, (seen, held) in enumerate(splitter.split(studied.truth, groups=list(groups))):
        progress(f"fold {fold + 1} of {count}")
        vocabulary = vocabulary_of([studied.messages[at] for at in seen])
        weights, intercepts = fitted(
            vocabulary.matrix([studied.messages[at] for at in seen]), studied.truth[seen], seed
        )
        matrix = vocabulary.matrix([studied.messages[at] for at in held])
        scores[held] = matrix @ weights + intercepts
        folds[held] = fold
    return scores, folds


@dataclass(frozen=True)
class Calibration:
    """How held-out scores become probabilities and flags."""

    slopes: Floats
    offsets: Floats
    thresholds: Thresholds
    raised: dict[str, float]

    def probabilities(self, scores: Floats, floors: Sequence[Urgency]) -> Floats:
        """Return messages × yes-or-no heads, danger phrases and order of urgency applied."""
        found = logistic(scores[:, : len(YES_NO)] * self.slopes + self.offsets)
        for at, floor in enumerate(floors):
            if floor is not Urgency.NONE:
                least = max(self.raised[floor], self.thresholds.get(f"urgency:{floor}", 0.0))
                found[at, 1 + floor.rank : 4] = np.maximum(found[at, 1 + floor.rank : 4], least)
        found[:, 1:4] = np.maximum.accumulate(found[:, 1:4], axis=1)
        return found


def calibrated(scores: Floats, truth: Truth, floors: Sequence[Urgency]) -> Calibration:
    """Return the calibration that held-out scores ask for."""
    pairs = [platt(scores[:, head], truth[:, head]) for head in range(len(YES_NO))]
    raised = {
        str(level): _precision(np.array([floor is level for floor in floors]), truth[:, 1 + at])
        for at, level in enumerate(AT_LEAST)
    }
    slopes, offsets = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    found = Calibration(slopes, offsets, {}, raised).probabilities(scores, floors)
    thresholds = {
        name: for_balance(found[:, head], truth[:, head]) for head, name in enumerate(YES_NO)
    }
    for at, level in enumerate(AT_LEAST, 1):
        thresholds[f"urgency:{level}"] = for_recall(
            found[:, at], truth[:, at], WANTED_RECALL[level]
        )
    return Calibration(slopes, offsets, thresholds, raised)


def _precision(flagged: Truth, truth: Truth) -> float:
    """Return the share of flagged messages that are true, drawn towards one half when few."""
    return float(((flagged & truth).sum() + 1) / (flagged.sum() + 2))


def version_of(examples: Sequence[Example], lexicon: Path, seed: int) -> str:
    """Return the model's version: a hash of all that training reads."""
    code = Path(__file__).parent
    modules = ("features.py", "normalise.py", "disguise.py", "tokens.py", "train.py")
    said = [fingerprint(examples), lexicon.read_text("utf-8"), str(seed)]
    said += [(code / name).read_text("utf-8") for name in modules]
    return f"sd1-{hashlib.sha256(chr(0).join(said).encode()).hexdigest()[:12]}"


def train(
    corpus_dir: Path,
    out_dir: Path,
    *,
    seed: int = 7,
    progress: Progress = lambda _: None,
    lexicon: Path | None = None,
) -> dict[str, Any]:
    """Train on `corpus_dir`/*.jsonl and write the artefact to `out_dir`; return a short report.

    Raises:
        ModelError: there is no sound corpus.
        ConfigError: the lexicon is not readable.
    """
    examples = load_corpus(corpus_dir)
    file = lexicon or shipped("config") / "lexicon.yaml"
    progress(f"reading {len(examples)} messages")
    studied = study(examples, read_lexicon(file))
    scores, _ = held_out_scores(
        studied, [one.scenario for one in examples], seed=seed, progress=progress
    )
    calibration = calibrated(scores, studied.truth, studied.floors)
    progress("fitting on every message")
    vocabulary = vocabulary_of(studied.messages)
    weights, intercepts = fitted(vocabulary.matrix(studied.messages), studied.truth, seed)
    artefact = Artefact(
        version=version_of(examples, file, seed),
        vocabulary=vocabulary,
        weights=weights.astype(np.float32),
        intercepts=intercepts.astype(np.float32),
        slopes=calibration.slopes.astype(np.float32),
        offsets=calibration.offsets.astype(np.float32),
        thresholds=calibration.thresholds,
        spelling=studied.lexicon.spelling,
        concepts=studied.lexicon.concepts,
        raised=calibration.raised,
    )
    hashes = save(artefact, out_dir)
    return {
        "model": artefact.version,
        "messages": len(examples),
        "features": len(vocabulary.index),
        "thresholds": calibration.thresholds,
        "sha256": hashes,
    }
