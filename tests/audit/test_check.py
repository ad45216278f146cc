import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from socialdesk.audit.fsck import check_log
from socialdesk.audit.publish import publish
from socialdesk.ingest.evidence import check, have_witnessed, sign, sign_if_wanted
from socialdesk.ingest.service import run_ingest
from socialdesk.queue import acts, claims
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer
from socialdesk.queue.search import Query
from tests.desks import KeywordAssessor, hear, post


def test_the_check_is_kept_and_shown_with_the_desks_health(desk: Desk) -> None:
    assert read_health(desk).checked_at is None
    desk.signer().sign(desk.store)
    check(desk)
    health = read_health(desk)
    assert (health.checked_at, health.check_problem) == (desk.clock.now(), None)
    with desk.store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE log_entry SET body = x'00' WHERE seq = 1")
    check(desk)
    health = read_health(desk)
    assert health.check_problem == "entry 1: it is not an audit entry"
    assert not health.well


def test_the_check_holds_the_log_against_the_signers_memory(desk: Desk) -> None:
    hear(desk, post("one"))
    desk.signer().sign(desk.store)
    with desk.store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM log_entry WHERE seq > 1")
        connection.exec_driver_sql("DELETE FROM log_checkpoint")
        connection.exec_driver_sql("UPDATE log_head SET size = 2")
    assert "tail was cut" in check_log(desk.log, desk.store, desk.outside()).problem


def test_a_damaged_memory_is_told_and_no_traceback(desk: Desk, tmp_path: Path) -> None:
    desk.signer().sign(desk.store)
    outside = replace(desk.outside(), notes=["not a checkpoint"])
    found = check_log(desk.log, desk.store, outside)
    assert not found.good
    found = check_log(desk.log, desk.store, desk.outside(tmp_path / "web"))
    assert "nothing is published" in found.problem


def test_an_unwitnessed_log_is_not_well_where_a_quorum_is_demanded(desk: Desk) -> None:
    hear(desk, post("hello"))
    demanding = replace(desk, force=desk.force.model_copy(update={"quorum": 1}))
    have_witnessed(demanding)
    assert read_health(demanding).witnessed < read_health(demanding).quorum
    assert not read_health(demanding).well


def test_a_refusal_to_sign_is_kept_for_the_health_line_until_the_log_is_signed(
    desk: Desk,
) -> None:
    hear(desk, post("one"))
    sign(desk)
    assert read_health(desk).refusal is None
    memory = desk.signer().memory
    genuine = memory.read_bytes()
    hear(desk, post("two"))
    sign(desk)
    later = memory.read_bytes()
    with desk.store.engine.connect() as connection, connection.begin():
        [size] = connection.exec_driver_sql("SELECT size FROM log_head").one()
        connection.exec_driver_sql("UPDATE log_head SET size = 2")
    sign(desk)
    health = read_health(desk)
    assert "entries were removed" in str(health.refusal)
    assert not health.well
    with desk.store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE log_head SET size = ?", (size,))
    assert genuine != later
    sign(desk)
    assert read_health(desk).refusal is None


def test_the_nightly_check_compares_the_published_tiles(desk: Desk, tmp_path: Path) -> None:
    web = tmp_path / "web"
    publishing = replace(desk, force=desk.force.model_copy(update={"published": web}))
    for number in range(130):
        hear(desk, post(f"message {number}"))
    note = desk.signer().sign(desk.store)
    with desk.store.reading() as session:
        publish(desk.log, session.connection(), note, web)
    check(publishing)
    assert read_health(publishing).check_problem is None
    tile = web / "tile" / "0" / "000"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    check(publishing)
    assert "tile/0/000 is missing or not what the log holds" in str(
        read_health(publishing).check_problem
    )


def test_the_nightly_check_compares_the_stored_tiles(desk: Desk) -> None:
    for number in range(130):
        hear(desk, post(f"message {number}"))
    desk.signer().sign(desk.store)
    with desk.store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE log_tile SET hashes = zeroblob(8192) WHERE level = 0")
    check(desk)
    assert "the stored tree" in str(read_health(desk).check_problem)


def test_a_signers_memory_that_cannot_be_read_fails_the_nightly_check(desk: Desk) -> None:
    desk.signer().sign(desk.store)
    desk.signer().verifier_keys.write_text("no key")
    check(desk)
    assert read_health(desk).check_problem is not None


def escalate(desk: Desk, officer: Officer) -> None:
    [conversation] = order(desk, officer, Query())
    claims.claim(desk, officer, conversation)
    acts.escalate(desk, officer, conversation, "dispatch", "a knife, at the station")


def test_an_escalation_is_signed_for_and_the_terminal_needs_no_log_key(
    desk: Desk, officer: Officer
) -> None:
    hear(desk, post("he has a knife"))
    desk.signer().sign(desk.store)
    assert not sign_if_wanted(desk)
    escalate(desk, officer)
    assert sign_if_wanted(desk)
    health = read_health(desk)
    assert health.signed_size == health.log_size


@pytest.mark.fault
def test_the_running_service_signs_within_a_second_of_an_escalation_and_at_its_end(
    desk: Desk, officer: Officer
) -> None:
    hear(desk, post("he has a knife"))
    stop = threading.Event()
    service = threading.Thread(target=run_ingest, args=(desk, KeywordAssessor(), stop))
    service.start()
    try:
        time.sleep(0.7)
        escalate(desk, officer)
        wanted = read_health(desk).log_size
        deadline = time.monotonic() + 1.5
        while read_health(desk).signed_size < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        hear(desk, post("one more"))
    finally:
        stop.set()
        service.join(30)
    health = read_health(desk)
    assert health.signed_size == health.log_size
