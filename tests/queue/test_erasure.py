import sqlite3
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from socialdesk.audit.verify import verify_log
from socialdesk.channels.base import Rejected, Stream
from socialdesk.classify.assessment import Urgency
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import NotAllowed, RuleError, VaultError
from socialdesk.queue import acts, claims, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.erasure import (
    Erased,
    Warrant,
    erase_contact,
    erase_conversation,
    finish_scrubbing,
)
from socialdesk.queue.health import read_health
from socialdesk.queue.holds import add_hold, contact_of, lift_hold, running_holds
from socialdesk.queue.intake import take_in
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer, Role, add_person, sign_in
from socialdesk.queue.quarantine import erase_quarantined, in_quarantine
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.queue.views import ERASED
from socialdesk.store.rotation import rotate_master
from socialdesk.store.tables import (
    AssessmentRow,
    Contact,
    ContactIdentity,
    Conversation,
    Escalation,
    LogEntry,
    Message,
    MessageWord,
    Quarantined,
    Reply,
    Thrive,
    VaultKey,
)
from tests.databases import files_of, found_in, is_sqlite, wal_of
from tests.desks import PASSPHRASE, hear, post, reopened

WARRANT = Warrant("DPO/2026/114", "data_subject_request")
SECRET = "the pomegranate is under the zanzibar mat"


@pytest.fixture
def desk(any_desk: Desk) -> Desk:
    """Every promise here holds on both databases."""
    return any_desk


@pytest.fixture
def chief(desk: Desk) -> Officer:
    add_person(desk, "sam", "Sam Field", Role.SUPERVISOR, PASSPHRASE)
    return sign_in(desk, "sam", PASSPHRASE)


def close_all(desk: Desk, officer: Officer, ending: str = "no_action") -> None:
    for conversation in order(desk, officer, Query()):
        claims.claim(desk, officer, conversation)
        acts.close(desk, officer, conversation, ending)


def the_conversation(desk: Desk) -> UUID:
    with desk.store.reading() as session:
        return session.exec(select(Conversation.id).order_by(col(Conversation.id))).all()[0]


def whole_story(desk: Desk, officer: Officer) -> UUID:
    """Let a contact leave a trace in every table: messages, draft, THRIVE, escalation."""
    hear(desk, post(SECRET + " and he has a knife", thread="t"), post("and again", thread="t"))
    (conversation,) = order(desk, officer, Query())
    claims.claim(desk, officer, conversation)
    draft = replies.begin_draft(desk, officer, conversation)
    replies.save_draft(desk, officer, draft, "Where are you? " + SECRET)
    acts.assess(
        desk,
        officer,
        conversation,
        acts.ThriveNote(order_of_risk(), "a note about " + SECRET),
    )
    acts.escalate(desk, officer, conversation, "dispatch", "go to " + SECRET)
    acts.close(desk, officer, conversation, "incident_created")
    return conversation


def order_of_risk() -> Urgency:

    return Urgency.IMMEDIATE


def everything_sealed(desk: Desk) -> set[bytes]:
    """Read every byte string that says something about a person, as it lies in the database."""
    with desk.store.reading() as session:
        wrapped = session.exec(select(VaultKey.wrapped)).all()
        found: set[bytes] = {key for key in wrapped if key}
        for message in session.exec(select(Message)):
            found |= {message.sealed_text, message.sealed_raw or b""}
            found |= {message.raw_sha256 or b"", message.salt or b""}
        for reply in session.exec(select(Reply)):
            found |= {reply.sealed_text, reply.salt or b""}
        found.update(session.exec(select(Thrive.sealed_note)))
        found.update(session.exec(select(Escalation.sealed_note)))
        for conversation in session.exec(select(Conversation)):
            found |= {conversation.sealed_gist, conversation.thread_lookup}
        for identity in session.exec(select(ContactIdentity)):
            found |= {identity.sealed, identity.lookup}
        found.update(session.exec(select(MessageWord.word)))
    return {content for content in found if content}


def copies(desk: Desk, needles: Iterable[bytes]) -> list[tuple[str, bytes]]:
    """Return which of the database's files still holds what."""
    return found_in(files_of(desk.store.engine), needles)


def cleared(desk: Desk, done: Erased | None = None) -> bool:
    """Say whether an erasure cleared the files; on PostgreSQL that is left to the scrubbing."""
    if is_sqlite(desk.store.engine):
        return done is None or done.scrubbed
    return finish_scrubbing(desk) > 0


