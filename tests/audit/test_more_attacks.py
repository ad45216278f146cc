"""What a thief or an administrator with the database file, or the keys, may try besides."""

import base64
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from socialdesk.audit.checkpoint import Checkpoint, sign_checkpoint
from socialdesk.audit.entry import Action
from socialdesk.audit.keylife import ending, introduction
from socialdesk.audit.keys import ServiceKeys, SigningKey, load_service_key
from socialdesk.audit.note import NoteKey
from socialdesk.audit.verify import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, verify_log
from socialdesk.core.errors import SignerRefused, StoreError
from socialdesk.store.tables import Person
from socialdesk.store.transaction import Actor
from tests.audit.logs import FORCE, OFFICER, SESSION, Book, open_book


@pytest.fixture
def signed(book: Book) -> Book:
    """A log of 602 entries under a checkpoint."""
    book.act(600)
    book.sign()
    return book


def problem(book: Book, *saved: str) -> str:
    found = book.verify(*saved)
    assert found.status == DOES_NOT_HOLD
    return found.problems[0]


@pytest.mark.parametrize(
    ("level", "position", "named"), [(0, 0, "entry 0 "), (0, 1, "entry 256 "), (1, 0, "entry 0 ")]
)
def test_an_edited_tree_node_is_named(signed: Book, level: int, position: int, named: str) -> None:
    signed.attack(
        "UPDATE log_tile SET hashes = zeroblob(length(hashes))"
        " WHERE level = :level AND position = :position",
        level=level,
        position=position,
    )
    assert problem(signed).startswith(named)


def test_a_tile_too_many_is_found(signed: Book) -> None:
    signed.attack("INSERT INTO log_tile VALUES ('northshire', 3, 0, x'00')")
    assert "tiles that no entry made" in problem(signed)


def test_a_tile_that_is_no_bytes_is_found_and_stops_the_signer(signed: Book) -> None:
    signed.attack("UPDATE log_tile SET hashes = 'text' WHERE level = 1")
    assert "stored tree" in problem(signed)
    signed.act()
    with pytest.raises(SignerRefused, match="cannot be read"):
        signed.sign()


@pytest.mark.parametrize(
    "change",
    ["size = size - 1", "last_us = last_us + 1", "service_key = 'x'", "log_key = 'x'"],
)
def test_an_edited_head_is_found(signed: Book, change: str) -> None:
    keys = signed.signer.known_keys()
    signed.attack(f"UPDATE log_head SET {change}")
    with signed.store.reading() as session:
        found = verify_log(signed.log, session.connection(), keys)
    assert found.status == DOES_NOT_HOLD


def test_an_edited_row_deep_in_a_full_tile_is_named(signed: Book) -> None:
    signed.attack(
        "UPDATE log_entry SET body = CAST(replace(CAST(body AS TEXT), 'test', 'best') AS BLOB)"
        " WHERE seq = 77"
    )
    assert problem(signed).startswith("entry ")


def test_an_edit_that_keeps_a_lone_act_readable_fails_its_signature(book: Book) -> None:
    book.act()
    book.attack(
        'UPDATE log_entry SET body = CAST(replace(CAST(body AS TEXT), \'"reason":"test"\','
        ' \'"reason":"best"\') AS BLOB) WHERE seq = 2'
    )
    assert problem(book) == "entry 2: its signature is forged or its text was changed"


def test_a_body_stored_as_text_is_refused_without_a_traceback(signed: Book) -> None:
    signed.attack("UPDATE log_entry SET body = 'text' WHERE seq = 5")
    assert problem(signed) == "entry 5: it is not an audit entry"


