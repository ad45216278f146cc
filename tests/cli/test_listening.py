"""The listening commands, as people type them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from socialdesk.cli.app import app
from socialdesk.core.errors import SocialdeskError
from socialdesk.queue.people import Role, add_person
from tests.desks import PASSPHRASE, make_desk

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    desk = make_desk(tmp_path / "home")
    add_person(desk, "sam", "Sam Field", Role.SUPERVISOR, PASSPHRASE)
    add_person(desk, "kit", "Kit Lane", Role.OFFICER, PASSPHRASE)
    desk.store.engine.dispose()
    monkeypatch.setenv("SOCIALDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOCIALDESK_PASSPHRASE", PASSPHRASE)

    def typed(*words: str, login: str = "sam") -> Result:
        return CliRunner().invoke(app, ["listening", *words, "--login", login])

    return typed


ADD = ("add", "--term", "knife crime", "--purpose", "disorder at the fair", "--assessment", "D/7")


def test_a_rule_is_added_listed_shown_renewed_and_stopped(run: Run) -> None:
    rule = run(*ADD).stdout.strip()
    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["id"], listed["terms"], listed["owner"]) == (rule, ["knife crime"], "Sam Field")
    assert "purpose: disorder at the fair" in run("show", rule).stdout
    assert json.loads(run("renew", rule, "--json").stdout)["id"] == rule
    assert json.loads(run("stop", rule, "--json").stdout) == {"id": rule, "stopped": True}
    assert json.loads(run("list", "--json").stdout) == []
    (ended,) = json.loads(run("list", "--ended", "--json").stdout)
    assert ended["stopped_because"] == "stopped"


def test_a_rule_that_names_someone_is_refused_in_words(run: Run) -> None:
    refused = run(*ADD, "--term", "@jo")
    assert isinstance(refused.exception, SocialdeskError)
    assert "directed surveillance" in str(refused.exception)
    assert json.loads(run("list", "--json").stdout) == []


def test_an_authority_needs_its_times(run: Run) -> None:
    refused = run(*ADD, "--term", "@jo", "--authority", "RIPA/1", "--authorising-officer", "A")
    assert "--granted" in str(refused.exception)


def test_an_officer_may_not_add_and_nobody_has_looked_at_anyone(run: Run) -> None:
    assert "may not begin" in str(run(*ADD, login="kit").exception)
    assert json.loads(run("views", "--json").stdout) == []
