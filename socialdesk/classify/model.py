"""The model: reads messages in batches, says what they mean, and can say why.

Steps: fold the disguise, cut to words, sum what the parts weigh, calibrate, keep the three urgency
answers in order, let danger phrases raise them, and never let an unreadable message sink to none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from socialdesk.classify.artefact import Artefact
from socialdesk.classify.assessment import Assessment, Reason, Urgency
from socialdesk.classify.calibrate import logistic
from socialdesk.classify.explain import (
    WHOLE,
    Explanation,
    heaviest,
    merged,
    original_span,
    reasons_of,
)
from socialdesk.classify.features import Parts, concept_index, parts, pieces
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
from socialdesk.classify.normalise import Normalised, normalise
from socialdesk.classify.thresholds import decide
from socialdesk.classify.tokens import Tokenizer, Words
from socialdesk.classify.vocabulary import Rows

BATCH = 512
"""Messages scored together; more gains nothing and holds more memory."""

FEWEST_WORDS = 2
"""Fewer words than this say too little to be called harmless."""

Floats = NDArray[np.float64]

_COLUMNS = {label: column for column, label in enumerate(YES_NO)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the model reads it: folded, and in pieces whose parts can be weighed.

    Attributes:
        begins: at which word each piece begins.
    """

    folded: Normalised
    floor: Urgency
    begins: list[int]
    pieces: list[Parts]

    def span(self, located: Words, first: int, last: int, begin: int) -> tuple[int, int]:
        """Return the span of the original that words `first` to `last` of a piece stand for."""
        if (first, last) == WHOLE:
            return 0, len(self.folded.original)
        return original_span(self.folded, located, first + begin, last + begin)


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
        return [said for said, _reasons in self._judged(texts, lambda _said: False)]

    def assess_explained(
        self, texts: Sequence[str], limit: int = 8
    ) -> list[tuple[Assessment, list[Reason]]]:
        """Return one assessment a text, with what `explain` says of those that are `flagged`."""
        return self._judged(texts, lambda said: said.flagged, limit)

    def _judged(
        self, texts: Sequence[str], wanted: Callable[[Assessment], bool], limit: int = 8
    ) -> list[tuple[Assessment, list[Reason]]]:
        found: list[tuple[Assessment, list[Reason]]] = []
        with self._lock:
            for at in range(0, len(texts), BATCH):
                batch = texts[at : at + BATCH]
                read = [self._read(text) for text in batch]
                found += [
                    (said, self._why(one, said, limit) if wanted(said) else [])
                    for one, said in zip(read, self._batch(read), strict=True)
                ]
        return found

    def _read(self, text: str) -> Reading:
        folded = normalise(text)
        words = self._tokenizer.words(folded.text)
        spans = pieces(words)
        return Reading(
            folded,
            self._floor(words, text),
            [first for first, _last in spans],
            [parts(words[first:last], text, self._concepts) for first, last in spans],
        )

    def _batch(self, read: Sequence[Reading]) -> list[Assessment]:
        messages = [piece for one in read for piece in one.pieces]
        owners = [at for at, one in enumerate(read) for _piece in one.pieces]
        scores = self._rows.scores(messages).astype(np.float64) + self._artefact.intercepts
        whole, primary = self._joined(scores, np.array(owners), len(read))
        return [
            self._assessment(whole[at], int(primary[at]), one.floor) for at, one in enumerate(read)
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
        return self._judged([text], lambda _said: True, limit)[0][1]

    def _why(self, read: Reading, said: Assessment, limit: int) -> list[Reason]:
        """Return the reasons for the flags of one assessment; the lock is held."""
        labels = [f"category:{said.category}"]
        if said.possible_crime >= self._artefact.thresholds["possible_crime"]:
            labels.append("possible_crime")
        if said.urgency is not Urgency.NONE:
            labels.append(f"urgency:{said.urgency}")
        located = self._tokenizer.located(read.folded.text)
        columns = [_COLUMNS[label] for label in labels]
        weights = [self._weights(piece, columns) for piece in read.pieces]
        leading = np.array([one.sum(axis=0) for one in weights]).argmax(axis=0).tolist()
        spans = {at: heaviest(read.pieces[at], weights[at], limit) for at in dict.fromkeys(leading)}
        found = [
            Reason(*read.span(located, first, last, read.begins[at]), label, weight)
            for head, (label, at) in enumerate(zip(labels, leading, strict=True))
            for first, last, weight in spans[at][head]
        ]
        return merged([*found, *self._dangers(read.folded, located)], limit)

    def _weights(self, piece: Parts, columns: Sequence[int]) -> Floats:
        """Return parts × heads: what each part of a piece adds to each head's log-odds."""
        rows = self._rows.rows(piece)
        length = float(np.sqrt(max(float(rows[:, -1].sum()), 1.0)))
        weights: Floats = rows[:, columns].astype(np.float64) * (self._slopes[columns] / length)
        return weights

    def _dangers(self, folded: Normalised, located: Words) -> list[Reason]:
        found = []
        for hit in self._lexicon.hits(located.words):
            lent = self._artefact.raised[hit.rule.urgency]
            start, end = original_span(folded, located, hit.start, hit.end)
            weight = float(np.log(lent / (1 - lent))) if lent < 1 else 9.0
            found.append(Reason(start, end, f"danger:{hit.rule.name}", max(weight, 0.1)))
        return found
