"""Keys follow one another without a gap and without a restart, and never show themselves."""

import json

import pytest
from sqlmodel import select

from socialdesk.core.errors import ConfigError, RuleError
from socialdesk.core.home import write_private
from socialdesk.queue.desk import Desk
from socialdesk.queue.partner_keys import end_key, key_names, new_key, partner_named
from socialdesk.queue.partners import keys_of, keys_path
from socialdesk.store.tables import LogEntry

from .platform import PARTNER, Platform, platform_of


def test_both_of_two_keys_are_good_and_an_ended_one_is_not_while_the_server_runs(
    desk: Desk, platform: Platform
) -> None:
    fresh = platform_of(desk, platform.base_url)
    assert platform.send().status_code == fresh.send().status_code == 202
    end_key(desk, partner_named(desk, PARTNER), platform.key)
    assert platform.send().status_code == 401
    assert fresh.send().status_code == 202
    end_key(desk, partner_named(desk, PARTNER), fresh.key)
    assert fresh.send().status_code == 401


def test_a_partner_has_two_keys_at_most(desk: Desk) -> None:
    partner = partner_named(desk, PARTNER)
    first, second = new_key(desk, partner), new_key(desk, partner)
    with pytest.raises(RuleError, match="2 keys already"):
        new_key(desk, partner)
    assert key_names(desk, partner) == [first.id, second.id]
    with pytest.raises(RuleError, match="no key"):
        end_key(desk, partner, "never-made")


def test_making_and_ending_a_key_is_in_the_log_and_its_secret_is_not(desk: Desk) -> None:
    partner = partner_named(desk, PARTNER)
    made = new_key(desk, partner)
    end_key(desk, partner, made.id)
    with desk.store.reading() as session:
        bodies = [row.body for row in session.exec(select(LogEntry))]
    cores = [json.loads(body)["core"] for body in bodies]
    said = [one["details"] for one in cores if one["subject"] == f"partner:{PARTNER}"]
    assert said == [{"change": "made", "key": made.id}, {"change": "ended", "key": made.id}]
    assert made.secret.get_secret_value().encode() not in b"".join(bodies)
    assert made.secret.get_secret_value() not in repr(made)


def test_keys_that_others_can_read_are_not_used(desk: Desk) -> None:
    partner = partner_named(desk, PARTNER)
    new_key(desk, partner)
    keys_path(desk, partner).chmod(0o644)
    with pytest.raises(ConfigError, match="others can read"):
        keys_of(desk, partner)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("keys: [{id: a, secret: tooshort-hunter2}]", "shorter than"),
        (
            "keys: [{id: a, secret: hunter2-"
            + "x" * 40
            + "}, {id: a, secret: hunter2-"
            + "y" * 40
            + "}]",
            "called 'a'",
        ),
        ("keys: [{id: a, secret: hunter2-" + "é" * 40 + "}]", "plain ASCII"),
    ],
)
def test_unsound_keys_are_refused_without_showing_them(desk: Desk, content: str, said: str) -> None:
    partner = partner_named(desk, PARTNER)
    write_private(keys_path(desk, partner), content.encode())
    with pytest.raises(ConfigError, match=said) as refused:
        keys_of(desk, partner)
    assert "hunter2" not in str(refused.value)


def test_an_unknown_partner_is_named(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="no partner 'nobody'"):
        partner_named(desk, "nobody")
