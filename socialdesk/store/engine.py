"""The database engine: SQLite in one file by default, PostgreSQL where a URL says so.

SQLite: write-ahead log, full durability, and real BEGIN statements. A transaction that will write
says BEGIN IMMEDIATE, so that two writers wait for each other at the door instead of failing at the
end. (Python's sqlite3 opens transactions lazily on its own; that is switched off here, as
SQLAlchemy's documentation of the pysqlite dialect advises.)
"""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from socialdesk.core.errors import ConfigError

BUSY_SECONDS = 10
WRITES = "socialdesk_writes"


def open_engine(url: str) -> Engine:
    """Return an engine for `url`.

    Raises:
        ConfigError: the URL is not one, or names a database that socialdesk does not run on.
    """
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(
            f"SOCIALDESK_DATABASE_URL: {url.rsplit('@', maxsplit=1)[-1]!r} cannot be opened.",
            todo="Use sqlite:///path/to/file.db or postgresql+psycopg://user@host/name.",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
