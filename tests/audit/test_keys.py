from pathlib import Path

import pytest

from socialdesk.audit.entry import Action
from socialdesk.audit.escrow import open_escrow
from socialdesk.audit.verify import CANNOT_BE_CHECKED, Verdict, verify_log
from socialdesk.core.errors import AuditError, NotAllowed, RuleError
from socialdesk.queue import keys
from socialdesk.queue.desk import Desk
from socialdesk.queue.keys import Order
from socialdesk.queue.people import Officer, sign_in
from tests.desks import PASSPHRASE, reopened

NEW = "another horse battery"


@pytest.fixture
def order(officer: Officer) -> Order:
    return Order(officer, "yearly change")


def act(desk: Desk, officer: Officer | None = None) -> None:
    actor = officer.actor if officer else desk.service("test")
    with desk.store.transaction(actor, "test") as current:
        current.record(Action.CONFIGURATION, "test:1")


def verified(desk: Desk) -> Verdict:
    desk.signer().sign(desk.store)
    outside = desk.outside()
    with desk.store.reading() as session:
        return verify_log(desk.log, session.connection(), outside.keys, outside.notes)


def states(desk: Desk) -> list[tuple[str, str]]:
    return [(line.owner.split(":")[0], line.state) for line in keys.list_keys(desk)]


def test_the_services_turn_to_a_new_key_while_they_run(desk: Desk, order: Order) -> None:
    running = desk.service("runs for long")
    for _ in range(2):
        name = keys.rotate_service_key(desk, order)
        with desk.store.transaction(running, "test") as current:
            current.record(Action.CONFIGURATION, "test:1")
        with desk.store.reading() as session:
            connection = session.connection()
            last = desk.log.entry(connection, desk.log.head(connection).size - 1)
        assert f'"key":"{name}"'.encode() in last
    assert [path.name for path in desk.home.keys.glob("service*")] == [f"service-{name}.key"]
    assert (verified(desk).status, verified(desk).problems) == (0, [])


def test_each_change_of_keys_is_an_entry_that_names_who_ordered_it(
    desk: Desk, order: Order
) -> None:
    keys.rotate_service_key(desk, order)
    keys.rotate_log_key(desk, order)
    assert states(desk)[-3:] == [
        ("service", "created"),
        ("service", "retired"),
        ("log", "created"),
    ]
    with desk.store.reading() as session:
        connection = session.connection()
        last = desk.log.entry(connection, desk.log.head(connection).size - 1)
    assert f'"ordered_by":"{order.by.actor.id}"'.encode() in last


def test_the_log_key_is_followed_from_the_first_entry(desk: Desk, order: Order) -> None:
    old = desk.signer().keys.public
    kept = desk.signer().sign(desk.store)
    for _ in range(2):
        act(desk)
        keys.rotate_log_key(desk, order)
        act(desk)
    assert verified(desk).status == 0
    with desk.store.reading() as session:
        by_first_key = verify_log(desk.log, session.connection(), old, [kept])
    assert (by_first_key.status, by_first_key.problems) == (0, [])
    new = desk.signer().keys.public
    with desk.store.reading() as session:
        by_last_key = verify_log(desk.log, session.connection(), new, [kept])
    assert by_last_key.status == 0


def test_a_retired_log_key_vouches_for_nothing_later(desk: Desk, order: Order) -> None:
    before = desk.signer()
    keys.rotate_log_key(desk, order)
    act(desk)
    from socialdesk.audit.checkpoint import Checkpoint, sign_checkpoint

    with desk.store.reading() as session:
        connection = session.connection()
        size = desk.log.head(connection).size
        whole = Checkpoint(desk.log.origin, size, desk.log.root(connection, size))
    late = sign_checkpoint(whole, before.keys, desk.clock.now())
    with desk.store.reading() as session:
        found = verify_log(desk.log, session.connection(), before.known_keys(), [late])
    assert "signed by a log key that was retired by then" in found.problems[0]


def test_a_stolen_log_key_is_replaced_and_outsiders_must_be_told(desk: Desk, order: Order) -> None:
    old = desk.signer().keys.public
    keys.rotate_log_key(desk, Order(order.by, "theft", revoked=True, since=2))
    act(desk)
    assert verified(desk).status == 0
    assert "was revoked" in verified(desk).notices[0]
    with desk.store.reading() as session:
        found = verify_log(desk.log, session.connection(), old)
    assert found.status == CANNOT_BE_CHECKED


def test_an_officer_renews_their_own_key(desk: Desk, officer: Officer) -> None:
    act(desk, officer)
    keys.rotate_own_key(desk, "pat", PASSPHRASE, NEW)
    with pytest.raises(AuditError, match="passphrase is wrong"):
        sign_in(desk, "pat", PASSPHRASE)
    act(desk, sign_in(desk, "pat", NEW))
    assert (verified(desk).status, verified(desk).notices) == (0, [])


