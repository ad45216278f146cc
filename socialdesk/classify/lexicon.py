"""Danger phrases that only ever raise urgency, from config/lexicon.yaml.

A phrase is words in order. `(a|b)` is a choice, `@idea` any word of a concept, `*` up to three
words between, `^` and `$` the message's beginning and end. A rule's `unless` words (jokes, games)
hold it back; nothing in this file can lower what the model said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import ConfigError

GAP = 3
"""Words that `*` may stand for, at most."""

_PIECE = re.compile(r"\([^)]*\)|\S+")
Choice = frozenset[str]
_GAP: Choice = frozenset({"*"})
_END: Choice = frozenset({"$"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One danger: the least urgency it asks for and the phrases that show it."""

    name: str
    urgency: Urgency
    phrases: tuple[tuple[Choice, ...], ...]
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A danger phrase found: words `start` to `end` (end not included)."""

    rule: Rule
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LexiconFile:
    """config/lexicon.yaml as read: spellings and ideas for training, rules for every run."""

    spelling: dict[str, str]
    concepts: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...]


class Lexicon:
    """Finds danger phrases among words."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._by_first: dict[str, list[tuple[Rule, tuple[Choice, ...], bool]]] = {}
        for rule in rules:
            for phrase in rule.phrases:
                anchored = phrase[0] == frozenset({"^"})
                body = phrase[1:] if anchored else phrase
                for word in sorted(body[0]):
                    self._by_first.setdefault(word, []).append((rule, body, anchored))

    def hits(self, words: Sequence[str]) -> Iterator[Hit]:
        """Yield every danger phrase found, in order of where it begins."""
        for at, word in enumerate(words):
            for rule, phrase, anchored in self._by_first.get(word, ()):
                if anchored and at:
                    continue
                end = _match(phrase, 1, words, at + 1)
                if end and not rule.unless.intersection(words[max(at - 12, 0) : end + 12]):
                    yield Hit(rule, at, end)

    def floor(self, words: Sequence[str]) -> Urgency:
        """Return the most urgent level any phrase asks for; NONE when there is none."""
        return min((hit.rule.urgency for hit in self.hits(words)), key=_rank, default=Urgency.NONE)


def _rank(urgency: Urgency) -> int:
    return urgency.rank


def _match(phrase: Sequence[Choice], step: int, words: Sequence[str], at: int) -> int:
    """Return where the rest of `phrase` ends among `words` from `at`, or 0."""
    if step == len(phrase):
        return at
    wanted = phrase[step]
    if wanted is _GAP:
        ends = (_match(phrase, step + 1, words, at + skip) for skip in range(GAP + 1))
        return next((end for end in ends if end), 0)
    if wanted == _END:
        return at if at == len(words) else 0
    if at < len(words) and words[at] in wanted:
        return _match(phrase, step + 1, words, at + 1)
    return 0


def _choices(piece: str, concepts: Mapping[str, Sequence[str]], where: str) -> Choice:
    if piece == "*":
        return _GAP
    words: set[str] = set()
    for word in piece.strip("()").split("|"):
        if not word.startswith("@"):
            words.add(word)
        elif word[1:] in concepts:
            words.update(concepts[word[1:]])
        else:
            raise ConfigError(
                f"{where}: there is no concept {word!r}.", todo="Name one in concepts:"
            )
    return frozenset(words)


def read_lexicon(path: Path) -> LexiconFile:
    """Return the lexicon in `path`.

    Raises:
        ConfigError: it cannot be read, or a rule is not as the file's own notes say.
    """
    try:
        data: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        concepts = {
            str(name): tuple(str(word) for word in words)
            for name, words in data["concepts"].items()
        }
        spelling = {str(wrong): str(right) for wrong, right in data["spelling"].items()}
        rules = tuple(_rule(entry, concepts, path.name) for entry in data["danger"])
    except (OSError, YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"{path.name} is not a lexicon: {error}.",
            todo="It needs spelling:, concepts: and danger: (id, urgency, phrases).",
        ) from error
    return LexiconFile(spelling, concepts, rules)


def _rule(entry: Mapping[str, Any], concepts: Mapping[str, Sequence[str]], file: str) -> Rule:
    name = str(entry["id"])
    phrases = tuple(
        tuple(_choices(piece, concepts, f"{file}, {name}") for piece in _PIECE.findall(str(phrase)))
        for phrase in entry["phrases"]
    )
    unless = frozenset(str(word) for word in entry.get("unless", ()))
    return Rule(name, Urgency(entry["urgency"]), phrases, unless)
