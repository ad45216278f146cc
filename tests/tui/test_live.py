"""News reaches the officer, and nothing moves under the officer's hand."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from socialdesk.core.errors import StoreError
from socialdesk.ingest.evidence import check, sign
from socialdesk.queue import claims, delivery
from socialdesk.queue.health import read_health
from socialdesk.tui.screens.base import PANES
from socialdesk.tui.screens.composer import Composer
from socialdesk.tui.widgets.header import Alarm
from socialdesk.tui.widgets.health_line import health_parts
from tests.desks import START, hear, make_officer, post
from tests.tui.terminal import Terminal, terminal

EARLIER = START - timedelta(hours=1)


async def test_an_empty_queue_fills_by_itself(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        hear(at.desk, post("hello"))
        await at.look()
        assert len(at.rows()) == 1
        hear(at.desk, post("a bike theft"))
        await at.look()
        assert "theft" in at.words()


async def test_a_log_that_fails_its_check_or_is_not_signed_comes_first(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        hear(at.desk, post("hello"))
        sign(at.desk)
        await at.look()
        with at.desk.store.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("UPDATE log_head SET size = 2")
        sign(at.desk)
        check(at.desk)
        await at.look()
        assert at.line("health").strip().startswith("✗ the log is not being signed")
        health = read_health(at.desk)
        parts = [text for text, _colour in health_parts(health, at.clock.now())]
        assert parts[0].startswith("✗ the log is not being signed: The audit log holds 2 entries")
        assert parts[1].startswith("✗ the log failed its check at ")


async def test_the_row_under_the_cursor_does_not_move(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello"), post("good day")) as at:
        await at.press("j")
        held, rows = at.screen.queue.current, at.rows()
        hear(at.desk, post("a bike theft", at=EARLIER))
        await at.look()
        assert at.rows() == rows
        assert "1 new, press ." in at.line("queue-title")
        await at.press("full_stop")
        assert len(at.rows()) == 3
        assert at.screen.queue.current == held
        assert at.screen.queue.cursor == 1


async def test_what_comes_below_the_screen_is_taken_in_silently(tmp_path: Path) -> None:
    many = [post(f"a bike theft {number}", at=EARLIER) for number in range(40)]
    async with terminal(tmp_path, *many) as at:
        await at.press("j")
        hear(at.desk, post("hello"))
        await at.look()
        assert len(at.rows()) == 41
        assert at.screen.queue.cursor == 0
        assert "new" not in at.line("queue-title")


async def test_danger_rings_is_named_and_is_reached_by_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with terminal(tmp_path, post("hello")) as at:
        rung: list[bool] = []
        monkeypatch.setattr(at.app, "bell", lambda: rung.append(True))
        await at.press("j")
        hear(at.desk, post("he has a knife", handle="kay"))
        await at.look()
        assert rung == [True]
        assert at.screen.query_one(Alarm).display
        assert "@kay" in at.line("alarm")
        assert "he has a knife" in at.line("alarm")
        await at.look()
        assert rung == [True]
        await at.press("exclamation_mark")
        assert at.screen.view is not None
        assert at.screen.view.line.handle == "kay"
        await at.look()
        assert not at.screen.query_one(Alarm).display


async def test_danger_claimed_by_someone_else_is_silent(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("he has a knife")) as at:
        await at.look()
        assert at.screen.query_one(Alarm).display
        claims.claim(at.desk, make_officer(at.desk, "sam", "Sam Okoro"), at.rows()[0])
        await at.look()
        assert not at.screen.query_one(Alarm).display


async def test_danger_seen_rings_again_when_it_goes_on(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("he has a knife", thread="t:1")) as at:
        await at.press("j", "enter")
        await at.press("escape")
        hear(at.desk, post("hello"))
        await at.look()
        assert not at.screen.query_one(Alarm).display
        at.screen.view = None
        hear(at.desk, post("he is here now", thread="t:1"))
        await at.look()
        assert at.screen.query_one(Alarm).display


async def test_the_open_conversation_shows_a_new_message_and_marks_it(tmp_path: Path) -> None:
    long = [post(f"line {number}\n" * 9, thread="t:1") for number in range(9)]
    async with terminal(tmp_path, *long) as at:
        await at.press("j", "enter", "g")
        await at.until(lambda: at.screen.thread.scroll_y == 0)
        hear(at.desk, post("and now this", thread="t:1", at=START + timedelta(minutes=1)))
        await at.look()
        assert "and now this" in at.bubbles()[-1]
        assert "★ new" in at.bubbles()[-1]
        assert at.screen.thread.scroll_y == 0


async def test_a_replys_way_to_the_network_is_shown(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"Hi", "ctrl+s", "s")
        await at.until(lambda: at.top is at.screen)
        await at.settled()
        service, account = at.desk.service("outbox"), at.desk.force.accounts[0]
        going = delivery.take_next(at.desk, service, account.id)
        assert going is not None
        await at.look()
        assert "being sent" in at.bubbles()[-1]
        delivery.lost_sight(at.desk, service, going.reply_id, "No answer.", 20)
        await at.look()
        assert "in doubt" in at.bubbles()[-1]
        assert "1 in doubt" in at.line("health")


async def test_a_database_that_is_away_is_said_and_recovered_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        with monkeypatch.context() as away:
            _take_away(at, away.setattr)
            await at.press(*"Hello")
            at.screen.start_looking()
            await at.until(lambda: "database is away" in at.line("health"))
            await at.until(lambda: "your text is kept here" in at.words())
            assert at.draft().text == "Hello"
            assert len(at.rows()) == 1
        await at.until(lambda: "draft saved" in at.words())
        await at.look()
        assert "database is away" not in at.line("health")


async def test_blind_streams_are_said_with_their_time(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        assert "not read yet: mentions, dms" in at.line("health")


async def test_resizing_keeps_the_cursor_in_sight_and_shows_one_pane_when_narrow(
    tmp_path: Path,
) -> None:
    many = [post(f"number {number}") for number in range(100)]
    async with terminal(tmp_path, *many) as at:
        await at.press("G")
        held = at.screen.queue.current
        for size in ((100, 30), (80, 24), (60, 20), (200, 50)):
            await at.pilot.resize_terminal(*size)
            await at.settled()
            assert at.screen.queue.current == held
            assert at.screen.queue.cursor in at.screen.queue.on_screen
        await at.pilot.resize_terminal(60, 20)
        await at.settled()
        assert _in_sight(at) == ["queue"]
        await at.press("tab")
        assert _in_sight(at) == ["thread"]


def _in_sight(at: Terminal) -> list[str]:
    return [name for name in PANES if at.screen.query_one(f"#{name}").is_on_screen]


def _take_away(at: Terminal, replace: Callable[[object, str, object], None]) -> None:
    def away(*_args: object) -> None:
        raise StoreError("The database is away.")

    replace(type(at.desk.store), "transaction", away)
    replace(type(at.desk.store), "reading", away)
