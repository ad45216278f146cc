import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.base import Stream
from socialdesk.channels.x.length import length, weighted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("hello", 5),
        ("café", 4),
        ("cafe\u0301", 4),
        ("日本", 4),
        ("👍", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("🏴󠁧󠁢󠁷󠁬󠁳󠁿", 2),
        ("🇬🇧", 2),
        ("👍🏽", 2),
        ("1️⃣", 2),
        ("❤️", 2),
        ("it’s – “fine”", 13),
        ("see https://example.org/a/very/long/path/indeed?with=a&query=string now", 31),
        ("https://x.org.", 24),
        ("northshire.police.uk", 23),
        ("ŵŷ Cymraeg", 10),
    ],
)
def test_a_post_is_counted_as_x_counts_it(text: str, count: int) -> None:
    assert weighted(text) == count


def test_a_direct_message_is_counted_by_character() -> None:
    assert length(Stream.DMS, "👍 https://example.org/long/path") == 31
    assert length(Stream.MENTIONS, "👍 https://example.org/long/path") == 26


@given(st.text(alphabet=st.characters(max_codepoint=0x10FF, categories=["L", "N"])))
def test_light_letters_never_count_for_more_than_two(text: str) -> None:
    assert weighted(text) <= 2 * len(text)


@given(st.text(), st.text())
def test_joining_texts_with_a_space_adds_their_counts(first: str, second: str) -> None:
    joined = weighted(f"{first} \n {second}")
    assert joined == weighted(f"{first} ") + weighted(f"\n {second}")
