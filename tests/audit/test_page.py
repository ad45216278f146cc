"""Reading by the page must never say more than reading entry by entry, and never something else."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialdesk.audit.grammar import read_entry
from socialdesk.audit.history import KeyHistory
from socialdesk.audit.keys import SigningKey
from socialdesk.audit.page import read_page
from socialdesk.audit.reader import Reader
from socialdesk.audit.tiles import TILE
from tests.audit.logs import FORCE, ORIGIN, Book, open_book
from tests.audit.test_entry import ACTS

FIRST = 3
"""The entries before bring keys; those are always read one by one."""

DETAILS: list[dict[str, Any]] = [
    {"account": "northshire-x", "conversation": "c", "stream": "mentions"},
    {"subjects": ["message:1", "message:2"]},
    {"messages": {"a": "priority", "b": "routine"}, "model": "desk-3"},
    {"a": 'é\\"\n\u0001\u007f', "b": True, "c": -7, "d": "", "e": [], "f": 10**14, "g": 2**53 - 1},
    {},
]


def filled(book: Book) -> SigningKey:
    """Put acts of many shapes into a log, officers' and services', and sign it on the way."""
    key = book.add_officer()
    for number in range(90):
        with book.store.transaction(book.service, "test") as current:
            for details in DETAILS:
                salted = {"text": bytes([number]) * 32, "raw": bytes(32)}
                current.record(
                    "collection",
                    f"message:{number}",
                    details=details,
                    commitments=dict(list(salted.items())[: number % 3]),
                    recipients=("a", "b")[: number % 3],
                )
        with book.store.transaction(book.officer(key), "test") as current:
            current.record("claim", f"conversation:{number}", details={"fence": number})
        if number % 20 == 19:
            book.sign()
    return key


@pytest.fixture(scope="module")
def full_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    book = open_book(Path(tmp_path_factory.mktemp("page")))
    filled(book)
    yield book
    book.store.engine.dispose()


@pytest.fixture(scope="module")
def bodies(full_book: Book) -> list[bytes]:
    with full_book.store.reading() as session:
        return [body for _seq, body in full_book.log.entries(session.connection())]


def reader_at_first(bodies: list[bytes]) -> Reader:
    reader = Reader(ORIGIN, FORCE.encode(), KeyHistory(ORIGIN))
    assert all(reader.fault(seq, body) is None for seq, body in enumerate(bodies[:FIRST]))
    return reader


EDITS = [
    (b'"n":', b'"z":'),
    (b'"reason":"test"', b'"reason":"t\\u0065st"'),
    (b'"stream"', b'"account"'),
    (b'"account":"northshire-x",', b""),
    (b'"a":"priority","b":"routine"', b'"b":"routine","a":"priority"'),
    (b'"a":"priority"', b'"b":"priority"'),
    (b'{"account"', b'{"":1,"":2,"account"'),
    (b'{"account"', b'{"":1,"account"'),
    (b'{"account"', b'{"\xc3\xa9":1,"account"'),
    (b"\xc3\xa9", b"\xc3"),
    (b"9007199254740991", b"9007199254740992"),
    (b"true", b"null"),
    (b"-7", b"-0"),
    (b"-7", b"1.5"),
    (b'"v":1', b'"v":2'),
    (b'"seen"', b'"seem"'),
    (b"\\n", b"\n"),
    (b"}", b"}\n"),
    (b'"span":5', b'"span":4'),
    (b'"span":5', b'"span":05'),
    (b"service:test", b"service:tesu"),
    (b'"core"', b"\n"),
]
PLACES = st.integers(0, 10**6)
DAMAGE = (
    st.tuples(st.just("edit"), PLACES, st.sampled_from(EDITS))
    | st.tuples(st.just("byte"), PLACES, st.tuples(PLACES, st.binary(max_size=3)))
    | st.tuples(st.sampled_from(["swap", "again", "gone"]), PLACES, PLACES)
)


def damaged(lines: list[bytes], damage: tuple[str, int, object]) -> list[bytes]:
    """Return lines of which one was edited, cut into, swapped, repeated or removed."""
    kind, where, what = damage
    lines = list(lines)
    at = where % len(lines)
    if kind == "edit" and isinstance(what, tuple):
        old, new = what
        fitting = [place for place, line in enumerate(lines) if old in line] or [at]
        at = fitting[where % len(fitting)]
        lines[at] = lines[at].replace(old, new, 1)
    elif kind == "byte" and isinstance(what, tuple):
        place, new = what
        place %= len(lines[at])
        lines[at] = lines[at][:place] + new + lines[at][place + 1 :]
    elif isinstance(what, int):
        other = what % len(lines)
        if kind == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == "again":
            lines[at] = lines[other]
        else:
            del lines[at]
    return lines


def agrees_line_by_line(lines: list[bytes]) -> bool:
    """Hold a page against its lines read singly; say whether it was read as one."""
    page = read_page(lines)
    if page is None:
        return False
    for number, line in enumerate(lines):
        entry = read_entry(line)
        assert entry is not None
        for name, column in page._asdict().items():
            assert column[number] == (getattr(entry, name) or b"")
    return True


@given(DAMAGE, PLACES)
@settings(max_examples=300, deadline=None)
def test_a_damaged_page_reads_as_its_lines_do(
    bodies: list[bytes], damage: tuple[str, int, object], start: int
) -> None:
    start %= len(bodies) - 20
    agrees_line_by_line(damaged(bodies[start : start + 20], damage))


@given(st.lists(ACTS, min_size=1, max_size=4), st.data())
@settings(deadline=None)
def test_acts_of_any_shape_read_the_same_by_the_page(
    bodies: list[bytes], acts: list[object], data: st.DataObject
) -> None:
    whole = json.loads(bodies[FIRST])
    lines = []
    for act in acts:
        whole["core"]["details"] = act.details  # type: ignore[attr-defined]
        whole["core"]["subject"] = act.subject  # type: ignore[attr-defined]
        lines.append(rfc8785.dumps(whole))
    assert agrees_line_by_line(lines)
    agrees_line_by_line(damaged(lines, data.draw(DAMAGE)))


@pytest.mark.parametrize(
    ("old", "new"), [(old, new) for old, new in EDITS if old not in {b'"n":', b"\xc3\xa9"}]
)
def test_no_forbidden_spelling_passes_by_the_page(
    bodies: list[bytes], old: bytes, new: bytes
) -> None:
    line = next(line for line in bodies[FIRST:] if old in line)
    changed = line.replace(old, new, 1)
    if read_entry(changed) is None:
        assert read_page([bodies[FIRST], changed]) is None


def test_a_line_break_never_makes_two_entries_of_one(bodies: list[bytes]) -> None:
    one, two = bodies[FIRST : FIRST + 2]
    assert read_page([one, two]) is not None
    assert read_page([one + b"\n" + two, b""]) is None
    assert read_page([one + b"\n" + two, b"noise"]) is None
    assert read_page([one, two + b"\n"]) is None
    assert read_page([one, "text"]) is None  # type: ignore[list-item]


def test_sound_pages_are_taken_whole(bodies: list[bytes]) -> None:
    reader = reader_at_first(bodies)
    moved = reader.after(FIRST, bodies[FIRST : FIRST + 60])
    assert moved is not None
    assert reader.batch == []
    assert moved.officers_checked == 10


@given(DAMAGE, st.integers(1, 70))
@settings(max_examples=200, deadline=None)
@example(("again", 4, 3), 12)
def test_a_page_is_taken_only_where_no_entry_of_it_has_a_fault(
    bodies: list[bytes], damage: tuple[str, int, object], length: int
) -> None:
    start = reader_at_first(bodies)
    lines = damaged(bodies[FIRST : FIRST + length], damage)
    if not lines:
        return
    singly = deepcopy_of(start)
    moved = start.after(FIRST, lines)
    faults = [singly.fault(seq, line) for seq, line in enumerate(lines, FIRST)]
    if moved is not None:
        assert faults == [None] * len(lines)
        assert standing(moved) == standing(singly)


def deepcopy_of(reader: Reader) -> Reader:
    """Return a reader that stands where this one does; keys, which never change, are shared."""
    return deepcopy(reader, {id(reader.history): reader.history})


def standing(reader: Reader) -> tuple[object, ...]:
    return (
        reader.time,
        reader.behind,
        reader.officers_checked,
        reader.batch,
        reader.roots,
    )


@given(DAMAGE)
@settings(max_examples=60, deadline=None)
def test_the_verdict_on_a_damaged_log_is_the_same_by_page_and_singly(
    full_book: Book, bodies: list[bytes], damage: tuple[str, int, object]
) -> None:
    assert len(bodies) > 2 * TILE
    changed = damaged(bodies, damage)
    with full_book.store.engine.connect() as connection, connection.begin() as begun:
        for seq, body in enumerate(bodies):
            if seq >= len(changed):
                connection.exec_driver_sql("DELETE FROM log_entry WHERE seq = ?", (seq,))
            elif changed[seq] != body:
                row = (changed[seq], seq)
                connection.exec_driver_sql("UPDATE log_entry SET body = ? WHERE seq = ?", row)
        quick = full_book.verify_in(connection)
        with mock.patch.object(Reader, "after", return_value=None):
            assert full_book.verify_in(connection) == quick
        begun.rollback()
    assert bool(quick.problems) == (changed != bodies)
