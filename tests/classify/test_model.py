import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.classify.assessment import Assessment, Urgency
from socialdesk.classify.locate import load_model
from socialdesk.classify.model import Model

SHARED = load_model()
UNMISTAKABLE = [
    "there's a man with a knife outside my house",
    "my baby is not breathing",
    "he's breaking the door down and says he is going to kill me",
    "ive taken all my tablets and i dont want to wake up",
    "the house is on fire and there are children inside",
    "two lads are stabbing someone outside the pub right now",
    "someone is in my house, i can hear them downstairs",
    "my husband is strangling my mum please hurry",
    "a man with a shotgun has walked into the bank",
    "car on its roof, driver trapped and not moving",
    "he is on the edge of the bridge and says he will jump",
    "help me please",
    ".",
    "cant talk he can hear me",
    "my son has a machete and is going to kill his brother",
    "she took an overdose and wont wake up",
    "there is blood everywhere he has been stabbed",
    "he poured petrol over her and has a lighter",
    "car driving the wrong way on the motorway",
    "he wont let me leave and he has a kn1fe",
]
FIGURATIVE = [
    "rovers absolutely destroyed us at home today",
    "my kids are going to be the death of me lol",
    "this traffic is a killer this morning",
    "dying of laughter at that advert",
    "that curry was the bomb",
    "she is drop dead gorgeous in that dress",
    "battery died halfway through the quiz",
    "shot some lovely photos of the sunset",
    "stole the show at the talent contest",
    "the new album slaps",
    "i could murder a curry tonight",
    "happy birthday to my wonderful wife",
    "what a lovely day at the beach",
    "win a free holiday, click the link https://holiday.example",
    "thank you so much to your officers, brilliant work",
    "love the police dog photos",
    "that spin class nearly finished me off haha",
    "watching the tennis with a cuppa",
    "great goal in the second half, what a match",
    "he nailed that guitar solo",
]


def _sound(said: Assessment) -> None:
    values = [said.possible_crime, *said.categories.values(), *said.vulnerability.values()]
    assert all(0.0 <= value <= 1.0 for value in [*values, *said.urgency_scores.values()])
    assert sum(said.urgency_scores.values()) == pytest.approx(1.0)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_at_all_gets_sound_probabilities(text: str) -> None:
    _sound(SHARED.assess([text])[0])


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00\x01", "\ud800\udfff", "🙄🙄", "a" * 100_000, "a " * 50_000, ")" * 100_000],
)
def test_hostile_texts_are_read_and_explained_without_raising(model: Model, text: str) -> None:
    _sound(model.assess([text])[0])
    model.explain(text)


@pytest.mark.parametrize(
    "text", ["", "??", "🙄", "hm", "მე მჭირდება დახმარება", "proszę o pomoc pani"]
)
def test_what_cannot_be_read_is_never_placed_at_none(model: Model, text: str) -> None:
    assert model.assess([text])[0].urgency is not Urgency.NONE


@pytest.mark.parametrize("text", UNMISTAKABLE)
def test_unmistakable_danger_is_immediate(model: Model, text: str) -> None:
    assert model.assess([text])[0].urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize("text", FIGURATIVE)
def test_figures_of_speech_are_not_immediate(model: Model, text: str) -> None:
    assert model.assess([text])[0].urgency is not Urgency.IMMEDIATE


def test_padding_does_not_hide_danger(model: Model) -> None:
    padding = "what a lovely day for a walk by the sea with the dog. " * 60
    said = model.assess([padding + "he has got a knife and he is going to kill me " + padding])[0]
    assert said.urgency is Urgency.IMMEDIATE


def test_a_batch_says_the_same_as_one_at_a_time(model: Model) -> None:
    texts = [*UNMISTAKABLE, *FIGURATIVE]
    for text, said in zip(texts, model.assess(texts), strict=True):
        alone = model.assess([text])[0]
        assert alone.urgency is said.urgency
        assert alone.possible_crime == pytest.approx(said.possible_crime, abs=1e-5)


@pytest.mark.parametrize("text", ["he has a kn1fe 🔪 near sw1a 1aa!", "Thanks so much\nx", "", "."])
def test_reasons_and_starting_point_sum_to_the_log_odds(model: Model, text: str) -> None:
    import math

    for head, shown in (("possible_crime", model.assess([text])[0].possible_crime),):
        told = model.explanation(text, head)
        total = told.start + sum(reason.weight for reason in told.reasons)
        assert total == pytest.approx(told.log_odds, abs=1e-6)
        assert 1 / (1 + math.exp(-total)) == pytest.approx(shown, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=120))
def test_reasons_stay_within_the_text(text: str) -> None:
    for reason in SHARED.explain(text):
        assert 0 <= reason.start <= reason.end <= len(text)


def test_the_reason_for_a_knife_is_the_knife(model: Model) -> None:
    text = "please hurry, he has got a kn1fe"
    spans = {text[reason.start : reason.end] for reason in model.explain(text)}
    assert any("kn1fe" in span for span in spans)


@pytest.mark.parametrize("module", ["socialdesk.classify", "socialdesk.classify.assessment"])
def test_importing_the_door_loads_no_library(module: str) -> None:
    heavy = "{'spacy', 'sklearn', 'numpy', 'scipy', 'skops'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_scoring_needs_no_scikit_learn() -> None:
    code = (
        "import sys\nfrom socialdesk.classify.locate import load_model\n"
        "load_model().assess(['hello'])\nprint('sklearn' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
