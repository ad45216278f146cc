import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.classify.normalise import normalise

ANYTHING = st.text(alphabet=st.characters(), max_size=300) | st.text(
    alphabet="ab0134@$ .-k\u200b🔪éА", max_size=300
)


@settings(deadline=None)
@given(ANYTHING)
def test_every_span_points_into_the_original(text: str) -> None:
    folded = normalise(text)
    for start in range(0, len(folded.text), 7):
        first, last = folded.span(start, min(start + 5, len(folded.text)))
        assert 0 <= first <= last <= len(text)


@pytest.mark.parametrize(
    ("written", "word", "original"),
    [
        ("he has a kn1fe!", "knife", "kn1fe"),
        ("he has a k n i f e here", "knife", "k n i f e"),
        ("a 🔪 in his bag", "knife", "🔪"),
        ("ｋｎｉｆｅ in hand", "knife", "ｋｎｉｆｅ"),
        ("he will k\u200bill me", "kill", "k\u200bill"),
        ("see https://x.example/a?b=1 now", "urltoken", "https://x.example/a?b=1"),
        ("hey @some_force look", "usertoken", "@some_force"),
        ("heeeeelp", "heelp", "heeeeelp"),
    ],
)
def test_disguise_is_undone_and_points_back(written: str, word: str, original: str) -> None:
    folded = normalise(written)
    at = folded.text.index(word)
    first, last = folded.span(at, at + len(word))
    assert written[first:last].strip() == original


@pytest.mark.parametrize(
    "kept",
    ["ab12 3cd", "sw1a 1aa", "m25", "a38", "ab12 xyz", "ab12xyz", "11pm", "3.12", "14b", "j24",
     "81", "15", "999", "2nd"],
)  # fmt: skip
def test_places_plates_times_and_ages_are_spared(kept: str) -> None:
    assert f" {kept} " in f" {normalise(f'near {kept} please').text} "


@pytest.mark.parametrize(
    "unit",
    ["a", "a ", "a.b ", "1a", "@", "@a", "http://", "\u200b", "é", "🔪", "!", ")", "a1@", "\ud800"],
)
def test_hostile_length_takes_time_that_grows_with_length_only(unit: str) -> None:
    def spent(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        begun = time.process_time()
        normalise(text)
        return time.process_time() - begun

    spent(1_000)
    assert spent(100_000) < 3.0
