"""A feed is an account like any other: walked, stored once, its edits versions, its gaps told."""

from pathlib import Path

import pytest
from sqlmodel import select

from socialdesk.classify.assessment import Urgency
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import ConfigError, RuleError
from socialdesk.core.force import Account
from socialdesk.ingest.poller import Poller
from socialdesk.queue.claims import claim
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.health import read_health
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer
from socialdesk.queue.replies import begin_draft
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.store.tables import Conversation, Message, StreamState
from tests.channels.publisher import Publisher, item, publishing, rss
from tests.desks import KeywordAssessor, make_desk


def polled(desk: Desk, publisher: Publisher) -> Poller:
    account = Account(
        id="acton-news",
        channel="feed",
        handle="Acton News",
        base_url=publisher.url,
        streams=("entries",),
    )
    actor = desk.service("ingest")
    return Poller(desk, actor, account, KeywordAssessor())


def messages(desk: Desk) -> list[Message]:
    with desk.store.reading() as session:
        return list(session.exec(select(Message)).all())


def test_a_feed_is_polled_stored_once_and_shown_by_risk(desk: Desk, officer: Officer) -> None:
    with publishing() as publisher:
        publisher.headers = {"ETag": '"1"'}
        publisher.body = rss(item("a", "Quiet day"), item("b", "Man with a knife in the park"))
        poller = polled(desk, publisher)
        for _ in range(3):
            poller.poll()
        publisher.headers = {"ETag": '"2"'}
        publisher.body = rss(item("c", "A theft"), item("a", "Quiet day, edited"), item("b"))
        poller.poll()
    shown = lines(desk, officer, order(desk, officer, Query()))
    first = shown[order(desk, officer, Query())[0]]
    assert first.urgency is Urgency.IMMEDIATE
    assert len(messages(desk)) == 5
    with desk.store.reading() as session:
        assert len(session.exec(select(Conversation)).all()) == 3
        state = session.get_one(StreamState, ("acton-news", "entries"))
    assert state.cursor is not None
    assert '\\"2\\"' in state.cursor
    assert state.problem is None


def test_an_edit_stands_beside_what_was_first_published(desk: Desk, officer: Officer) -> None:
    with publishing() as publisher:
        poller = polled(desk, publisher)
        for text in ("He has a knife", "He has nothing"):
            publisher.body = rss(item("a", "Park", text))
            poller.poll()
    (conversation,) = order(desk, officer, Query())
    said = {one.text for one in open_thread(desk, officer, conversation).said}
    assert said == {"Park\n\nHe has a knife", "Park\n\nHe has nothing"}


def test_a_feed_that_is_down_moves_no_cursor_and_is_told(desk: Desk) -> None:
    with publishing() as publisher:
        publisher.body = rss(item())
        poller = polled(desk, publisher)
        poller.poll()
        publisher.status = 503
        poller.poll()
    with desk.store.reading() as session:
        state = session.get_one(StreamState, ("acton-news", "entries"))
    assert state.failures == 1
    assert "HTTP 503" in (state.problem or "")
    assert len(messages(desk)) == 1


def test_what_cannot_be_read_is_quarantined_once_with_its_bytes(desk: Desk) -> None:
    with publishing() as publisher:
        publisher.body = rss(item("a"), "<item><guid/></item>")
        poller = polled(desk, publisher)
        poller.poll()
        publisher.body = rss(item("b"), item("a"), "<item><guid/></item>")
        poller.poll()
    assert read_health(desk).quarantined == 1
    assert len(messages(desk)) == 2


def test_nobody_drafts_a_reply_to_a_feed(desk: Desk, officer: Officer) -> None:
    with publishing() as publisher:
        publisher.body = rss(item())
        polled(desk, publisher).poll()
    (conversation,) = order(desk, officer, Query())
    claim(desk, officer, conversation)
    with pytest.raises(RuleError, match="only read") as refused:
        begin_draft(desk, officer, conversation)
    assert "where it was published" in refused.value.todo


@pytest.mark.parametrize(
    ("channel", "streams", "said"),
    [
        ("feed", "[mentions]", r"streams: \[entries\]"),
        ("x", "[mentions, entries]", r"streams: \[dms, mentions\]"),
        ("partner", "[reports]", "under partners"),
        ("pigeon", "[mentions]", "no channel called"),
    ],
)
def test_an_account_that_no_poller_could_read_is_refused_at_the_start(
    tmp_path: Path, clock: SetClock, channel: str, streams: str, said: str
) -> None:
    settings_home = tmp_path / "home"
    made = make_desk(settings_home, clock)
    made.store.engine.dispose()
    from socialdesk.core.settings import Settings
    from socialdesk.core.shipped import shipped

    text = (shipped("config") / "forces" / "northshire.yaml").read_text("utf-8")
    text = text.replace("channel: x", f"channel: {channel}").replace("[mentions, dms]", streams)
    folder = settings_home / "config" / "forces"
    folder.mkdir(parents=True)
    (folder / "northshire.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        open_desk(Settings(home=settings_home, config=settings_home / "config"), clock)
