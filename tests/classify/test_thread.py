import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.classify.assessment import Assessment, Category, Urgency, Vulnerability
from socialdesk.classify.thread import MOST_BEFORE, MOST_CHARACTERS, in_thread, together


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    share = st.floats(0, 1)
    parts = [draw(st.floats(0.01, 1)) for _ in Urgency]
    return Assessment(
        category=draw(st.sampled_from(Category)),
        categories={one: draw(share) for one in Category},
        possible_crime=draw(share),
        urgency=draw(st.sampled_from(Urgency)),
        urgency_scores={one: part / sum(parts) for one, part in zip(Urgency, parts, strict=True)},
        vulnerability={one: draw(share) for one in Vulnerability},
        model="test",
    )


@given(assessments(), assessments())
def test_a_thread_never_lowers_what_a_message_says_alone(
    alone: Assessment, whole: Assessment
) -> None:
    both = together(alone, whole, "a message of some words")
    assert both.urgency.rank <= min(alone.urgency.rank, whole.urgency.rank)
    assert both.possible_crime >= alone.possible_crime
    assert all(both.vulnerability[one] >= alone.vulnerability[one] for one in Vulnerability)
    assert sum(both.urgency_scores.values()) == pytest.approx(1)
    assert min(both.urgency_scores.values()) >= -1e-9
    assert both.urgency_scores[Urgency.IMMEDIATE] >= alone.urgency_scores[Urgency.IMMEDIATE]


@given(st.lists(st.text(max_size=300), max_size=12), st.text(max_size=50))
def test_what_is_read_together_is_bounded_and_ends_with_the_new_message(
    before: list[str], text: str
) -> None:
    whole = in_thread(before, text)
    assert whole.endswith(text)
    assert len(whole) <= MOST_CHARACTERS + MOST_BEFORE + len(text)