def test_a_corrupt_page_is_no_verdict_of_good(signed: Book) -> None:
    path = signed.home.database
    signed.store.engine.dispose()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    content = bytearray(path.read_bytes())
    for page in range(20, len(content) // 4096, 2):
        content[page * 4096 : page * 4096 + 600] = b"\xff" * 600
    path.write_bytes(content)
    outcome = ""
    try:
        outcome = " ".join(signed.verify().problems)
    except StoreError as error:
        outcome = str(error)
    assert outcome


def test_a_log_rebuilt_with_every_service_key_falls_to_the_log_key_alone(
    signed: Book, tmp_path: Path
) -> None:
    kept, keys = signed.signer.memory.read_text("utf-8"), signed.signer.known_keys()
    thief = tmp_path / "thief"
    (thief / "keys").mkdir(parents=True)
    stolen = thief / "keys" / "service.key"
    stolen.write_bytes((signed.home.keys / "service.key").read_bytes())
    stolen.chmod(0o600)
    forged = open_book(thief)
    forged.act(700)
    forged.sign()
    with forged.store.reading() as session:
        alone = verify_log(forged.log, session.connection(), keys)
    assert alone.status == CANNOT_BE_CHECKED
    assert "rebuilt from scratch" in (alone.unchecked or "")
    with forged.store.reading() as session:
        against = verify_log(forged.log, session.connection(), keys, [kept])
    assert against.status == DOES_NOT_HOLD
    forged.store.engine.dispose()


def test_a_wrong_key_is_said_to_be_one(signed: Book) -> None:
    other = NoteKey(signed.log.origin, 1, b"x" * 32)
    with signed.store.reading() as session:
        found = verify_log(signed.log, session.connection(), [other])
    assert found.status == CANNOT_BE_CHECKED
    with signed.store.reading() as session:
        assert verify_log(signed.log, session.connection(), []).status == CANNOT_BE_CHECKED


def test_an_empty_log_is_not_a_good_one(signed: Book) -> None:
    kept = signed.signer.memory.read_text("utf-8")
    for table in ("entry", "tile", "head", "checkpoint"):
        signed.attack(f"DELETE FROM log_{table}")
    assert "log is empty" in " ".join(signed.verify().problems)
    assert "tail was cut" in " ".join(signed.verify(kept).problems)


def test_a_checkpoint_removed_from_the_database_is_missed(signed: Book) -> None:
    signed.act()
    signed.sign()
    signed.attack("DELETE FROM log_checkpoint WHERE size = 602")
    assert (
        problem(signed) == "entry 602: it saw a checkpoint of 602 entries, which is no longer there"
    )


def test_a_forged_checkpoint_in_the_database_is_found(signed: Book) -> None:
    signed.attack("UPDATE log_checkpoint SET note = replace(note, '602', '601')")
    assert "kept for 602 entries speaks of 601" in problem(signed)


def test_a_clock_set_back_in_the_entries_themselves_is_found(book: Book) -> None:
    book.act()
    book.attack("UPDATE log_head SET last_us = 0")
    book.clock.advance(-60)
    book.act()
    book.sign()
    assert problem(book).endswith("is before the entry ahead of it")


def test_an_officers_act_signed_by_the_service_is_found(book: Book) -> None:
    book.add_officer()
    book.act(1, book.officer(load_service_key(book.home.keys / "service.key")))
    book.sign()
    assert "signed by the key of service, not of person" in problem(book)


def test_an_officers_act_signed_by_a_key_nobody_introduced_is_found(book: Book) -> None:
    book.add_officer()
    book.act(1, book.officer(load_service_key(book.home.keys / "stray.key")))
    book.sign()
    assert "which the log never introduced" in problem(book)


def test_the_service_cannot_swap_an_officers_key_behind_their_back(book: Book) -> None:
    book.add_officer()
    stray = load_service_key(book.home.keys / "stray.key")
    change_key(book, introduction(stray.key_id, stray.public, OFFICER))
    book.sign()
    assert "swaps the key of person" in problem(book)


def test_an_officers_key_swapped_in_the_people_table_is_found(book: Book) -> None:
    key = book.add_officer()
    with book.store.bookkeeping() as session:
        session.add(
            Person(
                id=UUID(OFFICER.removeprefix("person:")),
                force_id=FORCE,
                login="pat",
                name="Pat",
                role="officer",
                public_key=base64.b64encode(key.public).decode(),
                created_at=book.clock.now(),
            )
        )
    book.sign()
    assert book.verify().status == HOLDS
    other = base64.b64encode(bytes(31) + b"\x09").decode()
    book.attack("UPDATE person SET public_key = :other", other=other)
    assert "it was swapped" in problem(book)


def change_key(book: Book, details: dict[str, str] | dict[str, str | int]) -> None:
    with book.store.transaction(book.service, "test") as current:
        current.record(Action.KEY_CHANGE, f"key:{details['key']}", details=dict(details))


def test_a_retired_key_signs_nothing_more(book: Book) -> None:
    key = book.add_officer()
    book.act(1, book.officer(key))
    change_key(book, ending(key.key_id, OFFICER, "retired"))
    book.sign()
    assert book.verify().status == HOLDS
    book.act(1, book.officer(key))
    book.sign()
    assert problem(book) == f"entry 5: it is signed by key {key.key_id} after that key was retired"


def test_a_replaced_and_a_revoked_key_are_told(book: Book) -> None:
    key = book.add_officer()
    change_key(book, ending(key.key_id, OFFICER, "revoked", since=1))
    stray = load_service_key(book.home.keys / "stray.key")
    change_key(book, introduction(stray.key_id, stray.public, OFFICER))
    book.sign()
    found = book.verify()
    assert found.status == HOLDS
    assert "doubt what it signed from entry 1 on" in found.notices[0]
    assert "the service gave" in found.notices[1]


def test_a_batch_that_was_cut_open_is_found(book: Book) -> None:
    book.act(4)
    book.attack("DELETE FROM log_entry WHERE seq = 5", "UPDATE log_head SET size = 5")
    assert "batch it belongs to was never signed" in problem(book)


def test_a_log_key_that_the_old_one_did_not_sign_is_refused(book: Book) -> None:
    stray = load_service_key(book.home.keys / "stray.key")
    details = introduction(stray.key_id, stray.public, "log") | {"public_key_mldsa44": "AAAA"}
    change_key(book, details)
    assert "that the one before did not sign" in problem(book)


def test_officers_signatures_may_be_left_for_later_and_are_counted(book: Book) -> None:
    key = book.add_officer()
    book.act(3, book.officer(key))
    book.sign()
    full, quick = book.verify(), book.verify(skip_officers=True)
    assert (full.officers_checked, full.officers_skipped) == (3, 0)
    assert (quick.officers_checked, quick.officers_skipped, quick.status) == (0, 3, HOLDS)


def test_the_signer_signs_nothing_shorter_and_nothing_rewritten(signed: Book) -> None:
    signed.attack("UPDATE log_head SET size = 500")
    with pytest.raises(SignerRefused, match="removed"):
        signed.sign()
    signed.attack("UPDATE log_head SET size = 602")
    signed.attack("UPDATE log_entry SET body = x'00' WHERE seq = 600")
    signed.act()
    with pytest.raises(SignerRefused, match="rewritten"):
        signed.sign()


def test_a_signer_that_crashed_before_the_database_heard_of_it_mends_that(signed: Book) -> None:
    note = signed.signer.memory.read_text("utf-8")
    signed.attack("DELETE FROM log_checkpoint", "UPDATE log_head SET seen_size = 0, seen_root = ''")
    assert signed.sign() == note
    assert signed.verify().status == HOLDS


def test_a_stolen_log_key_still_contradicts_a_checkpoint_kept_elsewhere(signed: Book) -> None:
    kept = signed.signer.memory.read_text("utf-8")
    other = Checkpoint(signed.log.origin, 602, bytes(32))
    forged = sign_checkpoint(other, signed.signer.keys, signed.clock.now())
    assert "not those signed" in problem(signed, kept, forged)


def test_a_service_of_another_name_still_needs_the_services_key(book: Book) -> None:
    stray = load_service_key(book.home.keys / "stray.key")

    class Stray(ServiceKeys):
        def named(self, name: str) -> SigningKey:
            return stray

    actor = Actor("service:other", "service", FORCE, SESSION, Stray(book.home.keys))
    book.act(2, actor)
    book.sign()
    assert "never introduced" in problem(book)


ISSUED = {
    "an edited row": ("UPDATE log_entry SET body = :other WHERE seq = 7",),
    "a removed row": ("DELETE FROM log_entry WHERE seq = 7",),
    "entries changed about": (
        "UPDATE log_entry SET seq = -1 WHERE seq = 7",
        "UPDATE log_entry SET seq = 7 WHERE seq = 8",
        "UPDATE log_entry SET seq = 8 WHERE seq = -1",
    ),
    "a truncated tail": (
        "DELETE FROM log_entry WHERE seq >= 20",
        "DELETE FROM log_checkpoint",
        "UPDATE log_head SET size = 20, seen_size = 0, seen_root = ''",
    ),
    "a replayed entry": (
        "INSERT INTO log_entry SELECT force_id, 42, body, subject FROM log_entry WHERE seq = 7",
        "UPDATE log_head SET size = 43",
    ),
    "a clock set back": ("UPDATE log_entry SET body = :earlier WHERE seq = 7",),
    "a forged officer's signature": ("UPDATE log_entry SET body = :unsigned WHERE seq = 3",),
    "an unknown version": ("UPDATE log_entry SET body = :version WHERE seq = 7",),
    "an empty log": ("DELETE FROM log_entry",),
}


@pytest.mark.parametrize("name", ISSUED)
def test_each_way_to_falsify_a_log_is_found_on_both_databases(any_book: Book, name: str) -> None:
    book = any_book
    officer = book.officer(book.add_officer())
    book.act(1, officer)
    book.act(38)
    book.sign()
    kept = book.signer.memory.read_text("utf-8")
    assert (book.size(), book.verify(kept).status) == (42, HOLDS)
    with book.store.reading() as session:
        body, signed = (book.log.entry(session.connection(), seq) for seq in (7, 3))
    values = {
        "other": body.replace(b'"reason":"test"', b'"reason":"best"'),
        "earlier": body.replace(b'"time":"2026', b'"time":"2025'),
        "unsigned": signed.replace(b'"sig":"', b'"sig":"AAAA')[:-6] + b'=="}',
        "version": body.replace(b'"v":1}', b'"v":2}'),
    }
    wanted = {part for text in ISSUED[name] for part in values if f":{part}" in text}
    book.attack(*ISSUED[name], **{part: values[part] for part in wanted})
    found = book.verify(kept)
    assert found.status == DOES_NOT_HOLD
    assert found.problems[0]


def test_a_retired_key_and_a_rebuilt_log_are_found_on_both_databases(
    any_book: Book, tmp_path: Path
) -> None:
    book = any_book
    key = book.add_officer()
    change_key(book, ending(key.key_id, OFFICER, "retired"))
    book.sign()
    kept, log_keys = book.signer.memory.read_text("utf-8"), book.signer.known_keys()
    book.act(1, book.officer(key))
    book.sign()
    assert "after that key was retired" in problem(book)
    for table in ("entry", "tile", "head", "checkpoint"):
        book.attack(f"DELETE FROM log_{table}")
    thief = open_book(tmp_path / "thief", book.url)
    thief.act(50)
    thief.sign()
    with thief.store.reading() as session:
        alone = verify_log(thief.log, session.connection(), log_keys)
    with thief.store.reading() as session:
        against = verify_log(thief.log, session.connection(), log_keys, [kept])
    assert (alone.status, against.status) == (CANNOT_BE_CHECKED, DOES_NOT_HOLD)
    thief.store.engine.dispose()


def test_a_tile_cut_short_is_found_on_both_databases(any_book: Book) -> None:
    book = any_book
    book.act(300)
    book.sign()
    with book.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT hashes FROM log_tile WHERE level = 0")
        (tile,) = rows.scalars()
    for width in (0, 31, 32 * 255, 32 * 255 + 31):
        book.attack("UPDATE log_tile SET hashes = :part WHERE level = 0", part=bytes(tile)[:width])
        assert problem(book).startswith("entry 0 ")
