"""Each way to falsify a log, tried on a real database file by raw SQL, and found out."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from socialdesk.audit.entry import Action
from socialdesk.audit.verify import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, Verdict, verify_log
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import SignerRefused
from socialdesk.queue import acts, claims
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from tests.desks import hear, make_desk, post


def work(desk: Desk, officer: Officer) -> None:
    """Fill the log with acts of services and of an officer."""
    hear(desk, *(post(f"message {number}", handle=f"h{number}") for number in range(6)))
    for conversation in order(desk, officer, Query())[:3]:
        claims.claim(desk, officer, conversation)
        acts.close(desk, officer, conversation, "no_action")


@pytest.fixture
def worked(desk: Desk, officer: Officer) -> Desk:
    """Return a desk whose log is signed."""
    work(desk, officer)
    desk.signer().sign(desk.store)
    return desk


def verdict(desk: Desk, *saved: str) -> Verdict:
    with desk.store.reading() as session:
        return verify_log(desk.log, session.connection(), desk.signer().keys.public, saved)


def sql(desk: Desk, *statements: str) -> None:
    with sqlite3.connect(desk.home.database) as raw:
        for statement in statements:
            assert raw.execute(statement).rowcount != 0, statement


def test_an_honest_log_holds(worked: Desk) -> None:
    found = verdict(worked)
    assert (found.status, found.problems) == (HOLDS, [])
    assert found.covered == found.size > 15


def test_a_log_under_no_signature_cannot_be_checked(desk: Desk, officer: Officer) -> None:
    work(desk, officer)
    found = verdict(desk)
    assert found.status == CANNOT_BE_CHECKED
    assert found.unchecked


ATTACKS: dict[str, tuple[str, ...]] = {
    "an edited row": (
        (
            "UPDATE log_entry SET body = replace(body, 'no_action', 'no_crimes') WHERE seq ="
            " (SELECT max(seq) FROM log_entry)"
        ),
    ),
    "an edited act of a service": (
        (
            'UPDATE log_entry SET body = replace(body, \'"action":"assess"\','
            ' \'"action":"claimx"\') WHERE instr(body, \'"action":"assess"\') > 0'
        ),
    ),
    "a removed row": ("DELETE FROM log_entry WHERE seq = 9",),
    "a removed first row": ("DELETE FROM log_entry WHERE seq = 0",),
    "a truncated tail": (
        "DELETE FROM log_entry WHERE seq >= (SELECT max(seq) FROM log_entry) - 1",
        "UPDATE log_head SET size = size - 2",
    ),
    "two entries changed about": (
        "UPDATE log_entry SET seq = 1000000 WHERE seq = 8",
        "UPDATE log_entry SET seq = 8 WHERE seq = 9",
        "UPDATE log_entry SET seq = 9 WHERE seq = 1000000",
    ),
    "a replayed entry": (
        (
            "INSERT INTO log_entry SELECT force_id, (SELECT max(seq) + 1 FROM log_entry), body,"
            " subject FROM log_entry WHERE seq = 5"
        ),
        "UPDATE log_head SET size = size + 1",
    ),
    "an edited head": ("UPDATE log_head SET size = size + 5",),
    "an entry of no known version": (
        "UPDATE log_entry SET body = replace(body, '\"v\":1}', '\"v\":9}') WHERE seq = 4",
    ),
    "bytes that are no entry": ("UPDATE log_entry SET body = x'00ff' WHERE seq = 3",),
    "a reordered clock": (
        (
            'UPDATE log_entry SET body = replace(body, \'"time":"2026\', \'"time":"2025\')'
            " WHERE seq = 7"
        ),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_falsified_log_does_not_hold(worked: Desk, name: str) -> None:
    sql(worked, *(statement.replace("replace(body,", "replace(CAST(body AS TEXT),")
                  for statement in ATTACKS[name]))  # fmt: skip
    sql(worked, "UPDATE log_entry SET body = CAST(body AS BLOB)")
    found = verdict(worked)
    assert found.status == DOES_NOT_HOLD, name
    assert found.problems[0]


def test_the_first_bad_entry_is_named(worked: Desk) -> None:
    sql(worked, "UPDATE log_entry SET body = x'7b7d' WHERE seq IN (6, 11)")
    assert verdict(worked).problems[0].startswith("entry 6")


def test_a_tail_cut_with_its_checkpoints_is_found_by_one_kept_elsewhere(worked: Desk) -> None:
    kept = worked.signer().memory.read_text("utf-8")
    sql(
        worked,
        "DELETE FROM log_checkpoint",
        "DELETE FROM log_entry WHERE seq >= 12",
        "UPDATE log_head SET size = 12, seen_size = 0, seen_root = ''",
    )
    assert verdict(worked, kept).status == DOES_NOT_HOLD
    with pytest.raises(SignerRefused):
        worked.signer().sign(worked.store)


def test_the_signer_will_not_sign_a_log_rebuilt_with_the_stolen_keys(
    worked: Desk, tmp_path: Path
) -> None:
    kept = worked.signer().memory.read_text("utf-8")
    stolen = tmp_path / "stolen"
    shutil.copytree(worked.home.keys, stolen / "keys")
    forged = make_desk(stolen, SetClock(worked.clock.now()))
    hear(forged, *(post(f"tidied {number}") for number in range(40)))
    found = verdict(forged, kept)
    assert found.status == DOES_NOT_HOLD
    shutil.copytree(worked.home.signer, stolen / "signer", dirs_exist_ok=True)
    with pytest.raises(SignerRefused, match=r"rewritten|removed"):
        forged.signer().sign(forged.store)


def rewritten(desk: Desk, seq: int, change: Callable[[bytes], bytes]) -> None:
    with sqlite3.connect(desk.home.database) as raw:
        (body,) = raw.execute("SELECT body FROM log_entry WHERE seq = ?", (seq,)).fetchone()
        raw.execute("UPDATE log_entry SET body = ? WHERE seq = ?", (change(body), seq))


def test_an_act_forged_in_an_officers_name_is_found(desk: Desk, officer: Officer) -> None:
    service = desk.service("desk")
    impostor = type(officer.actor)(
        id=officer.actor.id,
        role=officer.actor.role,
        force_id=officer.actor.force_id,
        session=officer.actor.session,
        signer=service.signer,
    )
    with desk.store.transaction(impostor, "never done") as current:
        current.record(Action.CLOSE, "conversation:none")
    desk.signer().sign(desk.store)
    found = verdict(desk)
    assert found.status == DOES_NOT_HOLD
    assert "key" in found.problems[0]


def test_an_entry_without_its_signature_is_found(worked: Desk) -> None:
    with worked.store.reading() as session:
        last = worked.log.size(session) - 1
    rewritten(worked, last, lambda body: body[: body.rindex(b',"sig"')] + b"}")
    assert verdict(worked).status == DOES_NOT_HOLD


def test_a_clock_that_runs_backwards_is_recorded_and_time_never_does(
    desk: Desk, officer: Officer, clock: SetClock
) -> None:
    work(desk, officer)
    clock.advance(-3600)
    hear(desk, post("later", handle="late"))
    desk.signer().sign(desk.store)
    found = verdict(desk)
    assert found.status == HOLDS
    assert found.clock_behind > 0
