"""The database's schema, brought up to this version by Alembic migrations, one caller at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from socialdesk.core.errors import StoreError
from socialdesk.store.engine import WRITES
from socialdesk.store.gate import WritersGate

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x50DE5D


def upgrade(engine: Engine) -> None:
    """Bring the schema to this version; quick when it is there already.

    Raises:
        StoreError: the database was made by a newer socialdesk.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    database = engine.url.database if engine.dialect.name == "sqlite" else None
    gate = WritersGate(Path(database) if database else None)
    with (
        gate.passed(),
        engine.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise StoreError(
                f"The database is at version {current}, which this socialdesk does not know.",
                todo="It was made by a newer one: install that, or use another home folder.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(engine: Engine) -> None:
    """Refuse a database whose schema is not this version's; change nothing.

    Raises:
        StoreError: it has no schema, or another version's.
        DBAPIError: it cannot be read.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(config).get_current_head()
    if current != head:
        raise StoreError(
            f"The database is at version {current or 'none'}; this socialdesk reads {head}.",
            todo="Verify it with the socialdesk that made it, or open the desk once to upgrade it.",
        )
