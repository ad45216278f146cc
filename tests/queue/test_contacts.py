from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from socialdesk.core.errors import RuleError
from socialdesk.queue.contacts import merge, same_person, unmerge
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import Contact, Conversation
from tests.desks import hear, post


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


def test_contacts_are_merged_for_a_reason_and_the_log_says_so(desk: Desk, officer: Officer) -> None:
    first, second, third = three_people(desk)
    merge(desk, officer, first, second, "the same phone number")
    merge(desk, officer, second, third, "said so in both")
    assert one_person(desk, third) == {first, second, third}
    last = entries(desk)[-1]
    assert b'"action":"combination"' in last
    assert b"said so" not in last


def test_a_merge_is_undone_and_leaves_every_thread_where_it_was(
    desk: Desk, officer: Officer
) -> None:
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


def test_a_merge_without_reason_of_strangers_or_twice_is_refused(
    desk: Desk, officer: Officer
) -> None:
    first, second, _ = three_people(desk)
    with pytest.raises(RuleError, match="why"):
        merge(desk, officer, first, second, " ")
    with pytest.raises(RuleError, match="knows no contact"):
        merge(desk, officer, first, uuid4(), "a guess")
    merge(desk, officer, first, second, "the same phone number")
    with pytest.raises(RuleError, match="already"):
        merge(desk, officer, second, first, "again")
