from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from socialdesk.audit.entry import Action
from socialdesk.core.errors import AuditError, ConfigError, StoreError
from socialdesk.queue.desk import Desk
from socialdesk.store.engine import open_engine
from socialdesk.store.tables import StreamState
from tests.desks import make_desk


def row(name: str = "s") -> StreamState:
    return StreamState(account_id="a", stream=name, force_id="northshire")


def rows(desk: Desk) -> int:
    with desk.store.reading() as session:
        return len(session.exec(select(StreamState)).all())


def log_size(desk: Desk) -> int:
    with desk.store.reading() as session:
        return desk.log.size(session)


def test_an_act_and_its_entry_happen_together(desk: Desk) -> None:
    before = log_size(desk)
    with desk.store.transaction(desk.service("desk"), "test") as current:
        current.session.add(row())
        current.record(Action.CONFIGURATION, "stream:s")
    assert (rows(desk), log_size(desk)) == (1, before + 1)


def test_an_act_that_fails_leaves_no_entry(desk: Desk) -> None:
    before = log_size(desk)
    with (
        pytest.raises(RuntimeError),
        desk.store.transaction(desk.service("desk"), "test") as current,
    ):
        current.session.add(row())
        current.record(Action.CONFIGURATION, "stream:s")
        raise RuntimeError
    assert (rows(desk), log_size(desk)) == (0, before)


def test_an_act_whose_entry_cannot_be_written_does_not_happen(desk: Desk) -> None:
    with (
        pytest.raises(AuditError, match="not an act the audit log knows"),
        desk.store.transaction(desk.service("desk"), "test") as current,
    ):
        current.session.add(row())
        current.record("whistle", "stream:s")
    assert rows(desk) == 0


def test_a_change_without_an_entry_is_refused(desk: Desk) -> None:
    with (
        pytest.raises(AuditError, match="without an audit entry"),
        desk.store.transaction(desk.service("desk"), "test") as current,
    ):
        current.session.add(row())
    assert rows(desk) == 0


def test_a_transaction_that_only_looked_needs_no_entry(desk: Desk) -> None:
    before = log_size(desk)
    with desk.store.transaction(desk.service("desk"), "test") as current:
        current.session.exec(select(StreamState)).all()
    assert log_size(desk) == before


def test_a_database_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "socialdesk.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError, match="database refused"):
        make_desk(tmp_path / "home")


def test_a_database_of_a_newer_socialdesk_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    with desk.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="does not know"):
        make_desk(tmp_path / "home")


@pytest.mark.parametrize("url", ["nonsense", "mongodb://x/y", "sqlite"])
def test_an_address_of_no_database_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:///path"):
        open_engine(url)


def test_the_migrations_make_the_tables_that_the_code_describes(desk: Desk) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlmodel import SQLModel

    with desk.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_opening_a_desk_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    before = log_size(desk)
    assert log_size(make_desk(tmp_path / "home")) == before
