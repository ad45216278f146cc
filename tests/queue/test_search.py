import contextlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.core.errors import RuleError
from socialdesk.queue import acts, claims
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query, parse_query, words_of
from tests.desks import hear, post


@pytest.fixture
def heard(desk: Desk) -> None:
    hear(
        desk,
        post("My bike was stolen in Acton, a theft", handle="al"),
        post("He has a KNIFE outside number 9 Acton", handle="bo"),
        post("Lovely morning", handle="Cy_123"),
    )


def found(desk: Desk, officer: Officer, query: str) -> list[str]:
    ids: list[UUID] = order(desk, officer, parse_query(query))
    shown = lines(desk, officer, ids)
    return [shown[one].handle for one in ids]


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("acton", ["bo", "al"]),
        ("ACTON bike", ["al"]),
        ("acton mars", []),
        ("from:@cy_123", ["Cy_123"]),
        ("from:BO", ["bo"]),
        ("risk:priority", ["bo", "al"]),
        ("risk:immediate", ["bo"]),
        ("cat:theft", ["al"]),
        ("is:closed", []),
        ("is:unclaimed", ["bo", "al", "Cy_123"]),
        ("", ["bo", "al", "Cy_123"]),
    ],
)
def test_a_search_finds_what_it_asks_for(
    desk: Desk, officer: Officer, query: str, expected: list[str]
) -> None:
    assert found(desk, officer, query) == expected


@pytest.mark.usefixtures("heard")
def test_mine_and_unclaimed_follow_the_claims(desk: Desk, officer: Officer) -> None:
    first = order(desk, officer, Query())[0]
    claims.claim(desk, officer, first)
    assert found(desk, officer, "is:mine") == ["bo"]
    assert found(desk, officer, "is:unclaimed") == ["al", "Cy_123"]


@pytest.mark.usefixtures("heard")
def test_words_are_found_in_closed_contacts_too(desk: Desk, officer: Officer) -> None:
    first = order(desk, officer, Query())[0]
    claims.claim(desk, officer, first)
    acts.close(desk, officer, first, "incident_created")
    assert found(desk, officer, "knife") == ["bo"]
    assert found(desk, officer, "is:closed") == ["bo"]
    assert found(desk, officer, "is:open acton") == ["al"]


@pytest.mark.parametrize("query", ["is:green", "risk:high", "cat:aliens", "colour:red"])
def test_a_search_that_makes_no_sense_says_what_would(query: str) -> None:
    with pytest.raises(RuleError, match="Known: "):
        parse_query(query)


@given(st.text(max_size=100))
def test_any_text_is_a_search_or_a_clear_refusal(text: str) -> None:
    with contextlib.suppress(RuleError):
        assert isinstance(parse_query(text), Query)


@given(st.text(max_size=500))
def test_every_word_of_a_message_finds_it(text: str) -> None:
    words = list(words_of(text))
    for word in words[:20]:
        assert set(parse_query(word).words) <= set(words)
