import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.core.text import MAX_MARKS, defanged, file_stem, gist, visible

ANYTHING = st.text(st.characters(codec=None), max_size=300)


@given(ANYTHING)
def test_nothing_that_orders_a_terminal_survives(text: str) -> None:
    for shown in (visible(text), visible(text, multiline=True), defanged(text)):
        for char in shown.replace("\n", ""):
            assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}


@given(ANYTHING)
def test_a_single_line_stays_a_single_line(text: str) -> None:
    assert len(visible(text).splitlines()) <= 1


@given(ANYTHING)
def test_what_is_inert_already_is_left_as_it_is(text: str) -> None:
    once = visible(text, multiline=True)
    assert visible(once, multiline=True) == once


@given(st.text(st.sampled_from("abcdefghij ÀÉüñ£€'.,!?😀🚓日本語"), max_size=80))
def test_ordinary_words_are_shown_as_written(text: str) -> None:
    assert visible(text) == text


def test_an_escape_sequence_is_shown_as_a_symbol() -> None:
    assert visible("\x1b]52;c;ZXZpbA==\x07") == "␛]52;c;ZXZpbA==␇"
    assert visible("\x9b31m") == "⟨U+009B⟩31m"


def test_a_bidirectional_override_is_named_where_it_stands() -> None:
    assert visible("pay \u202eevil\u202c now") == "pay ⟨RLO⟩evil⟨PDF⟩ now"


def test_a_word_split_by_zero_width_characters_reads_whole() -> None:
    assert visible("k\u200bn\u200di\u2060fe") == "knife"


def test_a_flood_of_combining_marks_is_cut() -> None:
    shown = visible("z" + "\u0301" * 500 + "x")
    assert shown == "z" + "\u0301" * MAX_MARKS + "x"


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert visible("a\ud83d!") == "a\ufffd!"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x85"])
def test_every_kind_of_line_break_is_one(line_break: str) -> None:
    assert visible(f"a{line_break}b", multiline=True) == "a\nb"
    assert visible(f"a{line_break}b") == "a b"


@given(ANYTHING, st.integers(1, 60))
def test_a_gist_is_one_line_and_no_longer_than_asked(text: str, length: int) -> None:
    shown = gist(text, length)
    assert len(shown) <= length
    assert "\n" not in shown


def test_a_link_cannot_be_followed_by_mistake() -> None:
    assert defanged("see https://evil.example/a?b or HTTP://x.y") == (
        "see hxxps://evil[.]example/a?b or hxxp://x[.]y"
    )


@given(ANYTHING)
def test_a_file_name_part_is_plain_ascii_and_never_climbs(text: str) -> None:
    stem = file_stem(text)
    assert stem.isascii()
    assert stem
    assert "/" not in stem
    assert not stem.startswith(".")
