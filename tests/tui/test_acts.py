"""Every act an officer can do, by its keys, against a real desk."""

from pathlib import Path

from sqlmodel import col, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Stream
from socialdesk.queue import claims, listing
from socialdesk.queue.search import Query
from socialdesk.store.tables import Conversation, Escalation, LogEntry, Reply, Thrive
from socialdesk.tui.screens.choice import ChoiceAndNote, ChoiceScreen
from socialdesk.tui.screens.composer import Composer
from socialdesk.tui.screens.confirm import ConfirmScreen
from socialdesk.tui.screens.help import HelpScreen
from socialdesk.tui.screens.review import ReviewScreen
from socialdesk.tui.screens.search import SearchScreen
from tests.desks import hear, make_officer, post
from tests.tui.terminal import Terminal, listed, terminal

KNIFE = "he has a knife outside the chip shop"


async def test_enter_opens_the_conversation_under_the_cursor(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there"), post(KNIFE)) as at:
        await at.press("j", "enter")
        await at.until(lambda: len(at.bubbles()) == 1)
        assert KNIFE in at.bubbles()[0]
        assert "Violence" in at.words()
        assert "very likely" in at.words()


async def test_only_rows_on_screen_are_opened_and_logged(tmp_path: Path) -> None:
    many = [post(f"number {number}") for number in range(300)]
    async with terminal(tmp_path, *many) as at:
        opened = [one for one in at.rows() if at.screen.queue.line(one) is not None]
        assert len(at.rows()) == 300
        assert len(opened) == 64
        await at.press("G")
        assert at.screen.queue.line(at.rows()[-1]) is not None
        assert at.screen.queue.line(at.rows()[150]) is None


async def test_claim_release_and_renew(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE)) as at:
        await at.press("j", "c")
        assert "● you" in at.words()
        await at.press("c")
        assert "Renewed" in at.words()
        await at.press("u")
        await at.look()
        assert "● you" not in at.words()


async def test_another_officers_claim_is_named_and_refused(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE)) as at:
        other = make_officer(at.desk, "sam", "Sam Okoro")
        claims.claim(at.desk, other, at.rows()[0])
        await at.look()
        await at.press("j", "r")
        assert at.top is at.screen
        assert "Sam Okoro holds this conversation" in at.words()


async def test_next_claims_and_opens_the_most_urgent_unclaimed(tmp_path: Path) -> None:
    items = (post("a bike theft"), post(KNIFE, handle="kay"), post("hello"))
    async with terminal(tmp_path, *items) as at:
        other = make_officer(at.desk, "sam", "Sam Okoro")
        claims.claim(at.desk, other, at.rows()[0])
        await at.press("n")
        assert at.screen.view is not None
        assert "bike theft" in at.screen.view.line.gist
        assert at.screen.view.line.mine or listing.order(at.desk, at.officer, Query(mine=True))


async def test_thrive_regrades_with_its_reasons(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "c", "t")
        assert isinstance(at.top, ChoiceAndNote)
        await at.press("enter")
        await at.press(*"child", "ctrl+s")
        await at.settled()
        await at.look()
        with at.desk.store.reading() as session:
            assert session.exec(select(Thrive.urgency)).one() == "immediate"
        assert "THRIVE: immediate" in at.words()


async def test_a_note_without_reasons_is_asked_for_again(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "c", "x", "ctrl+s")
        assert "needs a line or two" in at.words()
        await at.press("escape")
        await at.settled()
        assert listed(at.desk, at.officer, "escalated") == []


async def test_escalate_hands_over_with_a_note(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE)) as at:
        await at.press("j", "c", "x", "down", "enter", *"go", "ctrl+s")
        await at.settled()
        with at.desk.store.reading() as session:
            assert session.exec(select(Escalation.destination)).one() == "dispatch"
        await at.look()
        assert "escalated to dispatch" in at.words()


async def test_close_asks_for_a_disposition_and_reopen_undoes_it(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "c", "e")
        assert isinstance(at.top, ChoiceScreen)
        await at.press("down", "down", "enter")
        await at.settled()
        assert len(listed(at.desk, at.officer, "closed")) == 1
        with at.desk.store.reading() as session:
            assert session.exec(select(Conversation.disposition)).one() == "advice_given"
        await at.look()
        await at.press("o")
        assert listed(at.desk, at.officer, "closed") == []


async def test_a_reply_is_claimed_written_reviewed_and_queued(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE, handle="jo")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"Call 999", "ctrl+s")
        assert isinstance(at.top, ReviewScreen)
        assert "PUBLIC: a reply to @jo on X. Anyone can read it." in at.words()
        assert "Call 999" in at.words()
        await at.press("s")
        await at.until(lambda: at.top is at.screen)
        await at.settled()
        with at.desk.store.reading() as session:
            assert session.exec(select(Reply.state)).one() == "queued"
        await at.look()
        assert "queued, not sent yet" in at.bubbles()[-1]


async def test_a_private_reply_says_that_it_is_private(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("help me", handle="jo", stream=Stream.DMS)) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        assert "PRIVATE: a direct message on X. Only @jo reads it." in at.words()


