import pytest

from socialdesk.core.errors import AuditError, NotAllowed, RuleError
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Role, add_person, sign_in, sign_out
from tests.desks import PASSPHRASE


def test_a_person_signs_in_with_their_passphrase_and_no_other(desk: Desk) -> None:
    add_person(desk, "pat", "Pat Morgan", Role.OFFICER, PASSPHRASE)
    assert sign_in(desk, "pat", PASSPHRASE).name == "Pat Morgan"
    with pytest.raises(AuditError, match="passphrase is wrong"):
        sign_in(desk, "pat", PASSPHRASE + "x")


def test_a_stranger_is_told_what_to_do(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="socialdesk person add"):
        sign_in(desk, "nobody", PASSPHRASE)


def test_a_short_passphrase_and_a_taken_login_are_refused(desk: Desk) -> None:
    with pytest.raises(RuleError, match="at least 8"):
        add_person(desk, "pat", "Pat", Role.OFFICER, "short")
    add_person(desk, "pat", "Pat", Role.OFFICER, PASSPHRASE)
    with pytest.raises(RuleError, match="already"):
        add_person(desk, "pat", "Other", Role.OFFICER, PASSPHRASE)


def test_a_login_cannot_place_its_key_outside_the_home(desk: Desk) -> None:
    add_person(desk, "../../evil", "Eve", Role.OFFICER, PASSPHRASE)
    people = desk.home.keys / "people"
    assert [path.parent for path in desk.home.root.rglob("*evil*")] == [people]


def test_no_key_of_a_person_lies_open_on_disk(desk: Desk) -> None:
    add_person(desk, "pat", "Pat", Role.OFFICER, PASSPHRASE)
    seed = sign_in(desk, "pat", PASSPHRASE).actor.signer.private.private_bytes_raw()  # type: ignore[attr-defined]
    for path in desk.home.root.rglob("*"):
        if path.is_file():
            assert seed not in path.read_bytes()


def test_a_session_leaves_its_beginning_and_its_end_in_the_log(desk: Desk) -> None:
    add_person(desk, "pat", "Pat", Role.OFFICER, PASSPHRASE)
    sign_out(desk, sign_in(desk, "pat", PASSPHRASE))
    with desk.store.reading() as session:
        bodies = [body for _seq, body in desk.log.entries(session.connection())]
    assert b'"action":"sign_in"' in bodies[-2]
    assert b'"action":"sign_out"' in bodies[-1]
