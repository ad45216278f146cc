import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.x.search import query_of
from socialdesk.core.clock import SystemClock
from socialdesk.simulator.network import Network, Post
from socialdesk.simulator.x.problems import Problem
from socialdesk.simulator.x.query import predicate


@pytest.fixture
def there() -> Network:
    return Network(SystemClock(), lambda _: None)


def said(there: Network, text: str, by: str = "jo") -> Post:
    return there.post(there.join(by, by.title()), text)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("flood", "The FLOOD is here", True),
        ("flood", "flooded", False),
        ("flood road", "the road in flood", True),
        ("flood road", "flood", False),
        ('"flood road"', "road flood", False),
        ('"flood road"', "a flood, road shut", True),
        ("flood OR fire", "fire!", True),
        ("flood fire OR gale", "a gale", True),
        ("(flood OR fire) gale", "flood", False),
        ("flood -fire", "flood and fire", False),
        ("flood -(fire OR gale)", "flood gale", False),
        ("#fair", "the #Fair", True),
        ("#fair", "#fairground", False),
        ("@jo", "ask @Jo", True),
        ("from:jo", "anything", True),
        ("from:al", "anything", False),
        ("flood -is:retweet", "flood", True),
    ],
)
def test_a_query_matches_as_x_says(there: Network, query: str, text: str, found: bool) -> None:
    post = said(there, text)
    assert predicate(query, there)(post) is found


@pytest.mark.parametrize("query", ["(flood", "flood)", "OR", "flood OR", "nonsense:x", '"half'])
def test_a_query_that_is_none_is_refused(there: Network, query: str) -> None:
    with pytest.raises(Problem):
        predicate(query, there)


@given(st.lists(st.from_regex(r"[#@]?[a-z]{3,8}( [a-z]{3,8})?", fullmatch=True), min_size=1))
def test_every_query_the_desk_writes_is_understood_and_finds_its_terms(terms: list[str]) -> None:
    there = Network(SystemClock(), lambda _: None)
    match = predicate(query_of(terms), there)
    for term in terms:
        assert match(said(there, f"so, {term} it is"))
