"""What the model counts in a message: words, word pairs, letters inside words, ideas, shape.

A message's parts are a dictionary from key to the words it spans. A word's own part carries its
letters with it, so that everything a message weighs is a sum over its parts and can be explained
by them exactly. Ideas (`concepts` in config/lexicon.yaml) let "machete" speak for "kitchen knife".
"""

from collections.abc import Mapping, Sequence

LETTER_WEIGHT = 0.35
"""How much letters inside words count beside the words themselves."""

PAIR_REACH = 7
"""Words apart at which two ideas still count as said together."""

MOST_WORDS = 120
"""Words read as one piece; a longer message is read in overlapping pieces."""

PIECE_STEP = 90

Parts = dict[str, tuple[int, int]]
Concepts = Mapping[str, tuple[str, ...]]


def concept_index(concepts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return word → ideas it stands for, from idea → words."""
    index: dict[str, list[str]] = {}
    for idea, words in concepts.items():
        for word in words:
            index.setdefault(word, []).append(idea)
    return {word: tuple(ideas) for word, ideas in index.items()}


def pieces(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the spans of words in which a message is read: one unless it is long."""
    if len(words) <= MOST_WORDS:
        return [(0, len(words))]
    return [(at, min(at + MOST_WORDS, len(words))) for at in range(0, len(words), PIECE_STEP)]


def _shape(original: str, count: int) -> list[str]:
    size = next((name for name, top in _SIZES if count <= top), "endless")
    marks = [f"s:{size}"]
    if "?" in original:
        marks.append("s:question")
    if "!" in original:
        marks.append("s:exclaim")
    if len(original) > 12 and original.isupper():
        marks.append("s:shouting")
    if "\n" in original:
        marks.append("s:lines")
    return marks


_SIZES = (("one", 1), ("few", 3), ("short", 8), ("middling", 18), ("long", 40), ("very_long", 120))


def _age(word: str) -> tuple[str, ...]:
    """Return the idea a bare number stands for when it may be a child's age."""
    if word.isdigit() and len(word) <= 2 and word.isascii():
        return ("childs_number",) if 2 <= int(word) <= 17 else ("number",)
    return ()


def parts(words: Sequence[str], original: str, concepts: Concepts) -> Parts:
    """Return every part of a message, each with the first span of words it covers.

    Args:
        words: as the tokenizer gave them.
        original: the message as received; only its shape is read.
        concepts: word → ideas.
    """
    found: Parts = {}
    recent: list[tuple[int, str]] = []
    before = "^"
    for at, word in enumerate(words):
        found.setdefault("w:" + word, (at, at + 1))
        found.setdefault(f"b:{before} {word}", (max(at - 1, 0), at + 1))
        before = word
        ideas = concepts.get(word) or (_age(word) if word[0] <= "9" else ())
        for idea in ideas:
            found.setdefault("k:" + idea, (at, at + 1))
            recent = [(place, other) for place, other in recent if at - place <= PAIR_REACH]
            for place, other in recent:
                found.setdefault(f"p:{other}~{idea}", (place, at + 1))
            recent.append((at, idea))
    found.setdefault(f"b:{before} $", (max(len(words) - 1, 0), len(words)))
    for mark in _shape(original, len(words)):
        found[mark] = (0, len(words))
    return found


def letters(word: str) -> list[str]:
    """Return the letter groups of a word of four letters or more: three and four at a time."""
    if len(word) < 4 or word.endswith("token"):
        return []
    edged = f"<{word}>"
    return [f"c:{edged[at : at + size]}" for size in (3, 4) for at in range(len(edged) - size + 1)]
