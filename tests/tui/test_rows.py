"""A row is exactly as wide as its pane, whatever the public wrote."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from socialdesk.classify.assessment import Urgency
from socialdesk.core.ids import new_id
from socialdesk.core.text import visible
from socialdesk.queue.states import ConversationState
from socialdesk.queue.views import Line
from socialdesk.tui.widgets.queue_row import fit, height, row_strips
from socialdesk.tui.words import likelihood, waiting
from tests.desks import START

any_text = st.text(max_size=80).map(visible)


@given(
    gist=any_text,
    handle=any_text,
    owner=st.none() | any_text,
    urgency=st.sampled_from(Urgency),
    state=st.sampled_from(ConversationState),
    width=st.integers(12, 180),
    waited=st.integers(-100, 10**9),
)
def test_every_line_is_exactly_as_wide_as_the_pane(
    gist: str, handle: str, owner: str | None, urgency: Urgency,
    state: ConversationState, width: int, waited: int,
) -> None:  # fmt: skip
    line = Line(
        id=new_id(),
        urgency=urgency,
        category="theft",
        possible_crime=0.5,
        state=state,
        channel="x",
        stream="mentions",
        waiting_since=START - timedelta(seconds=waited),
        handle=visible(handle),
        name=visible(""),
        gist=visible(gist),
        owner=None if owner is None else visible(owner),
        mine=False,
        version=1,
    )
    for row in (line, None):
        strips = row_strips(row, width, START, chosen=True, focused=True)
        assert len(strips) == height(width)
        for strip in strips:
            assert strip.cell_length == width
            assert sum(segment.cell_length for segment in strip) == width


@given(text=any_text, width=st.integers(0, 60))
def test_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    from rich.cells import cell_len

    assert cell_len(fit(text, width)) == width


def test_waiting_times_and_likelihoods_are_said_in_few_words() -> None:
    spans = {30: "<1m", 720: "12m", 11100: "3h05", 200_000: "2d"}
    for seconds, words in spans.items():
        assert waiting(START - timedelta(seconds=seconds), START) == words
    assert [likelihood(p) for p in (0.95, 0.7, 0.3, 0.1)] == [
        "very likely", "likely", "possible", "unlikely",
    ]  # fmt: skip
