from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.classify.corpus import load_corpus
from socialdesk.classify.normalise import normalise
from socialdesk.classify.tokens import Tokenizer

OURS = Tokenizer({})
WHOLE = spacy.blank("en")


def _cut_whole(text: str) -> list[tuple[int, int]]:
    return [
        (token.idx, token.idx + len(token.text))
        for token in WHOLE.make_doc(text)
        if not token.is_space
    ]


def _cut_ours(text: str) -> list[tuple[int, int]]:
    return list(dict.fromkeys(OURS.located(text).spans))


def test_cutting_stretch_by_stretch_is_what_spacy_makes_of_every_corpus_message(
    corpus_folder: Path,
) -> None:
    for example in load_corpus(corpus_folder):
        text = normalise(example.text).text
        assert _cut_ours(text) == _cut_whole(text), example.id


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abcdnt' ,!?-/0159pm\n", max_size=60))
def test_cutting_stretch_by_stretch_is_what_spacy_makes_of_any_words(text: str) -> None:
    folded = normalise(text).text
    assert _cut_ours(folded) == _cut_whole(folded)


@pytest.mark.parametrize("text", ["can't she's", "don't.", "at 5pm", "(not) breathing!!"])
def test_words_and_located_words_agree(text: str) -> None:
    assert OURS.words(text) == OURS.located(text).words
