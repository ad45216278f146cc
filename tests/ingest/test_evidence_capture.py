"""Media, edits and deletions, found on a real HTTP network and kept as evidence."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from socialdesk.core.clock import SetClock, SystemClock
from socialdesk.ingest.media import fetch_due
from socialdesk.ingest.poller import Poller
from socialdesk.ingest.recheck import recheck
from socialdesk.queue import acts, claims
from socialdesk.queue.desk import Desk
from socialdesk.queue.erasure import Warrant, erase_contact
from socialdesk.queue.listing import order
from socialdesk.queue.media import media_hashes
from socialdesk.queue.people import Officer, Role
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.queue.views import Said
from socialdesk.simulator.server import XSimulator
from socialdesk.simulator.x.media import content
from socialdesk.store.tables import Contact, Conversation, LogEntry, Media, Message, MessageVersion
from tests.desks import KeywordAssessor, make_officer
from tests.networks import break_network, desk_on, network, port_of

FORCE = "@NorthshirePolice "


@pytest.fixture
def clock() -> SetClock:
    return SetClock(SystemClock().now())


@pytest.fixture
def x(clock: SetClock) -> Iterator[XSimulator]:
    with network(clock=clock) as simulator:
        yield simulator


@pytest.fixture
def desk(x: XSimulator, tmp_path: Path, clock: SetClock) -> Desk:
    return desk_on(port_of(x), tmp_path / "home", clock)


@pytest.fixture
def poller(desk: Desk) -> Poller:
    return Poller(desk, desk.service("ingest"), desk.force.accounts[0], KeywordAssessor())


def publish(x: XSimulator, said: str, *media: tuple[str, str]) -> str:
    author = x.network.join("jo", "Jo")
    return x.network.post(author, FORCE + said, media=media).id


def look_again(desk: Desk, poller: Poller, clock: SetClock, seconds: float = 1000) -> int:
    clock.advance(seconds)
    return recheck(desk, poller.actor, desk.force.accounts[0], KeywordAssessor())


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.store.reading() as session:
        return list(session.exec(select(table)).all())


def said(desk: Desk, officer: Officer) -> Said:
    (conversation,) = order(desk, officer, Query())
    return open_thread(desk, officer, conversation).said[0]


def log(desk: Desk) -> bytes:
    return b"\n".join(row.body for row in rows(desk, LogEntry))


def test_a_message_is_captured_with_all_that_evidence_needs(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    post_id = publish(x, "hello")
    poller.poll()
    (message,) = rows(desk, Message)
    with desk.store.reading() as session:
        contact = session.exec(select(Contact)).one()
        key = desk.vault.keys(session, [contact.key_id])[contact.key_id]
    raw = key.unseal(message.sealed_raw)
    assert sha256(raw).digest() == message.raw_sha256
    source = json.loads(key.unseal(message.sealed_source))
    jo = x.network.find("jo")
    assert jo is not None
    assert source == {
        "link": f"https://x.com/i/web/status/{post_id}",
        "author_id": jo.id,
        "author_handle": "jo",
        "author_name": "Jo",
    }
    assert message.tool.startswith("socialdesk 0.")
    assert message.received_at == desk.clock.now()


def test_images_and_video_are_fetched_hashed_sealed_and_only_described(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    publish(x, "look", ("cat.png", "a cat \x1b[2J"), ("fire.mp4", ""))
    poller.poll()
    officer = make_officer(desk)
    assert "being fetched" in said(desk, officer).marks[0]
    assert fetch_due(desk, poller.actor) == 2
    image, film = said(desk, officer).marks
    assert sha256(content("cat.png")).hexdigest() in image
    assert "“a cat" in image
    assert "image/png, 2 kB" in image
    assert "\x1b" not in image
    assert "no description" in film
    assert sha256(content("fire.mp4")).hexdigest() in film
    raw = b"".join(path.read_bytes() for path in desk.home.root.glob("socialdesk.db*"))
    assert content("cat.png")[-200:-20] not in raw
    assert b'"media_type":"image/png"' in log(desk)


def test_a_fetch_that_fails_is_told_and_tried_again(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    publish(x, "look", ("cat.png", ""))
    poller.poll()
    break_network(x, {"kind": "server_error", "path": "/media/"})
    assert fetch_due(desk, poller.actor) == 0
    officer = make_officer(desk)
    assert "not fetched: the server answered 503, tried again later" in said(desk, officer).marks[0]
    break_network(x)
    assert fetch_due(desk, poller.actor) == 0
    clock.advance(3600)
    assert fetch_due(desk, poller.actor) == 1


def test_a_fetch_that_always_fails_ends_and_says_so(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    publish(x, "look", ("cat.png", ""))
    poller.poll()
    break_network(x, {"kind": "truncated", "path": "/media/"})
    for _ in range(20):
        fetch_due(desk, poller.actor)
        clock.advance(86_400)
    (media,) = rows(desk, Media)
    assert (media.state, media.attempts) == ("failed", 8)


def test_media_of_a_host_that_is_not_the_networks_is_never_asked_for(
    x: XSimulator, desk: Desk, poller: Poller
) -> None:
    publish(x, "look", ("cat.exe", ""))
    poller.poll()
    assert fetch_due(desk, poller.actor) == 0
    (media,) = rows(desk, Media)
    assert media.state == "refused"
    assert "404" in media.problem


def test_a_bundle_can_name_the_hashes(x: XSimulator, desk: Desk, poller: Poller) -> None:
    publish(x, "look", ("cat.png", ""))
    poller.poll()
    fetch_due(desk, poller.actor)
    with desk.store.reading() as session:
        conversation = session.exec(select(Conversation.id)).one()
        (one,) = media_hashes(session, conversation)
    assert (one.state, one.media_type, one.size) == ("kept", "image/png", len(content("cat.png")))
    assert one.sha256 == sha256(content("cat.png")).hexdigest()


def test_an_edit_is_a_further_version_and_the_original_stays(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    post_id = publish(x, "a theft")
    poller.poll()
    clock.advance(60)
    x.network.edit(post_id, FORCE + "a knife")
    poller.poll()
    poller.poll()
    (message,) = rows(desk, Message)
    (version,) = rows(desk, MessageVersion)
    assert (version.message_id, version.number) == (message.id, 2)
    shown = said(desk, make_officer(desk))
    assert shown.text.endswith("a knife")
    assert "version 2. Version 1: @NorthshirePolice a theft" in shown.marks[0]
    (conversation,) = rows(desk, Conversation)
    assert (conversation.urgency_rank, conversation.version) == (0, 2)
    assert b'"change":"edited_by_its_author"' in log(desk)


def test_an_edit_that_no_stream_shows_is_found_by_looking_again(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    post_id = publish(x, "a theft")
    poller.poll()
    clock.advance(60)
    second = x.network.edit(post_id, FORCE + "two thefts").id
    x.network.edit(second, "three thefts, and the force no longer named")
    assert look_again(desk, poller, clock) == 1
    assert look_again(desk, poller, clock, 90_000) == 0
    (version,) = rows(desk, MessageVersion)
    assert version.number == 2
    assert said(desk, make_officer(desk)).text.startswith("three thefts")


def test_a_deletion_leaves_a_mark_and_keeps_what_was_captured(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    post_id, kept = publish(x, "a theft"), publish(x, "still here")
    poller.poll()
    x.network.delete_post(post_id)
    assert look_again(desk, poller, clock) == 1
    gone = {row.remote_id: row.gone_because for row in rows(desk, Message)}
    assert gone == {post_id: "not_found", kept: None}
    officer = make_officer(desk)
    shown = open_thread(desk, officer, order(desk, officer, Query())[0]).said[0]
    assert shown.text == "@NorthshirePolice a theft"
    assert "deleted it. What was captured is kept." in shown.marks[0]
    assert b'"change":"no_longer_served"' in log(desk)
    assert look_again(desk, poller, clock, 90_000) == 0


def test_an_outage_is_no_deletion(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    publish(x, "a theft")
    poller.poll()
    clock.advance(1000)
    break_network(x, {"kind": "server_error", "path": "/2/tweets$"})
    with pytest.raises(Exception, match="error"):
        recheck(desk, poller.actor, desk.force.accounts[0], KeywordAssessor())
    break_network(x)
    assert look_again(desk, poller, clock) == 0
    assert all(row.gone_at is None for row in rows(desk, Message))


def test_a_spent_reading_budget_is_kept_for_what_is_new(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    publish(x, "a theft")
    poller.poll()
    clock.advance(1000)
    frugal = desk.force.accounts[0].model_copy(update={"monthly_reads": 1})
    assert recheck(desk, poller.actor, frugal, KeywordAssessor()) == 0
    assert rows(desk, Message)[0].recheck_at < clock.now()


def test_old_messages_are_looked_at_no_more(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    publish(x, "a theft")
    poller.poll()
    look_again(desk, poller, clock, 29 * 86_400)
    assert [row.recheck_at for row in rows(desk, Message)] == [None]


def test_erasure_destroys_versions_and_media_as_well(
    x: XSimulator, desk: Desk, poller: Poller, clock: SetClock
) -> None:
    post_id = publish(x, "a theft", ("cat.png", "my cat"))
    poller.poll()
    clock.advance(60)
    x.network.edit(post_id, FORCE + "two thefts")
    poller.poll()
    fetch_due(desk, poller.actor)
    chief = make_officer(desk, "sam", "Sam Field", Role.SUPERVISOR)
    (conversation,) = order(desk, chief, Query())
    claims.claim(desk, chief, conversation)
    acts.close(desk, chief, conversation, "no_action")
    contact: UUID = rows(desk, Contact)[0].id
    erase_contact(desk, chief, contact, Warrant("DPO/1", "data_subject_request"))
    for media in rows(desk, Media):
        assert (media.state, media.sealed_link, media.sealed_content) == ("erased", b"", None)
        assert (media.sha256, media.size, media.salt) == (None, None, None)
    (version,) = rows(desk, MessageVersion)
    assert (version.sealed_text, version.sealed_raw, version.sealed_source) == (b"", None, b"")
    assert version.remote_id.startswith("erased:")
    poller.poll()
    assert len(rows(desk, Message)) == 1
    with desk.store.reading() as session:
        due = session.exec(select(Message).where(col(Message.recheck_at).is_not(None))).all()
    assert due == []
