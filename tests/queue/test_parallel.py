"""Exactly one conversation a thread, however many read at once, on both databases."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import select

from socialdesk.channels.base import Item
from socialdesk.queue.coverage import CursorMove
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.store.tables import Contact, ContactIdentity, Conversation, Message
from tests.desks import START, KeywordAssessor, post

READERS = 6


def read_at_once(desk: Desk, pages: Sequence[Sequence[Item]], stream: str = "mentions") -> int:
    """Let several readers take in the pages at the same moment; return how many were new."""
    account, actor = desk.force.accounts[0], desk.service("ingest")
    start, new, wrong = threading.Barrier(len(pages)), [], []

    def read(page: Sequence[Item]) -> None:
        judged = judge(page, KeywordAssessor())
        start.wait()
        try:
            move = CursorMove(page[0].remote_id, START)
            new.append(take_in(desk, actor, account, stream, judged, (), move))
        except Exception as error:  # noqa: BLE001 whatever a reader meets is the test's to show
            wrong.append(error)

    threads = [threading.Thread(target=read, args=(page,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    return sum(new)


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.store.reading() as session:
        return list(session.exec(select(table)).all())


def told(desk: Desk, mark: str) -> list[Conversation]:
    """Return the conversations that hold messages of one test."""
    ids = {row.conversation_id for row in rows(desk, Message) if row.remote_id.startswith(mark)}
    return [row for row in rows(desk, Conversation) if row.id in ids]


def test_the_same_page_read_by_many_at_once_is_stored_once(either: Desk) -> None:
    page = [
        post(
            f"message {n}",
            handle=f"same{n % 4}",
            thread=f"same:{n % 5}:{n % 4}",
            remote_id=f"same-{n}",
        )
        for n in range(40)
    ]
    assert read_at_once(either, [page] * READERS) == 40
    stored = Counter(row.remote_id for row in rows(either, Message))
    assert all(stored[item.remote_id] == 1 for item in page)
    assert len(told(either, "same-")) == len({item.thread_key for item in page})


def test_pages_that_overlap_in_any_order_make_one_conversation_a_thread(either: Desk) -> None:
    items = [
        post(f"message {n}", handle=f"over{n % 3}", thread=f"over:{n % 3}", remote_id=f"over-{n}")
        for n in range(60)
    ]
    pages = [items[start : start + 30] for start in range(0, 36, 6)]
    pages[1::2] = [page[::-1] for page in pages[1::2]]
    assert read_at_once(either, pages) == 60
    conversations = told(either, "over-")
    assert len(conversations) == 3
    assert sum(row.version for row in conversations) == 60
    people = {row.contact_id for row in conversations}
    assert len(people) == 3


def test_a_person_met_at_once_in_two_streams_is_one_contact(either: Desk) -> None:
    before = len(rows(either, Contact))
    pages = [
        [post("hello", handle="newcomer", thread=f"new:{n}", remote_id=f"new-{n}")]
        for n in range(READERS)
    ]
    read_at_once(either, pages)
    assert len(rows(either, Contact)) == before + 1
    identities = [row.lookup for row in rows(either, ContactIdentity)]
    assert len(identities) == len(set(identities))


def test_an_edit_read_while_the_first_wording_is_stored_opens_no_second_thread(
    either: Desk,
) -> None:
    first = [
        post(f"wording one {n}", handle=f"edit{n}", thread=f"edit:{n}", remote_id=f"edit-{n}")
        for n in range(12)
    ]
    later = [replace(item, text="wording two", raw=b"{}") for item in first]
    assert read_at_once(either, [first, later, first[::-1], later[::-1]]) == 12
    conversations = told(either, "edit-")
    assert len(conversations) == 12
    assert {row.version for row in conversations} == {1}


def test_readers_that_retry_after_each_others_pages_keep_one_thread_a_person(
    either: Desk,
) -> None:
    items = [
        post(f"message {n}", handle="again", thread="again", remote_id=f"again-{n:03}")
        for n in range(48)
    ]
    for start in range(0, 48, 12):
        pages = [items[max(0, start - back) : start + 12] for back in range(0, 18, 3)]
        read_at_once(either, pages)
    (conversation,) = told(either, "again-")
    assert conversation.version == 48
