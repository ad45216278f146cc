"""Slips of the pen, put into messages while the deep tier is tuned, so that it reads them."""

import numpy as np

SHARE_OF_MESSAGES = 0.3
WORDS_A_SLIP = 10


def with_slips(text: str, chance: np.random.Generator) -> str:
    """Return `text`, in three cases of ten with letters lost, swapped or doubled.

    The first and last letters of a word stay: that is how people mistype.
    """
    if chance.random() >= SHARE_OF_MESSAGES:
        return text
    words = text.split(" ")
    for _ in range(max(1, len(words) // WORDS_A_SLIP)):
        at = int(chance.integers(len(words)))
        if len(words[at]) > 3:
            words[at] = _slipped(words[at], chance)
    return " ".join(words)


def _slipped(word: str, chance: np.random.Generator) -> str:
    at = int(chance.integers(1, len(word) - 2))
    kind = chance.random()
    if kind < 0.4:
        return word[:at] + word[at + 1 :]
    if kind < 0.7:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[: at + 1] + word[at:]
