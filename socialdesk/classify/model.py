"""The model: reads messages in batches, says what they mean, and can say why.

Steps: fold the disguise, cut to words, sum what the parts weigh, calibrate, keep the three urgency
answers in order, let danger phrases raise them, and never let an unreadable message sink to none.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.artefact import Artefact
from socialdesk.classify.assessment import Assessment, Reason, Urgency
from socialdesk.classify.calibrate import logistic
from socialdesk.classify.explain import Explanation, merged, original_span, reasons_of
from socialdesk.classify.features import concept_index, parts, pieces
from socialdesk.classify.heads import (
    CATEGORIES,
    CATEGORY_AT,
    CRIME_AT,
    PRIMARY_AT,
    URGENCIES,
    URGENCY_AT,
    VULNERABILITIES,
    VULNERABILITY_AT,
    YES_NO,
)
from socialdesk.classify.language import hint
from socialdesk.classify.lexicon import Lexicon, Rule
from socialdesk.classify.normalise import normalise
from socialdesk.classify.thresholds import decide
from socialdesk.classify.tokens import Tokenizer
from socialdesk.classify.vocabulary import Rows

BATCH = 512
"""Messages scored together; more gains nothing and holds more memory."""

FEWEST_WORDS = 2
"""Fewer words than this say too little to be called harmless."""

Floats = NDArray[np.float64]


class Model:
    """A trained model behind the `Assessor` door; safe to share between threads."""

    def __init__(self, artefact: Artefact, rules: Sequence[Rule]) -> None:
        self._artefact = artefact
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

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return one assessment a text, in order; never raises for any text."""
        found: list[Assessment] = []
        with self._lock:
            for at in range(0, len(texts), BATCH):
                found += self._batch(texts[at : at + BATCH])
        return found

    def _batch(self, texts: Sequence[str]) -> list[Assessment]:
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
        whole, primary = self._joined(scores, np.array(owners), len(texts))
        return [
            self._assessment(whole[at], int(primary[at]), floors[at]) for at in range(len(texts))
        ]

    def _joined(
        self, scores: Floats, owners: NDArray[np.int_], count: int
    ) -> tuple[Floats, NDArray[np.int_]]:
        """Return a message's probabilities and primary category from those of its pieces.

        A long message is as dangerous as its most dangerous piece: padding hides nothing.
        """
        pieces_ = logistic(scores[:, : len(YES_NO)] * self._slopes + self._offsets)
        primary = scores[:, PRIMARY_AT].argmax(axis=1)
        if len(owners) == count:
            return pieces_, primary
        whole = np.zeros((count, len(YES_NO)))
        np.maximum.at(whole, owners, pieces_)
        leading = np.zeros(count, dtype=np.int_)
        for piece in np.argsort(pieces_[:, URGENCY_AT][:, 1], kind="stable"):
            leading[owners[piece]] = primary[piece]
        return whole, leading

    def _floor(self, words: Sequence[str], text: str) -> Urgency:
        """Return the least urgency a message may be given, whatever the model says."""
        floor = self._lexicon.floor(words)
        if floor is Urgency.NONE and (
            len(words) < FEWEST_WORDS or hint(text) in {"welsh", "other", "unknown"}
        ):
            return Urgency.ROUTINE
        return floor

    def _assessment(self, row: Floats, primary: int, floor: Urgency) -> Assessment:
        at_least = self._raised(row[URGENCY_AT], floor)
        exact = [high - low for low, high in pairwise([0.0, *at_least, 1.0])]
        values = row.tolist()
        return Assessment(
            category=CATEGORIES[primary],
            categories=dict(zip(CATEGORIES, values[CATEGORY_AT], strict=True)),
            possible_crime=values[CRIME_AT],
            urgency=decide(at_least, self._artefact.thresholds),
            urgency_scores=dict(zip(URGENCIES, exact, strict=True)),
            vulnerability=dict(zip(VULNERABILITIES, values[VULNERABILITY_AT], strict=True)),
            model=self._artefact.version,
        )

    def _raised(self, at_least: Floats, floor: Urgency) -> list[float]:
        """Return the three urgency answers in order, none below what a danger phrase asks."""
        raised = at_least.tolist()
        if floor is not Urgency.NONE:
            least = max(self._artefact.raised[floor], self._artefact.thresholds[f"urgency:{floor}"])
            raised[floor.rank :] = [max(value, least) for value in raised[floor.rank :]]
        return list(accumulate(raised, max))

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
        if said.possible_crime >= self._artefact.thresholds["possible_crime"]:
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
