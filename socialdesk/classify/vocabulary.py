"""The features a model knows, with their weights, and the rows they make.

A row is what one part of a message adds to every head at once, with the square of its own length
in the last column: scoring a batch is then one sparse product over known rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from socialdesk.classify.features import LETTER_WEIGHT, letters

Floats = NDArray[np.float32]
_GROWTH = 8192
_MOST_ROWS = 80_000


@dataclass(frozen=True)
class Vocabulary:
    """Feature keys in order, and each one's rarity weight (smoothed idf)."""

    index: dict[str, int]
    rarity: Floats

    def features(self, part: str) -> list[tuple[int, float]]:
        """Return (feature, value) for everything one part of a message counts as."""
        found = []
        at = self.index.get(part)
        if at is not None:
            found.append((at, float(self.rarity[at])))
        if part.startswith("w:"):
            for key in letters(part[2:]):
                at = self.index.get(key)
                if at is not None:
                    found.append((at, LETTER_WEIGHT * float(self.rarity[at])))
        return found

    def matrix(self, messages: Sequence[Iterable[str]]) -> csr_matrix:
        """Return messages × features, each message scaled by the lengths of its parts."""
        values: list[float] = []
        columns: list[int] = []
        ends = [0]
        for message in messages:
            square = 0.0
            begun = len(values)
            for part in message:
                for at, value in self.features(part):
                    columns.append(at)
                    values.append(value)
                    square += value * value
            scale = 1.0 / max(square, 1.0) ** 0.5
            values[begun:] = [value * scale for value in values[begun:]]
            ends.append(len(values))
        shape = (len(messages), len(self.index))
        return csr_matrix((np.array(values), np.array(columns), np.array(ends)), shape=shape)


class Rows:
    """Rows of parts, made when first met and kept; bounded, so strange words cannot fill memory."""

    def __init__(self, vocabulary: Vocabulary, weights: Floats) -> None:
        self._vocabulary = vocabulary
        self._weights = weights
        self._reset()

    def _reset(self) -> None:
        self.at: dict[str, int] = {}
        self._next = 0
        self.table: Floats = np.zeros((_GROWTH, self._weights.shape[1] + 1), dtype=np.float32)

    def make_room(self) -> None:
        """Forget every row when there are too many; call between batches only."""
        if len(self.at) > _MOST_ROWS:
            self._reset()

    def add(self, part: str) -> int:
        """Return the row of a part not met before; -1 when it weighs nothing."""
        features = self._vocabulary.features(part)
        if not features:
            self.at[part] = -1
            return -1
        row = self._next
        if row >= len(self.table):
            spare = np.zeros((len(self.table), self.table.shape[1]), dtype=np.float32)
            self.table = np.vstack([self.table, spare])
        for at, value in features:
            self.table[row, :-1] += value * self._weights[at]
            self.table[row, -1] += value * value
        self.at[part] = row
        self._next = row + 1
        return row

    def scores(self, messages: Sequence[Iterable[str]]) -> Floats:
        """Return messages × heads: the sum of each message's rows over its length."""
        self.make_room()
        columns: list[int] = []
        ends = [0]
        known = self.at
        for message in messages:
            for part in message:
                row = known.get(part)
                if row is None:
                    row = self.add(part)
                if row >= 0:
                    columns.append(row)
            ends.append(len(columns))
        ones = np.ones(len(columns), dtype=np.float32)
        shape = (len(messages), len(self.table))
        total = (
            csr_matrix((ones, np.array(columns, dtype=np.int32), ends), shape=shape) @ self.table
        )
        length = np.sqrt(np.maximum(total[:, -1:], 1.0))
        result: Floats = total[:, :-1] / length
        return result

    def rows(self, message: Iterable[str]) -> Floats:
        """Return the rows of one message's parts, in order; zeros for those that weigh nothing."""
        self.make_room()
        found = [self.at[part] if part in self.at else self.add(part) for part in message]
        picked: Floats = self.table[found]
        picked[[at for at, row in enumerate(found) if row < 0]] = 0.0
        return picked
