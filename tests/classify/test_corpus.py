from collections import Counter
from pathlib import Path

import pytest

from socialdesk.classify.assessment import Category, Urgency
from socialdesk.classify.corpus import Example, faults, load_corpus, near_duplicates


@pytest.fixture(scope="module")
def examples(corpus_folder: Path) -> list[Example]:
    return load_corpus(corpus_folder)


def test_every_example_keeps_the_labelling_rules(examples: list[Example]) -> None:
    broken = {example.id: faults(example) for example in examples if faults(example)}
    assert broken == {}


def test_ids_and_texts_are_unique(examples: list[Example]) -> None:
    assert len({example.id for example in examples}) == len(examples)
    assert len({example.text.casefold() for example in examples}) == len(examples)


def test_no_message_is_nearly_another(examples: list[Example]) -> None:
    assert list(near_duplicates(examples)) == []


def test_the_corpus_is_large_and_every_kind_is_in_it(examples: list[Example]) -> None:
    urgency = Counter(example.urgency for example in examples)
    assert len(examples) >= 5_900
    assert urgency[Urgency.IMMEDIATE] >= 600
    assert urgency[Urgency.PRIORITY] >= 900
    primary = Counter(example.category for example in examples)
    assert {category for category in Category if primary[category] < 120} == set()


def test_the_words_are_many_and_no_opening_is_worn_out(examples: list[Example]) -> None:
    words = [word for example in examples for word in example.text.lower().split()]
    runs = [words[at : at + 1_000] for at in range(0, len(words) - 999, 1_000)]
    assert min(len(set(run)) / len(run) for run in runs) > 0.4
    openings = Counter(" ".join(example.text.lower().split()[:3]) for example in examples)
    assert openings.most_common(1)[0][1] <= 8


def test_many_voices_and_situations_speak(examples: list[Example]) -> None:
    assert len({example.voice for example in examples}) >= 20
    assert len({example.scenario for example in examples}) >= 150
