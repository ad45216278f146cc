"""Both tiers together: an alarm when danger phrases, the fast tier or the deep tier fires.

A union, never a veto: no tier lowers what another raised. The probabilities are those of both
tiers joined and calibrated together.
"""

from collections.abc import Sequence
from dataclasses import replace

from socialdesk.classify.answer import Terms, answered
from socialdesk.classify.assessment import Assessment, Reason, Urgency
from socialdesk.classify.calibrate import logistic
from socialdesk.classify.deep.tier import DeepTier
from socialdesk.classify.explain import merged
from socialdesk.classify.heads import URGENCY_AT
from socialdesk.classify.joint import Joint
from socialdesk.classify.model import Model

MOST_LEFT_OUT = 60
"""Words of a message left out one by one to find what the deep tier went by."""

Span = tuple[int, int]


class TwoTiers:
    """The fast and the deep tier behind the `Assessor` door."""

    def __init__(self, fast: Model, deep: DeepTier, joint: Joint) -> None:
        self.fast = fast
        self._deep = deep
        self._joint = joint
        self._terms = Terms(joint.version, joint.thresholds, fast.terms.raised)

    @property
    def model(self) -> str:
        """Version of both tiers together, as recorded with every assessment."""
        return self._joint.version

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return one assessment a text, in order; never raises for any text."""
        if not texts:
            return []
        first = self.fast.read(texts)
        deep = self._deep.scores(texts)
        sure = logistic(self._joint.log_odds(first.scores, deep))
        primary = self._joint.primaries(first.scores, deep)
        alone = self.fast.assess(texts)
        both = [
            answered(sure[at], int(primary[at]), first.floors[at], self._terms)
            for at in range(len(texts))
        ]
        return [_raised(one, said.urgency) for one, said in zip(both, alone, strict=True)]

    def explain(self, text: str, limit: int = 8) -> list[Reason]:
        """Return the spans that weighed most: exact for the fast tier, by leaving out for the deep.

        A reason whose label begins "deep:" says how far the deep tier's log-odds of that urgency
        fall when its words are left out.
        """
        (said,) = self.assess([text])
        reasons = self.fast.explain(text, limit)
        if said.urgency is not Urgency.NONE:
            reasons += self._left_out(text, said.urgency)
        return merged(reasons, limit)

    def _left_out(self, text: str, urgency: Urgency) -> list[Reason]:
        spans = _words(text)
        without = [text[:start] + text[end:] for start, end in spans]
        head = URGENCY_AT.start + urgency.rank
        scores = self._deep.scores([text, *without])[:, head]
        return [
            Reason(start, end, f"deep:urgency:{urgency}", float(scores[0] - left))
            for (start, end), left in zip(spans, scores[1:], strict=True)
            if scores[0] > left
        ]


def _words(text: str) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for word in text.split()[:MOST_LEFT_OUT]:
        start = text.index(word, at)
        at = start + len(word)
        spans.append((start, at))
    return spans


def _raised(said: Assessment, urgency: Urgency) -> Assessment:
    """Return `said`, no less urgent than `urgency`."""
    return replace(said, urgency=min(said.urgency, urgency, key=lambda one: one.rank))