async def test_a_postponed_draft_is_kept_taken_up_again_and_asked_about(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"half a", "escape")
        await at.until(lambda: at.top is at.screen)
        await at.settled()
        await at.press("q")
        assert isinstance(at.top, ConfirmScreen)
        await at.press("n")
        await at.press("r")
        await at.until(lambda: isinstance(at.top, Composer))
        assert at.draft().text == "half a"


async def test_a_pause_saves_the_draft(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"abc")
        assert "not saved yet" in at.words()
        await at.until(lambda: "draft saved" in at.words())


async def test_an_abandoned_draft_is_gone(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"no", "ctrl+s", "a")
        await at.until(lambda: at.top is at.screen)
        await at.settled()
        with at.desk.store.reading() as session:
            assert session.exec(select(Reply.state)).one() == "abandoned"


async def test_a_template_goes_in_and_too_long_is_said_in_words(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        for _time in range(2):
            await at.press("ctrl+t")
            await at.until(lambda: isinstance(at.top, ChoiceScreen))
            await at.press("enter")
            await at.until(lambda: isinstance(at.top, Composer))
        assert at.draft().text.startswith("If you or anyone else is in danger")
        assert "too long by" in at.words()
        await at.press("ctrl+s", "s")
        await at.until(lambda: "Shorten it by" in at.words())
        assert isinstance(at.top, Composer)


async def test_a_newer_message_is_shown_before_the_reply_may_go(tmp_path: Path) -> None:
    first = post("hello there", thread="t:1")
    async with terminal(tmp_path, first) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"Hi")
        hear(at.desk, post("he is at the door", thread="t:1"))
        await at.press("ctrl+s", "s")
        await at.until(lambda: "A newer message arrived" in at.words())
        assert isinstance(at.top, ReviewScreen)
        assert "he is at the door" in at.words()
        await at.press("s")
        await at.until(lambda: at.top is at.screen)
        with at.desk.store.reading() as session:
            assert session.exec(select(Reply.state)).one() == "queued"


async def test_a_lost_claim_stops_the_reply_and_keeps_the_draft(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("hello there")) as at:
        await at.press("j", "r")
        await at.until(lambda: isinstance(at.top, Composer))
        await at.press(*"Hi")
        at.clock.advance(at.desk.force.claim_seconds + 1)
        claims.claim(at.desk, make_officer(at.desk, "sam", "Sam Okoro"), at.rows()[0])
        await at.press("ctrl+s", "s")
        await at.until(lambda: "Sam Okoro holds this conversation" in at.words())
        await at.press("e")
        assert at.draft().text == "Hi"
        with at.desk.store.reading() as session:
            assert session.exec(select(Reply.state)).one() == "draft"


async def test_search_narrows_explains_itself_and_clears(tmp_path: Path) -> None:
    async with terminal(tmp_path, post("burglary in acton"), post("hello")) as at:
        await at.press("slash")
        assert isinstance(at.top, SearchScreen)
        await at.press(*"risk:huge", "enter")
        assert "is not something to search by" in at.words()
        await at.press("escape", "slash", *"acton", "enter")
        await at.until(lambda: at.top is at.screen)
        await at.settled()
        assert len(at.rows()) == 1
        await at.press("escape")
        await at.until(lambda: len(at.rows()) == 2)


async def test_help_lists_every_key_with_what_it_does(tmp_path: Path) -> None:
    async with terminal(tmp_path) as at:
        await at.press("question_mark")
        assert isinstance(at.top, HelpScreen)
        for words in ("Hand the risk to someone who can act", "Send it, as shown"):
            assert words in at.words()


async def test_every_binding_has_an_id_and_says_what_it_does() -> None:
    from socialdesk.tui import keys

    tables = (keys.DESK, keys.QUEUE, keys.READING, keys.COMPOSER, keys.REVIEW)
    for key in (key for table in tables for key in table):
        assert key.id, key
        assert key.tooltip, key


async def test_the_palette_offers_every_act(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE)) as at:
        offered = {command.title: command for command in at.app.get_system_commands(at.screen)}
        assert "Escalate (x)" in offered
        await at.press("j")
        at.app.call_later(offered["Claim (c)"].callback)
        await at.until(lambda: "● you" in at.words())


async def test_leaving_needs_no_question_without_a_draft(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE)) as at:
        await at.pilot.press("q")
        await at.until(lambda: not at.app.is_running or at.app._exit)


async def test_a_look_that_finds_nothing_opens_nothing(tmp_path: Path) -> None:
    async with terminal(tmp_path, post(KNIFE)) as at:
        await at.press("j", "enter")
        before = _consultations(at)
        for _look in range(3):
            await at.look()
        assert _consultations(at) == before


def _consultations(at: Terminal) -> int:
    with at.desk.store.reading() as session:
        bodies = session.exec(select(LogEntry.body).order_by(col(LogEntry.seq))).all()
    return sum(f'"{Action.CONSULTATION.value}"'.encode() in body for body in bodies)
