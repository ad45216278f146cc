"""A further look at someone whom listening found: the desk asks why before it opens anything."""

from pathlib import Path

from socialdesk.channels.base import Stream
from socialdesk.queue.found import stream_of
from socialdesk.queue.people import Role
from socialdesk.queue.thread import open_thread
from socialdesk.tui.screens.why import WhyScreen
from tests.desks import hear, make_officer, post
from tests.queue.test_listening import begin
from tests.tui.terminal import Terminal, terminal


def found(at: Terminal, *texts: str) -> None:
    chief = make_officer(at.desk, "sam", "Sam Field", Role.SUPERVISOR)
    rule = begin(at.desk, chief)
    for text in texts:
        item = post(text, handle="al", stream=Stream.LISTENING, thread=f"t:{text}")
        hear(at.desk, item, stream=stream_of(rule))


async def test_the_second_look_asks_a_reason_and_then_opens(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        found(at, "at the fair", "still at the fair")
        await at.look()
        await at.press("g", "enter")
        await at.until(lambda: len(at.bubbles()) == 1)
        await at.press("escape", "j", "enter")
        await at.until(lambda: isinstance(at.top, WhyScreen))
        assert "within the last 28 days" in at.words()
        await at.press("enter", *"two parts", "ctrl+s")
        await at.until(lambda: "still at the fair" in at.bubbles()[0])


async def test_giving_no_reason_opens_nothing(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        found(at, "at the fair", "still at the fair")
        await at.look()
        await at.press("g", "enter")
        await at.until(lambda: len(at.bubbles()) == 1)
        await at.press("escape", "j", "enter")
        await at.until(lambda: isinstance(at.top, WhyScreen))
        await at.press("escape")
        assert at.top is at.screen
        assert "at the fair" in at.bubbles()[0]
        assert at.screen.view is not None
        assert at.screen.view.line.id == at.rows()[0]


async def test_a_third_look_opens_for_a_threat_to_life_alone(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        found(at, "one fair", "two fairs", "three fairs")
        await at.look()
        open_thread(at.desk, at.officer, at.rows()[0])
        from socialdesk.queue.viewing import Why

        open_thread(at.desk, at.officer, at.rows()[1], Why("it goes on there"))
        await at.press("G", "enter")
        await at.until(lambda: isinstance(at.top, WhyScreen))
        assert "threat to life" in at.words()
        assert "I need to look again" not in at.words()
        await at.press("enter", *"a rope", "ctrl+s")
        await at.until(lambda: "three fairs" in at.bubbles()[0])
