"""What nobody can understand is kept whole, shown, and read again; the walk goes on around it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from typer.testing import CliRunner

from socialdesk.channels.base import Item, Rejected, Stream
from socialdesk.channels.x import parse
from socialdesk.channels.x.parse import parse_item, parse_page
from socialdesk.cli.app import app
from socialdesk.core.errors import RuleError
from socialdesk.ingest.poller import Poller
from socialdesk.ingest.reread import reread
from socialdesk.queue.accounts import open_account
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.people import Officer
from socialdesk.queue.quarantine import Kept, kept_items, raw_of, shown
from socialdesk.simulator.server import XSimulator
from socialdesk.store.tables import Message, VaultKey
from tests.desks import PASSPHRASE, KeywordAssessor, make_officer
from tests.networks import break_network, desk_on, port_of, say

WHEN = "2026-01-02T03:04:05.000Z"
POST = {"id": "10", "text": "hello", "author_id": "2", "conversation_id": "9", "created_at": WHEN}
USER = {"id": "2", "username": "jo", "name": "Jo"}
GOOD = json.dumps(POST)


def page(*pieces: str) -> bytes:
    """Return a page that holds these items, good or bad, as their own JSON."""
    return (
        f'{{"data":[{",".join(pieces)}],"includes":{{"users":[{json.dumps(USER)}]}},"meta":{{}}}}'
    ).encode()


@pytest.mark.parametrize(
    "bad",
    [
        json.dumps({name: value for name, value in POST.items() if name != "author_id"}),
        json.dumps(POST | {"author_id": None}),
        json.dumps(POST | {"text": None}),
        json.dumps(POST | {"text": {"html": "<b>"}}),
        json.dumps(POST | {"id": 10}),
        json.dumps(POST | {"created_at": 1767323045}),
        GOOD[:-1] + ',"id":"11"}',
        GOOD[:-1] + ',"entities":{"a":1,"a":2}}',
        '{"id":' + "9" * 6000 + "}",
        '{"id":1e999999}',
        json.dumps({"event_type": "Poll", "question": "what is this?"}),
        "null",
        "[[[]]]",
        '"post"',
    ],
    ids=lambda bad: bad[-24:],
)
def test_a_bad_item_is_put_aside_whole_and_those_around_it_are_read(bad: str) -> None:
    found = parse_page(page(GOOD, bad, GOOD), Stream.MENTIONS, account_id="1")
    assert [item.remote_id for item in found.items] == ["10", "10"]
    assert [item.raw for item in found.rejected] == [bad.encode()]
    assert found.rejected[0].reason
    assert isinstance(parse_item(bad.encode(), Stream.MENTIONS, account_id="1"), Rejected)


def test_a_number_of_any_length_beside_what_matters_costs_nothing() -> None:
    odd = GOOD[:-1] + ',"public_metrics":{"likes":' + "9" * 6000 + "}}"
    found = parse_page(page(odd), Stream.MENTIONS, account_id="1")
    assert [item.remote_id for item in found.items] == ["10"]


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*POST, "referenced_tweets", "note_post"]), _anything))
def test_whatever_an_item_holds_it_is_read_or_put_aside_and_never_lost(
    changes: dict[str, Any],
) -> None:
    item = json.dumps(copy.deepcopy(POST) | changes)
    found = parse_page(page(item, GOOD), Stream.MENTIONS, account_id="1")
    assert len(found.items) + len(found.rejected) == 2
    assert all(kept.raw == item.encode() for kept in found.rejected)
    assert all(read.raw.startswith((item.encode(), GOOD.encode())) for read in found.items)


def test_an_item_read_again_from_its_kept_bytes_is_the_same() -> None:
    (item,) = parse_page(page(GOOD), Stream.MENTIONS, account_id="1").items
    assert parse_item(item.raw, Stream.MENTIONS, account_id="1") == item


@pytest.fixture
def desk(x: XSimulator, tmp_path: Path) -> Desk:
    return desk_on(port_of(x), tmp_path / "home")


@pytest.fixture
def officer(desk: Desk) -> Officer:
    return make_officer(desk)


@pytest.fixture
def kept(x: XSimulator, desk: Desk, officer: Officer) -> Kept:
    """Return an item put aside: its author has vanished from it."""
    for number in range(5):
        say(x, "jo", f"message {number}")
    break_network(x, {"kind": "malformed_item", "path": "mentions"})
    account = desk.force.accounts[0]
    Poller(desk, desk.service("ingest"), account, KeywordAssessor()).poll()
    (found,) = kept_items(desk)
    return found


def stored(desk: Desk) -> int:
    with desk.store.reading() as session:
        return len(session.exec(select(Message.id)).all())


def again(desk: Desk, officer: Officer, kept: Kept) -> bool:
    return reread(
        desk, officer.actor, kept, KeywordAssessor(), lambda account: open_account(desk, account)
    )


def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the parser understand what it could not, as an upgrade would."""
    read = parse._post

    def lenient(piece: Any, users: Any, account_id: str) -> Item:
        given = piece.value if isinstance(piece.value, dict) else {}
        known = {name: value for name, value in given.items() if value is not None}
        text = json.dumps(POST | {"id": "77"} | {k: v for k, v in known.items() if k == "text"})
        return read(piece._replace(value=json.loads(text), text=text), users, account_id)

    monkeypatch.setattr(parse, "_post", lenient)


def test_an_item_still_not_understood_stays_and_the_log_says_who_tried(
    desk: Desk, officer: Officer, kept: Kept
) -> None:
    assert not again(desk, officer, kept)
    assert [one.id for one in kept_items(desk)] == [kept.id]
    with desk.store.reading() as session:
        bodies = [body for _seq, body in desk.log.entries(session.connection())][-2:]
    assert all(officer.actor.id.encode() in body for body in bodies)
    assert b'"consultation"' in bodies[0]
    assert b'"understood":false' in bodies[1]


def test_an_item_understood_at_last_becomes_a_message_and_leaves_the_quarantine(
    desk: Desk, officer: Officer, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored(desk)
    mended(monkeypatch)
    assert again(desk, officer, kept)
    assert stored(desk) == before + 1
    assert kept_items(desk) == []
    assert read_health(desk).quarantined == 0
    with desk.store.reading() as session:
        destroyed = session.exec(select(VaultKey).where(VaultKey.wrapped == None)).all()  # noqa: E711 SQL
    assert len(destroyed) == 1
    with pytest.raises(RuleError, match="no item"):
        again(desk, officer, kept)


def test_what_was_put_aside_can_be_read_as_it_came_and_who_read_it_is_recorded(
    desk: Desk, officer: Officer, kept: Kept
) -> None:
    raw = raw_of(desk, officer.actor, kept.id)
    assert shown(raw)
    with desk.store.reading() as session:
        last = [body for _seq, body in desk.log.entries(session.connection())][-1]
    assert f"quarantined:{kept.id}".encode() in last


def test_the_command_lists_shows_and_retries(desk: Desk, officer: Officer, kept: Kept) -> None:
    def run(*words: str) -> tuple[int, str]:
        start = ["--home", str(desk.home.root), "quarantine"]
        answer = CliRunner().invoke(
            app, [*start, *words], env={"SOCIALDESK_PASSPHRASE": PASSPHRASE}
        )
        return answer.exit_code, answer.output

    listed = run("list")
    assert listed[0] == 0
    assert str(kept.id) in listed[1]
    assert kept.reason in listed[1]
    assert run("show", str(kept.id), "--login", "pat")[0] == 0
    assert run("retry", str(kept.id), "--login", "pat")[0] == 1
    assert [one.id for one in kept_items(desk)] == [kept.id]