def verifies(desk: Desk) -> bool:
    signer = desk.signer()
    note = signer.sign(desk.store)
    with desk.store.reading() as session:
        verdict = verify_log(desk.log, session.connection(), list(signer.keys.public), [note])
    assert verdict.good, verdict.problems
    return verdict.good


def test_after_erasure_no_file_of_the_database_holds_key_salt_hash_or_sealed_text(
    desk: Desk, officer: Officer, chief: Officer, tmp_path: Path
) -> None:
    conversation = whole_story(desk, officer)
    sealed = everything_sealed(desk)
    assert copies(desk, sealed)
    done = erase_contact(desk, chief, contact_of(desk, conversation), WARRANT)
    assert cleared(desk, done)
    assert done.messages == 2
    assert copies(desk, sealed) == []
    with desk.store.reading() as session:
        for table in (AssessmentRow, ContactIdentity, MessageWord):
            assert session.exec(select(table)).all() == []
    assert verifies(desk)


def test_no_backup_made_after_an_erasure_holds_what_was_erased(
    desk: Desk, officer: Officer, chief: Officer, tmp_path: Path
) -> None:
    if not is_sqlite(desk.store.engine):
        pytest.skip("SQLite's own ways to make a backup")
    conversation = whole_story(desk, officer)
    sealed = everything_sealed(desk)
    erase_contact(desk, chief, contact_of(desk, conversation), WARRANT)
    backup, copy = tmp_path / "made.backup", tmp_path / "made.page-copy"
    with sqlite3.connect(desk.home.database) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    with sqlite3.connect(desk.home.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    assert found_in([backup, copy], sealed) == []


def test_postgresqls_log_never_held_a_text_and_what_it_holds_opens_with_no_key_at_hand(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    """Its write-ahead log keeps the past: wrapped keys too, so the master key is rotated."""
    if is_sqlite(desk.store.engine):
        pytest.skip("PostgreSQL's write-ahead log")
    conversation = whole_story(desk, officer)
    with desk.store.reading() as session:
        (key,) = session.exec(select(VaultKey)).all()
        wrapped = key.wrapped
    erase_contact(desk, chief, contact_of(desk, conversation), WARRANT)
    assert cleared(desk)
    past = wal_of(desk.store.engine)
    assert found_in([*past, *files_of(desk.store.engine)], [b"pomegranate", b"zanzibar"]) == []
    assert wrapped is not None
    assert found_in(past, [wrapped])
    rotate_master(desk.store, desk.vault, desk.service("vault"), chief.actor.id, "after erasure")
    with pytest.raises(VaultError, match="not at hand"):
        reopened(desk).vault.unwrapped(wrapped, key.id.bytes)


def test_an_item_in_quarantine_is_erased_with_its_key_and_does_not_come_back(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    account, actor = desk.force.accounts[0], desk.service("ingest")
    broken = Rejected(b'{"text":"zanzibar is ill","broken":', "no author")
    take_in(desk, actor, account, "mentions", [], [broken])
    (item,) = in_quarantine(desk)
    with desk.store.reading() as session:
        traces = [*session.exec(select(Quarantined.sealed_raw))]
        traces += [one for one in session.exec(select(VaultKey.wrapped)) if one]
    assert copies(desk, traces)
    assert copies(desk, [b"zanzibar"]) == []
    with pytest.raises(NotAllowed):
        erase_quarantined(desk, officer, item.id, WARRANT)
    with pytest.raises(RuleError, match="reference"):
        erase_quarantined(desk, chief, item.id, Warrant("x", "court_order"))
    assert erase_quarantined(desk, chief, item.id, WARRANT) or cleared(desk)
    assert copies(desk, traces) == []
    assert (in_quarantine(desk), read_health(desk).quarantined) == ([], 0)
    take_in(desk, actor, account, "mentions", [], [broken])
    assert in_quarantine(desk) == []
    with pytest.raises(RuleError, match="no item"):
        erase_quarantined(desk, chief, item.id, WARRANT)
    with desk.store.reading() as session:
        last = session.exec(select(LogEntry.body).order_by(col(LogEntry.seq).desc())).first()
    assert last is not None
    assert b'"action":"erasure"' in last
    assert b"DPO/2026/114" in last
    assert verifies(desk)


def test_among_many_contacts_one_is_erased_without_trace_and_the_others_stay_readable(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    hear(desk, *(post(f"matter {n} " + "x" * (n * 37 % 900), handle=f"h{n}") for n in range(60)))
    before = everything_sealed(desk)
    close_all(desk, officer)
    with desk.store.reading() as session:
        contacts = session.exec(select(Contact.id).order_by(col(Contact.id))).all()
    for contact in contacts[::9]:
        done = erase_contact(desk, chief, contact, WARRANT)
        assert done.scrubbed or not is_sqlite(desk.store.engine)
    assert cleared(desk)
    remaining = everything_sealed(desk)
    gone = {one for one in before - remaining if len(one) > 16}
    assert copies(desk, gone) == []
    with desk.store.reading() as session:
        ids = session.exec(select(Conversation.id)).all()
    shown = lines(desk, officer, ids)
    assert sum(line.gist == ERASED for line in shown.values()) == len(contacts[::9])
    assert sum(line.gist.startswith("matter") for line in shown.values()) == 60 - len(contacts[::9])


def test_the_desk_shows_that_it_was_erased_and_the_log_says_by_whom_and_why(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    conversation = whole_story(desk, officer)
    erase_contact(desk, chief, contact_of(desk, conversation), WARRANT)
    view = open_thread(desk, officer, conversation)
    assert {said.text for said in view.said} == {ERASED}
    assert {note.text for note in view.notes} == {ERASED}
    assert view.line.gist == ERASED
    assert view.line.handle == ""
    with desk.store.reading() as session:
        bodies = session.exec(select(LogEntry.body).order_by(col(LogEntry.seq))).all()
    entries = [body for body in bodies if b'"action":"erasure"' in body]
    assert len(entries) == 2
    assert all(b"DPO/2026/114" in body and b"data_subject_request" in body for body in entries)
    assert all(chief.actor.id.encode() in body for body in entries)
    assert not any(b"pomegranate" in body for body in bodies)


def test_re_reading_the_network_does_not_bring_an_erased_message_back(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    items = [post("one", thread="t"), post("two", thread="t")]
    hear(desk, *items)
    close_all(desk, officer)
    erase_contact(desk, chief, contact_of(desk, the_conversation(desk)), WARRANT)
    assert hear(desk, *items) == 0
    assert copies(desk, [items[0].remote_id.encode() + b'"}']) == []
    with desk.store.reading() as session:
        assert not set(session.exec(select(Message.remote_id))) & {one.remote_id for one in items}


def test_who_writes_again_is_a_new_contact_with_a_new_conversation(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    hear(desk, post("before", stream=Stream.DMS))
    close_all(desk, officer)
    erased = the_conversation(desk)
    erase_contact(desk, chief, contact_of(desk, erased), WARRANT)
    hear(desk, post("after", stream=Stream.DMS))
    (fresh,) = order(desk, officer, Query())
    assert fresh != erased
    assert contact_of(desk, fresh) != contact_of(desk, erased)
    assert [said.text for said in open_thread(desk, officer, fresh).said] == ["after"]


def test_one_conversation_is_erased_and_the_contacts_others_stay_readable_under_a_fresh_key(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    hear(desk, post("in public", thread="t"), post("in private", stream=Stream.DMS))
    close_all(desk, officer)
    before = everything_sealed(desk)
    public, private = sorted(
        (line.gist, one) for one, line in lines(desk, officer, ids_of(desk)).items()
    )[::-1]
    done = erase_conversation(desk, chief, public[1], WARRANT)
    assert cleared(desk, done)
    assert done.conversations == (public[1],)
    assert open_thread(desk, officer, public[1]).said[0].text == ERASED
    assert open_thread(desk, officer, private[1]).said[0].text == "in private"
    kept = everything_sealed(desk)
    gone = {content for content in before - kept if len(content) > 16}
    assert copies(desk, gone) == []
    hear(desk, post("in private again", stream=Stream.DMS))
    assert order(desk, officer, Query()) == [private[1]]
    assert verifies(desk)


def ids_of(desk: Desk) -> list[UUID]:
    with desk.store.reading() as session:
        return list(session.exec(select(Conversation.id)))


def test_a_legal_hold_keeps_everything_until_it_is_lifted_and_each_step_is_an_entry(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    conversation = whole_story(desk, officer)
    contact = contact_of(desk, conversation)
    hold = add_hold(desk, chief, contact, "CPIA R v Smith 2026")
    before = everything_sealed(desk)
    with pytest.raises(RuleError, match="legal hold"):
        erase_contact(desk, chief, contact, WARRANT)
    with pytest.raises(RuleError, match="legal hold"):
        erase_conversation(desk, chief, conversation, WARRANT)
    assert everything_sealed(desk) == before
    assert [one.id for one in running_holds(desk)] == [hold]
    lift_hold(desk, chief, hold, "CPS letter 7")
    assert running_holds(desk) == []
    assert cleared(desk, erase_contact(desk, chief, contact, WARRANT))
    with desk.store.reading() as session:
        bodies = session.exec(select(LogEntry.body)).all()
    assert sum(str(hold).encode() in body for body in bodies) == 2


def test_an_officer_may_neither_erase_nor_hold(desk: Desk, officer: Officer) -> None:
    conversation = whole_story(desk, officer)
    contact = contact_of(desk, conversation)
    with pytest.raises(NotAllowed):
        erase_contact(desk, officer, contact, WARRANT)
    with pytest.raises(NotAllowed):
        add_hold(desk, officer, contact, "CPIA 1")


def test_nobody_is_erased_while_they_wait_or_while_a_reply_is_on_its_way(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    hear(desk, post("help"))
    (conversation,) = order(desk, officer, Query())
    contact = contact_of(desk, conversation)
    with pytest.raises(RuleError, match="not closed"):
        erase_contact(desk, chief, contact, WARRANT)
    claims.claim(desk, officer, conversation)
    draft = replies.begin_draft(desk, officer, conversation)
    replies.submit(desk, officer, draft, "We are on our way.")
    acts.close(desk, officer, conversation, "advice_given")
    with pytest.raises(RuleError, match="queued"):
        erase_contact(desk, chief, contact, WARRANT)


@pytest.mark.parametrize("authority", ["", "x", "  ", "Jo <jo@example.org>", "a" * 81, "a\nb"])
def test_an_authority_is_a_reference_and_nothing_else(
    desk: Desk, officer: Officer, chief: Officer, authority: str
) -> None:
    conversation = whole_story(desk, officer)
    with pytest.raises(RuleError, match="reference"):
        erase_contact(desk, chief, contact_of(desk, conversation), Warrant(authority, "code"))


def test_nothing_is_erased_twice_and_nothing_more_is_kept_for_the_erased(
    desk: Desk, officer: Officer, chief: Officer
) -> None:
    conversation = whole_story(desk, officer)
    contact = contact_of(desk, conversation)
    erase_contact(desk, chief, contact, WARRANT)
    with pytest.raises(RuleError, match="before"):
        erase_contact(desk, chief, contact, WARRANT)
    acts.reopen(desk, officer, conversation)
    claims.claim(desk, officer, conversation)
    with pytest.raises(RuleError, match="erased by authority"):
        replies.begin_draft(desk, officer, conversation)


def test_a_reader_in_the_way_leaves_the_search_to_a_later_scrubbing(
    desk: Desk, officer: Officer, chief: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_sqlite(desk.store.engine):
        pytest.skip("PostgreSQL always leaves it to a later scrubbing")
    conversation = whole_story(desk, officer)
    sealed = everything_sealed(desk)
    monkeypatch.setattr("socialdesk.store.scrub._checkpointed", lambda _engine: False)
    done: Erased = erase_contact(desk, chief, contact_of(desk, conversation), WARRANT)
    assert not done.scrubbed
    monkeypatch.undo()
    assert finish_scrubbing(desk) == 1
    assert copies(desk, sealed) == []
    assert finish_scrubbing(desk) == 0


def test_an_erasure_whose_entry_cannot_be_written_erases_nothing(
    desk: Desk,
    officer: Officer,
    chief: Officer,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation = whole_story(desk, officer)
    before = everything_sealed(desk)

    def refuse(*_: object) -> None:
        raise RuleError("the log is full")

    monkeypatch.setattr(type(desk.log), "append", refuse)
    with pytest.raises(RuleError, match="full"):
        erase_contact(desk, chief, contact_of(desk, conversation), WARRANT)
    assert everything_sealed(desk) == before
