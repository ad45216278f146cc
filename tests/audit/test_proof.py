import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.audit.note import NoteKey
from socialdesk.audit.proof import Proof, parse_proof
from socialdesk.core.errors import AuditError
from tests.audit.logs import Book


def proven(book: Book, index: int, extra: bytes | None = None) -> tuple[Proof, bytes]:
    note = book.sign()
    with book.store.reading() as session:
        connection = session.connection()
        size = book.log.head(connection).size
        path = tuple(book.log.inclusion_proof(connection, index, size))
        return Proof(index, path, note, extra), book.log.entry(connection, index)


def test_a_proof_file_carries_all_that_an_outsider_needs(book: Book) -> None:
    book.act(70)
    keys = book.signer.keys.public
    for index in (0, 33, 71):
        proof, entry = proven(book, index, b"extra")
        text = str(proof)
        assert text.startswith(f"c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex {index}\n")
        read = parse_proof(text)
        assert read == proof
        assert read.proves(entry, keys)
        assert not read.proves(entry + b" ", keys)
        assert not Proof(index + 1, read.path, read.note).proves(entry, keys)


def test_a_proof_under_another_key_proves_nothing(book: Book) -> None:
    proof, entry = proven(book, 1)
    with pytest.raises(AuditError, match="no signature by the log's key"):
        proof.proves(entry, [NoteKey(book.log.origin, 1, bytes(32))])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 1", "index 01"),
        ("index 1", "index x"),
        ("index 1", "index -1"),
        ("index 1\n", ""),
        ("\n\n", "\n"),
        ("index 1\n", "index 1\nAAAA\n"),
        ("index 1\n", "extra ?\nindex 1\n"),
        ("— ", "- "),
    ],
)
def test_a_malformed_proof_file_is_refused(book: Book, old: str, new: str) -> None:
    text = str(proven(book, 1)[0])
    assert old in text
    with pytest.raises(AuditError):
        parse_proof(text.replace(old, new, 1))


@given(st.text(max_size=200))
def test_noise_is_no_proof(noise: str) -> None:
    with pytest.raises(AuditError):
        parse_proof(noise)


def test_the_entry_beside_a_proof_is_plain_json(book: Book) -> None:
    _proof, entry = proven(book, 1)
    assert json.loads(entry)["core"]["seq"] == 1
