from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from socialdesk.core.errors import RuleError
from socialdesk.queue.contacts import merge, same_person, unmerge
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.store.tables import Contact, ContactLink, Conversation
from tests.desks import KeywordAssessor, hear, make_officer, post


def three_people(desk: Desk) -> list[UUID]:
    hear(desk, *(post("hello", handle=handle) for handle in ("jo", "jo_alt", "sam")))
    with desk.store.reading() as session:
        return list(session.exec(select(Contact.id)).all())


def one_person(desk: Desk, contact: UUID) -> set[UUID]:
    with desk.store.reading() as session:
        return same_person(session, contact)


def entries(desk: Desk) -> list[bytes]:
    with desk.store.reading() as session:
        return [body for _seq, body in desk.log.entries(session.connection())]


def test_contacts_are_merged_for_a_reason_and_the_log_says_so(either: Desk) -> None:
    desk, officer = either, make_officer(either)
    first, second, third = three_people(desk)
    merge(desk, officer, first, second, "the same phone number")
    merge(desk, officer, second, third, "said so in both")
    assert one_person(desk, third) == {first, second, third}
    last = entries(desk)[-1]
    assert b'"action":"combination"' in last
    assert b"said so" not in last


def test_a_merge_is_undone_and_leaves_every_thread_where_it_was(either: Desk) -> None:
    desk, officer = either, make_officer(either)
    first, second, _ = three_people(desk)
    with desk.store.reading() as session:
        before = dict(session.exec(select(Conversation.id, Conversation.contact_id)).all())
    link = merge(desk, officer, first, second, "the same phone number")
    unmerge(desk, officer, link)
    assert one_person(desk, first) == {first}
    with desk.store.reading() as session:
        assert dict(session.exec(select(Conversation.id, Conversation.contact_id)).all()) == before
    assert b'"change":"unmerged"' in entries(desk)[-1]
    with pytest.raises(RuleError):
        unmerge(desk, officer, link)


def test_a_merge_without_reason_of_strangers_or_twice_is_refused(either: Desk) -> None:
    desk, officer = either, make_officer(either)
    first, second, _ = three_people(desk)
    with pytest.raises(RuleError, match="why"):
        merge(desk, officer, first, second, " ")
    with pytest.raises(RuleError, match="knows no contact"):
        merge(desk, officer, first, uuid4(), "a guess")
    merge(desk, officer, first, second, "the same phone number")
    with pytest.raises(RuleError, match="already"):
        merge(desk, officer, second, first, "again")


def test_one_person_on_two_networks_is_linked_and_parted_again(either: Desk) -> None:
    officer = make_officer(either)
    there = either.force.accounts[0].model_copy(update={"id": "elsewhere", "channel": "elsewhere"})
    hear(either, post("hello", handle="jo"))
    said = judge([post("hello from there", handle="jo")], KeywordAssessor())
    take_in(either, either.service("ingest"), there, "mentions", said)
    with either.store.reading() as session:
        here, elsewhere = session.exec(select(Contact.id).order_by(Contact.created_at)).all()  # type: ignore[arg-type]
    assert one_person(either, here) == {here}, "the same id on two networks proves nothing"
    link = merge(either, officer, here, elsewhere, "told us so on the telephone")
    assert one_person(either, elsewhere) == {here, elsewhere}
    hear(either, post("again", handle="jo"))
    unmerge(either, officer, link)
    assert one_person(either, here) == {here}
    assert one_person(either, elsewhere) == {elsewhere}
    again = merge(either, officer, here, elsewhere, "the telephone call was checked")
    with either.store.reading() as session:
        kept = {row.id: row.undone_by for row in session.exec(select(ContactLink)).all()}
    assert kept == {link: officer.person_id, again: None}
