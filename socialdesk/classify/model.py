"""The model: reads messages in batches, says what they mean, and can say why.

Steps: fold the disguise, cut to words, sum what the parts weigh, calibrate, keep the three urgency
answers in order, let danger phrases raise them, and never let an unreadable message sink to none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.answer import Terms, answered
from socialdesk.classify.artefact import Artefact
from socialdesk.classify.assessment import Assessment, Reason, Urgency
from socialdesk.classify.calibrate import logistic
from socialdesk.classify.explain import Explanation, merged, original_span, reasons_of
from socialdesk.classify.features import concept_index, parts, pieces
from socialdesk.classify.heads import (
    HEADS,
    PRIMARY_AT,
    URGENCY_AT,
    YES_NO,
)
from socialdesk.classify.language import hint
from socialdesk.classify.lexicon import Lexicon, Rule
from socialdesk.classify.normalise import normalise
from socialdesk.classify.thresholds import Thresholds
from socialdesk.classify.tokens import Tokenizer
from socialdesk.classify.vocabulary import Rows

BATCH = 512
"""Messages scored together; more gains nothing and holds more memory."""

FEWEST_WORDS = 2
"""Fewer words than this say too little to be called harmless."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What messages score: messages × heads, and the least urgency each may be given."""

    scores: Floats
    floors: list[Urgency]


def worst_of_pieces(scores: Floats, owners: NDArray[np.int_], count: int) -> Floats:
    """Return messages × heads from pieces × heads.

    A long message is as dangerous as its most dangerous piece: padding hides nothing. Its primary
    category is that piece's.

    Args:
        owners: the message that each piece is of.
    """
    if len(owners) == count:
        return scores
    whole = np.full((count, len(HEADS)), -np.inf)
    np.maximum.at(whole, owners, scores)
    for piece in np.argsort(scores[:, URGENCY_AT.start + 1], kind="stable"):
        whole[owners[piece], PRIMARY_AT] = scores[piece, PRIMARY_AT]
    return whole


class Model:
    """A trained model behind the `Assessor` door; safe to share between threads."""

    def __init__(self, artefact: Artefact, rules: Sequence[Rule]) -> None:
        self._artefact = artefact
        self.terms = Terms(artefact.version, artefact.thresholds, artefact.raised)
        self._tokenizer = Tokenizer(artefact.spelling)
        self._concepts = concept_index(artefact.concepts)
        self._rows = Rows(artefact.vocabulary, artefact.weights)
        self._lexicon = Lexicon(rules)
        self._lock = Lock()
        self._slopes = artefact.slopes.astype(np.float64)
        self._offsets = artefact.offsets.astype(np.float64)

    @property
    def model(self) -> str:
        """Version of the model, as recorded with every assessment."""
        return self._artefact.version

    def flag_at(self, thresholds: Thresholds) -> None:
        """Flag at other thresholds than those that the model was trained with."""
        self.terms = replace(self.terms, thresholds=thresholds)

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return one assessment a text, in order; never raises for any text."""
        found: list[Assessment] = []
        with self._lock:
            for at in range(0, len(texts), BATCH):
                found += self._batch(texts[at : at + BATCH])
        return found

    def _batch(self, texts: Sequence[str]) -> list[Assessment]:
        read = self._read(texts)
        sure = logistic(read.scores[:, : len(YES_NO)] * self._slopes + self._offsets)
        primary = read.scores[:, PRIMARY_AT].argmax(axis=1)
        return [
            answered(sure[at], int(primary[at]), read.floors[at], self.terms)
            for at in range(len(texts))
        ]

    def read(self, texts: Sequence[str]) -> "Reading":
        """Return what each of `texts` scores before calibration, for those who join tiers."""
        with self._lock:
            some = [self._read(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        if not some:
            return Reading(np.zeros((0, len(HEADS))), [])
        return Reading(
            np.vstack([one.scores for one in some]), [f for one in some for f in one.floors]
        )

    def _read(self, texts: Sequence[str]) -> "Reading":
        messages: list[list[str]] = []
        owners: list[int] = []
        floors: list[Urgency] = []
        for at, text in enumerate(texts):
            words = self._tokenizer.words(normalise(text).text)
            floors.append(self._floor(words, text))
            for first, last in pieces(words):
                messages.append(list(parts(words[first:last], text, self._concepts)))
                owners.append(at)
        scores = self._rows.scores(messages).astype(np.float64) + self._artefact.intercepts
        return Reading(worst_of_pieces(scores, np.array(owners), len(texts)), floors)

    def _floor(self, words: Sequence[str], text: str) -> Urgency:
        """Return the least urgency a message may be given, whatever the model says."""
        floor = self._lexicon.floor(words)
        if floor is Urgency.NONE and (
            len(words) < FEWEST_WORDS or hint(text) in {"welsh", "other", "unknown"}
        ):
            return Urgency.ROUTINE
        return floor

    def explanation(self, text: str, head: str) -> Explanation:
        """Return the answer of one yes-or-no head (see heads.YES_NO) taken apart exactly.

        A long message is explained by the piece that scored highest.
        """
        column = YES_NO.index(head)
        folded = normalise(text)
        located = self._tokenizer.located(folded.text)
        slope, offset = float(self._slopes[column]), float(self._offsets[column])
        begin = slope * float(self._artefact.intercepts[column]) + offset
        best: Explanation | None = None
        for first, last in pieces(located.words):
            weighed = {
                part: (start + first, end + first)
                for part, (start, end) in parts(
                    located.words[first:last], text, self._concepts
                ).items()
            }
            with self._lock:
                rows = self._rows.rows(weighed)
            length = float(np.sqrt(max(float(rows[:, -1].sum()), 1.0)))
            weights = (slope * rows[:, column].astype(np.float64) / length).tolist()
            log_odds = begin + sum(weights)
            if best is None or log_odds > best.log_odds:
                reasons = reasons_of(head, weighed, weights, folded, located)
                best = Explanation(head, begin, reasons, log_odds)
        return best or Explanation(head, begin, [], begin)

    def explain(self, text: str, limit: int = 8) -> list[Reason]:
        """Return the spans that weighed most for the flags `assess` raises, heaviest first.

        A reason whose label begins "danger:" is a phrase of config/lexicon.yaml that raised the
        urgency; its weight is the log-odds it asks for.
        """
        said = self.assess([text])[0]
        heads = [f"category:{said.category}"]
        if said.possible_crime >= self.terms.thresholds["possible_crime"]:
            heads.append("possible_crime")
        if said.urgency is not Urgency.NONE:
            heads.append(f"urgency:{said.urgency}")
        found = [reason for head in heads for reason in self.explanation(text, head).reasons]
        return merged([*found, *self._dangers(text)], limit)

    def _dangers(self, text: str) -> list[Reason]:
        folded = normalise(text)
        located = self._tokenizer.located(folded.text)
        found = []
        for hit in self._lexicon.hits(located.words):
            lent = self._artefact.raised[hit.rule.urgency]
            start, end = original_span(folded, located, hit.start, hit.end)
            weight = float(np.log(lent / (1 - lent))) if lent < 1 else 9.0
            found.append(Reason(start, end, f"danger:{hit.rule.name}", max(weight, 0.1)))
        return found
