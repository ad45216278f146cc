import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.classify.entities import EntityKind, entities

K = EntityKind


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("ring me on 07700 900123 pls", K.PHONE, "07700 900123"),
        ("it was +44 7700 900456", K.PHONE, "+44 7700 900456"),
        ("mail jo.bloggs@example.org.uk", K.EMAIL, "jo.bloggs@example.org.uk"),
        ("look at https://example.com/a?b=1 now", K.URL, "https://example.com/a?b=1"),
        ("hi @northshirepol can you", K.HANDLE, "@northshirepol"),
        ("we live at zz99 3vz", K.POSTCODE, "zz99 3vz"),
        ("she is in SW1A1AA", K.POSTCODE, "SW1A1AA"),
        ("somewhere in EC1A i think", K.OUTCODE, "EC1A"),
        ("reg is ZZ99 ABC", K.REGISTRATION, "ZZ99 ABC"),
        ("white golf zz99abc", K.REGISTRATION, "zz99abc"),
        ("old plate A123 BCD", K.REGISTRATION, "A123 BCD"),
        ("about 23:15 i heard it", K.TIME, "23:15"),
        ("gone 11 i think", K.TIME, "gone 11"),
        ("happened 20 mins ago", K.TIME, "20 mins ago"),
        ("they took £1,200.50 off her", K.MONEY, "£1,200.50"),
        ("sent 400 quid for a puppy", K.MONEY, "400 quid"),
        ("on the M25 J10 southbound", K.ROAD, "M25 J10"),
        ("fire at 14 Acacia Avenue", K.STREET, "14 Acacia Avenue"),
        ("hes on hollin lane now", K.STREET, "hollin lane"),
        ("crime ref 0412/2231 no call back", K.REFERENCE, "crime ref 0412/2231"),
        ("its 42/12345/26 on the letter", K.REFERENCE, "42/12345/26"),
        ("we are at ///filled.count.soap", K.WHAT3WORDS, "///filled.count.soap"),
        ("My name is Priya Shah and", K.PERSON, "Priya Shah"),
        ("a man called PC Davies rang", K.PERSON, "PC Davies"),
        ("her name is sarah", K.PERSON, "sarah"),
    ],
)
def test_an_entity_is_found_where_it_stands(text: str, kind: EntityKind, found: str) -> None:
    assert (kind, found) in [(one.kind, one.text) for one in entities(text)]


@pytest.mark.parametrize(
    "text",
    ["on the road", "in the street outside", "version 1.2.3 is out", "i scored 10 out of 10",
     "he said no", "across the road from the wrong lane"],
)  # fmt: skip
def test_ordinary_words_are_no_entities(text: str) -> None:
    assert entities(text) == []


@given(st.text(max_size=400))
def test_any_text_is_read_and_every_entity_is_where_it_says(text: str) -> None:
    found = entities(text)
    assert all(text[one.start : one.end] == one.text != "" for one in found)
    ends = [(one.start, one.end) for one in found]
    assert all(first[1] <= second[0] for first, second in pairwise(ends))


@settings(max_examples=60)
@given(
    st.sampled_from(["0", "07 ", "a.", "A1", "AB12 ", "Aa ", "@a", "a@", "£1,", "///a.", "-"]),
    st.integers(1, 3),
)
def test_a_long_repetitive_text_is_read_in_linear_steps(piece: str, times: int) -> None:
    text = piece * (5_000 * times)
    assert len(entities(text)) <= len(re.findall(r"\S", text)) + 1
