"""Sources are named by what people call them, and a matter for another force says so."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from socialdesk.classify.assessment import Urgency
from socialdesk.core.ids import new_id
from socialdesk.core.text import SafeText
from socialdesk.queue.states import ConversationState
from socialdesk.queue.views import Line
from socialdesk.tui.widgets.queue_row import SOURCE, row_strips
from socialdesk.tui.widgets.thread_pane import title_of
from socialdesk.tui.words import at_handle, source

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LINE = Line(
    id=new_id(),
    urgency=Urgency.NONE,
    category="chatter",
    possible_crime=0.0,
    state=ConversationState.OPEN,
    channel="partner",
    stream="reports",
    waiting_since=AT,
    handle=SafeText(""),
    name=SafeText("Jo Doe"),
    gist=SafeText("He is outside"),
    owner=None,
    mine=False,
    version=1,
)


@pytest.mark.parametrize(
    ("channel", "stream", "shown"),
    [
        ("x", "dms", "X DM"),
        ("x", "mentions", "X post"),
        ("feed", "entries", "Feed"),
        ("partner", "reports", "Partner"),
    ],
)
def test_a_source_is_named_within_its_column(channel: str, stream: str, shown: str) -> None:
    assert source(replace(LINE, channel=channel, stream=stream)) == shown
    assert len(shown) <= SOURCE


def test_someone_without_a_handle_is_shown_by_name() -> None:
    assert at_handle(LINE) == "Jo Doe"
    assert at_handle(replace(LINE, name=SafeText(""))) == "(no handle)"


@pytest.mark.parametrize("width", [60, 120])
def test_a_matter_for_another_force_says_so_in_the_queue_and_the_thread(width: int) -> None:
    elsewhere = replace(LINE, hand_off=SafeText("eastshire"))
    rows = "".join(
        strip.text for strip in row_strips(elsewhere, width, AT, chosen=False, focused=False)
    )
    assert "for eastshire: He is outside" in rows
    assert "for eastshire: hand it off" in "".join(text for text, _ in title_of(elsewhere))
    assert "hand it off" not in "".join(text for text, _ in title_of(LINE))
