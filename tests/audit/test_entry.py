import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.audit.entry import (
    Action,
    Circumstances,
    canonical,
    seal_entries,
    write_cores,
)
from socialdesk.audit.grammar import open_entry, read_entry
from socialdesk.core.errors import AuditError
from socialdesk.store.transaction import Act
from tests.audit.logs import ORIGIN, Book
from tests.audit.vectors import vectors

ASCII = st.text(st.characters(max_codepoint=127, min_codepoint=32), max_size=8)
WORDS = st.text(max_size=12)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ASCII, inner, max_size=3),
    max_leaves=8,
)
FLAT = st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS | st.lists(WORDS, max_size=3)
ACTS = st.builds(
    Act,
    action=st.sampled_from([action.value for action in Action]),
    subject=WORDS,
    reason=WORDS,
    details=st.dictionaries(ASCII, FLAT, max_size=4),
    commitments=st.dictionaries(ASCII, st.binary(min_size=32, max_size=32), max_size=2),
    recipients=st.lists(WORDS, max_size=2).map(tuple),
)
MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.lists(ACTS, min_size=1, max_size=3), st.booleans(), st.integers(0, 5))
def test_a_core_is_canonical_and_reads_back_as_it_was_written(
    book: Book, acts: list[Act], seen: bool, behind: int
) -> None:
    known = (12, "A" * 43 + "=") if seen else None
    around = Circumstances(book.service, MOMENT, known, behind)
    cores = write_cores(acts, around, 40)
    key = book.service.signer.named("")  # type: ignore[attr-defined]
    entries = seal_entries(ORIGIN, cores, key, as_batch=True)
    for number, (core, body, act) in enumerate(zip(cores, entries, acts, strict=True), 40):
        said = json.loads(core)
        assert core == rfc8785.dumps(said)
        assert body == rfc8785.dumps(json.loads(body))
        envelope, opened = open_entry(body)
        assert (envelope.core, opened) == (core, said)
        assert (said["seq"], said["reason"], said["subject"]) == (number, act.reason, act.subject)
        assert said.get("details", {}) == act.details
        assert ("seen" in said, "clock_behind_ms" in said) == (seen, behind > 0)


@pytest.mark.parametrize(
    "value", [1.5, None, 2**53, {"é": 1}, {1: 2}, "\ud800", {"a": float("nan")}, b"x"]
)
def test_what_leaves_the_profile_is_refused(value: Any) -> None:
    with pytest.raises(AuditError):
        canonical(value)


def test_published_canonicalisation_vectors_hold_where_they_fit_the_profile() -> None:
    checked = 0
    for source in sorted((vectors() / "jcs-cyberphone" / "testdata" / "input").glob("*.json")):
        value = json.loads(source.read_bytes())
        wanted = (source.parents[1] / "output" / source.name).read_bytes()
        assert rfc8785.dumps(value) == wanted, source.name
        for part in parts_of(value):
            try:
                ours = canonical(part)
            except AuditError:
                continue
            assert ours == rfc8785.dumps(part)
            assert ours in wanted, source.name
            checked += 1
    assert checked > 30


def parts_of(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from parts_of(part)


def body(book: Book, **changes: object) -> bytes:
    book.act()
    with book.store.reading() as session:
        connection = session.connection()
        last = book.log.entry(connection, book.log.head(connection).size - 1)
    whole = json.loads(last)
    whole["core"] |= changes
    return rfc8785.dumps(whole)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"v": 2}, "version 2 is not known"),
        ({"v": "1"}, "version 1 is not known"),
        ({"extra": "x"}, "not canonical, or it holds"),
        ({"seq": -1}, "not canonical, or it holds"),
        ({"time": "yesterday"}, "not canonical, or it holds"),
    ],
)
def test_a_foreign_entry_is_refused_in_words(
    book: Book, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(AuditError, match=complaint):
        open_entry(body(book, **change))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"reason":"test"', b'"reason":"t\\u0065st"'),
        (b'"reason":"test"', b'"reason":"test" '),
        (b'{"a":"\xc3\xa9","n":0}', b'{"n":0,"a":"\xc3\xa9"}'),
        (b'{"a":"\xc3\xa9","n":0}', b'{"a":"\xc3\xa9","a":0}'),
        (b'{"a":"\xc3\xa9","n":0}', b'{"a":"\xff","n":0}'),
        (b'"n":0', b'"n":0.5'),
        (b'"n":0', b'"n":null'),
        (b'"n":0', b'"n":00'),
        (b'"n":0', b'"n":9007199254740992'),
        (b'"n":0', b'"n":-0'),
        (b'"v":1', b'"v":1,"v":1'),
    ],
)
def test_other_spellings_of_an_entry_are_refused(book: Book, old: bytes, new: bytes) -> None:
    genuine = body(book)
    assert old in genuine
    assert read_entry(genuine) is not None
    assert read_entry(genuine.replace(old, new)) is None


@given(st.binary(max_size=80))
def test_noise_is_never_an_entry(noise: bytes) -> None:
    with pytest.raises(AuditError):
        open_entry(noise)


def test_an_entry_too_long_to_frame_is_refused_and_its_act_undone(book: Book) -> None:
    before = book.size()
    with (
        pytest.raises(AuditError, match="longer than"),
        book.store.transaction(book.service, "x" * 62_000) as current,
    ):
        current.record("collection", "message:1")
    assert book.size() == before
