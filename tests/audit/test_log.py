import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from socialdesk.audit import log as log_module
from socialdesk.audit.entry import Action
from socialdesk.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from socialdesk.core.errors import AuditError, StoreError
from socialdesk.store.tables import StreamState
from tests.audit.logs import Book, open_book

FORK = multiprocessing.get_context("spawn")


def write_some(home: Path, url: str, count: int) -> None:
    """Act `count` times, in a process of its own."""
    book = open_book(home, url)
    for _ in range(count):
        book.act(3)
    book.store.engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(any_book: Book) -> None:
    with any_book.store.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        found = compare_metadata(context, SQLModel.metadata)
    ours = [change for change in found if "log_" in str(change)]
    assert ours == []


def test_entries_tree_and_head_move_together_and_prove_each_other(any_book: Book) -> None:
    any_book.act(300)
    any_book.sign()
    any_book.act(250)
    any_book.sign()
    found = any_book.verify()
    assert (found.status, found.problems, found.size) == (0, [], 552)
    with any_book.store.reading() as session:
        connection = session.connection()
        root = any_book.log.root(connection, 552)
        for index in (0, 255, 256, 400, 551):
            path = any_book.log.inclusion_proof(connection, index, 552)
            leaf = leaf_hash(any_book.log.entry(connection, index))
            assert verify_inclusion(leaf, index, 552, path, root)
        proof = any_book.log.consistency_proof(connection, 302, 552)
        assert verify_consistency(302, 552, proof, any_book.log.root(connection, 302), root)
        with pytest.raises(LookupError):
            any_book.log.inclusion_proof(connection, 552, 552)
        with pytest.raises(LookupError):
            any_book.log.root(connection, 600)


def test_writers_in_threads_leave_no_gap(any_book: Book) -> None:
    def write() -> None:
        for _ in range(15):
            any_book.act(2)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    any_book.sign()
    found = any_book.verify()
    assert (found.status, found.problems, found.size) == (0, [], 2 + 4 * 15 * 2)


def test_writers_in_processes_leave_no_gap(any_book: Book) -> None:
    workers = [
        FORK.Process(target=write_some, args=(any_book.home.root, any_book.url, 12))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for _ in range(12):
        any_book.act(3)
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    any_book.sign()
    found = any_book.verify()
    assert (found.status, found.problems, found.size) == (0, [], 2 + 4 * 12 * 3)


def test_two_that_lock_rows_in_opposite_order_meet_no_deadlock_in_the_log(any_book: Book) -> None:
    failures: list[Exception] = []

    def write(own: str) -> None:
        try:
            for number in range(10):
                with any_book.store.transaction(any_book.service, "test") as current:
                    name = f"{own}{number}"
                    current.session.add(
                        StreamState(account_id="a", stream=name, force_id="northshire")
                    )
                    current.record(Action.CONFIGURATION, f"stream:{name}")
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(own,)) for own in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert any_book.size() == 32


@pytest.mark.parametrize("broken", ["_ADD_ENTRIES", "_MOVE_HEAD", "_PUT_TILE"])
def test_an_act_whose_entry_cannot_be_written_does_not_happen(
    any_book: Book, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_book.act(250)
    monkeypatch.setattr(log_module, broken, getattr(log_module, broken).replace("log_", "lost_"))
    with (
        pytest.raises(StoreError),
        any_book.store.transaction(any_book.service, "test") as current,
    ):
        current.session.add(StreamState(account_id="a", stream="s", force_id="northshire"))
        for number in range(10):
            current.record(Action.CONFIGURATION, f"stream:{number}")
    monkeypatch.undo()
    with any_book.store.reading() as session:
        assert session.get(StreamState, ("a", "s")) is None
    any_book.sign()
    assert any_book.verify().status == 0
    assert any_book.size() == 252


def test_an_act_whose_signer_fails_does_not_happen(book: Book) -> None:
    book.attack("UPDATE log_head SET service_key = 'ffffffffffffffff'")
    with pytest.raises(AuditError, match="is not in"):
        book.act()
    assert book.size() == 2


DYING = """
import sys
from pathlib import Path
from tests.audit.logs import open_book
book = open_book(Path(sys.argv[1]), sys.argv[2])
book.act(5)
with book.store.transaction(book.service, "never ends") as current:
    for number in range(600):
        current.record("collection", f"message:{number}")
    book.log.append(current.session.connection(), book.service, current.acts)
    print("in the middle", flush=True)
    sys.stdin.read()
"""


@pytest.mark.fault
def test_a_writer_killed_in_mid_transaction_leaves_a_log_that_holds(any_book: Book) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", DYING, str(any_book.home.root), any_book.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"in the middle\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    any_book.act()
    any_book.sign()
    found = any_book.verify()
    assert (found.status, found.problems, found.size) == (0, [], 8)


def test_no_writer_starves_at_the_gate(book: Book) -> None:
    """Four writers without pause: each gets a fair part, none waits for long."""
    stop = time.monotonic() + 1.5
    counts, longest = [0] * 4, [0.0] * 4

    def write(own: int) -> None:
        other = open_book(book.home.root)
        while time.monotonic() < stop:
            began = time.monotonic()
            other.act()
            longest[own] = max(longest[own], time.monotonic() - began)
            counts[own] += 1
        other.store.engine.dispose()

    threads = [threading.Thread(target=write, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert min(counts) * 4 > max(counts)
    assert max(longest) < 1.0


def test_an_escalation_asks_for_a_checkpoint_and_the_next_one_answers(any_book: Book) -> None:
    any_book.act()
    any_book.sign()
    any_book.act(2)
    assert not wanted(any_book)
    any_book.act(1, action="escalate")
    assert wanted(any_book)
    any_book.sign()
    assert not wanted(any_book)


def wanted(book: Book) -> bool:
    with book.store.reading() as session:
        head = book.log.head(session.connection())
    return head.wanted > head.seen_size


def test_an_entry_says_which_checkpoint_its_actor_had_seen(any_book: Book) -> None:
    note = any_book.sign()
    any_book.act()
    with any_book.store.reading() as session:
        body = any_book.log.entry(session.connection(), 2)
    root = note.split("\n")[2]
    assert f'"seen":{{"root":"{root}","size":2}}'.encode() in body


def test_a_damaged_tree_stops_the_act_that_would_build_on_it(book: Book) -> None:
    book.act(300)
    book.attack("DELETE FROM log_entry WHERE seq = 300")
    with pytest.raises(AuditError, match="tree is damaged"):
        book.act(300)