def test_a_session_under_the_old_key_acts_no_more_and_spoils_nothing(
    desk: Desk, officer: Officer
) -> None:
    keys.rotate_own_key(desk, "pat", PASSPHRASE, NEW)
    with pytest.raises(AuditError, match="changed since you signed in"):
        act(desk, officer)
    assert verified(desk).status == 0


def test_an_ended_officer_cannot_sign_in_until_given_a_new_key(desk: Desk, order: Order) -> None:
    with pytest.raises(RuleError, match="is in use"):
        keys.reissue_officer_key(desk, "pat", NEW, order)
    keys.end_officer_key(desk, "pat", order)
    with pytest.raises((NotAllowed, AuditError)):
        sign_in(desk, "pat", PASSPHRASE)
    assert verified(desk).status == 0
    keys.reissue_officer_key(desk, "pat", NEW, order)
    act(desk, sign_in(desk, "pat", NEW))
    found = verified(desk)
    assert found.status == 0
    assert "the service gave" in found.notices[-1]


def test_escrow_opens_with_its_passphrase_alone_and_is_an_entry(
    desk: Desk, order: Order, tmp_path: Path
) -> None:
    out = tmp_path / "escrow.json"
    keys.escrow_keys(desk, out, NEW, order)
    kept = open_escrow(out.read_bytes(), NEW)
    assert kept == {path.name: path.read_bytes() for path in desk.home.keys.glob("*.key")
                    if not path.name.startswith("vault")}  # fmt: skip
    with pytest.raises(AuditError, match="wrong"):
        open_escrow(out.read_bytes(), "a wrong passphrase")
    for noise in (b"", b"{}", b"[]", b'{"form":"x"}', out.read_bytes()[:-9]):
        with pytest.raises(AuditError):
            open_escrow(noise, NEW)
    assert states(desk)[-2:] == [("service", "escrowed"), ("log", "escrowed")]
    assert verified(desk).status == 0


def test_a_rotation_that_fails_to_be_logged_leaves_the_old_key_in_use(
    desk: Desk, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("socialdesk.audit.log._MOVE_HEAD", "UPDATE nothing SET x = 1")
        with pytest.raises(Exception, match="refused"):
            keys.rotate_service_key(desk, order)
    act(desk)
    assert verified(desk).status == 0


def lose_keys(desk: Desk) -> dict[str, bytes]:
    """Delete every key of the service and the log, as a lost disk would."""
    lost = {}
    for pattern in ("service*.key", "log-*.key"):
        for path in desk.home.keys.glob(pattern):
            lost[path.name] = path.read_bytes()
            path.unlink()
    return lost


@pytest.mark.parametrize("rotated", [False, True])
def test_lost_keys_come_back_from_their_escrow_and_that_is_an_entry(
    desk: Desk, order: Order, tmp_path: Path, *, rotated: bool
) -> None:
    if rotated:
        keys.rotate_service_key(desk, order)
        keys.rotate_log_key(desk, order)
    out = tmp_path / "escrow.json"
    keys.escrow_keys(desk, out, NEW, order)
    before = verified(desk)
    with pytest.raises(RuleError, match="No key is missing"):
        keys.restore_keys(desk, out.read_bytes(), NEW, "test")
    lost = lose_keys(desk)
    again = reopened(desk)
    for act_without_key in (lambda: act(again), again.signer):
        with pytest.raises(AuditError, match="key restore"):
            act_without_key()
    assert not list(desk.home.keys.glob("service*.key"))
    with pytest.raises(AuditError, match="wrong"):
        keys.restore_keys(again, out.read_bytes(), "a wrong passphrase", "test")
    keys.restore_keys(again, out.read_bytes(), NEW, "disk lost")
    assert {path.read_bytes() for path in desk.home.keys.glob("*.key")} >= set(lost.values())
    act(again)
    found = verified(again)
    assert (found.status, found.problems) == (0, [])
    assert found.size > before.size
    assert states(again)[-2:] == [("service", "restored"), ("log", "restored")]


def test_an_escrow_of_keys_since_rotated_restores_nothing(
    desk: Desk, order: Order, tmp_path: Path
) -> None:
    out = tmp_path / "escrow.json"
    keys.escrow_keys(desk, out, NEW, order)
    keys.rotate_service_key(desk, order)
    lose_keys(desk)
    with pytest.raises(RuleError, match="not the key that the log calls current"):
        keys.restore_keys(reopened(desk), out.read_bytes(), NEW, "disk lost")
    assert not list(desk.home.keys.glob("service*.key"))
