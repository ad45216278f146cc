from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.classify.artefact import load
from socialdesk.classify.assessment import Urgency
from socialdesk.classify.lexicon import Lexicon, read_lexicon
from socialdesk.classify.model import Model
from socialdesk.core.errors import ConfigError
from socialdesk.core.shipped import shipped

RULES = read_lexicon(shipped("config") / "lexicon.yaml").rules
PHRASES = ["he has got a knife", "not breathing", "nice weather", "house is on fire", "lol", "toy",
           "my daughter has not come home", "is it open", "took all my tablets", "."]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PHRASES), max_size=5).map(" ".join) | st.text(max_size=80))
def test_danger_phrases_only_ever_raise(text: str) -> None:
    with_, without = _with(), _without()
    raised, bare = with_.assess([text])[0], without.assess([text])[0]
    assert raised.urgency.rank <= bare.urgency.rank
    assert raised.urgency_scores[Urgency.IMMEDIATE] >= bare.urgency_scores[Urgency.IMMEDIATE] - 1e-9
    assert raised.possible_crime == bare.possible_crime


_MODELS: dict[str, Model] = {}


def _with() -> Model:
    return _MODELS.setdefault("with", Model(load(shipped("models")), RULES))


def _without() -> Model:
    return _MODELS.setdefault("without", Model(load(shipped("models")), ()))


def test_a_gap_a_choice_and_an_anchor_match_as_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "lexicon.yaml"
    file.write_text(
        "spelling: {}\nconcepts: {blade: [knife, sword]}\n"
        "danger:\n- {id: one, urgency: priority, unless: [toy],\n"
        "   phrases: ['^ (he|she) * @blade $']}\n"
    )
    lexicon = Lexicon(read_lexicon(file).rules)
    assert lexicon.floor(["he", "has", "a", "sword"]) is Urgency.PRIORITY
    assert lexicon.floor(["she", "knife"]) is Urgency.PRIORITY
    assert lexicon.floor(["he", "a", "b", "c", "d", "knife"]) is Urgency.NONE
    assert lexicon.floor(["so", "he", "has", "a", "sword"]) is Urgency.NONE
    assert lexicon.floor(["he", "toy", "sword"]) is Urgency.NONE


def test_a_broken_lexicon_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "lexicon.yaml"
    file.write_text(
        "spelling: {}\nconcepts: {}\ndanger:\n- {id: one, urgency: soon, phrases: [a]}\n"
    )
    with pytest.raises(ConfigError, match="soon"):
        read_lexicon(file)
