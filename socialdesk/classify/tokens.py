"""Words of a normalised text, cut by spaCy's English tokenizer: the one place spaCy is loaded.

spaCy cuts each stretch between spaces by itself, so a stretch's cut is remembered and spaCy is
asked only for stretches not seen before: the same words, many times faster. The one difference
found: a face such as ";d" or ":(" glued to other marks may be cut otherwise than in a whole text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_STRETCH = re.compile(r"\S+")
_REMEMBERED = 60_000
_CANON = {"nt": "not", "n't": "not", "ca": "can", "wo": "will", "'s": "s", "'m": "am", "'re": "are",
          "'ve": "have", "'ll": "will", "'d": "would"}  # fmt: skip

Cut = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order, with their spans in the text they were cut from."""

    words: list[str]
    spans: list[tuple[int, int]]


class Tokenizer:
    """Cuts normalised text to words, each in one spelling.

    Args:
        spelling: text-speak and common misspellings, each with the word it stands for.
    """

    def __init__(self, spelling: Mapping[str, str]) -> None:
        from spacy import blank  # noqa: PLC0415 loads in 1 s: only a process that scores pays

        self._nlp = blank("en")
        self._spelling = _CANON | dict(spelling)
        self._cuts: dict[str, Cut] = {}

    def _cut(self, stretch: str) -> Cut:
        with self._nlp.memory_zone():
            cut = tuple(
                (word, token.idx, token.idx + len(token.text))
                for token in self._nlp.make_doc(stretch)
                for word in self._spelling.get(token.text, token.text).split()
            )
        if len(self._cuts) >= _REMEMBERED:
            self._cuts.clear()
        self._cuts[stretch] = cut
        return cut

    def words(self, text: str) -> list[str]:
        """Return the words of `text`."""
        cuts = self._cuts
        return [
            part[0] for stretch in text.split() for part in cuts.get(stretch) or self._cut(stretch)
        ]

    def located(self, text: str) -> Words:
        """Return the words of `text` with their spans."""
        words: list[str] = []
        spans: list[tuple[int, int]] = []
        for match in _STRETCH.finditer(text):
            for word, start, end in self._cuts.get(match[0]) or self._cut(match[0]):
                words.append(word)
                spans.append((match.start() + start, match.start() + end))
        return Words(words, spans)

    def phrase(self, text: str) -> Sequence[str]:
        """Return the words a phrase of our own files is matched by."""
        return self.words(text.lower())
