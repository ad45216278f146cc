"""Both databases that the desk runs on, for any test that must hold on each."""

import itertools
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, create_engine

_names = itertools.count(1)


def new_database(postgres: str) -> str:
    """Create an empty database on a server; return its URL."""
    name = f"t{os.getpid()}_{next(_names)}"
    engine = create_engine(postgres.replace("NAME", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return postgres.replace("NAME", name)


def is_sqlite(engine: Engine) -> bool:
    """Say which database it is."""
    return engine.dialect.name == "sqlite"


def files_of(engine: Engine) -> list[Path]:
    """Return the database's own files, all that was written down in them.

    On PostgreSQL the write-ahead log is left out: it holds the past, and `wal_of` names it.
    """
    if is_sqlite(engine):
        database = Path(str(engine.url.database))
        return sorted(database.parent.glob(f"{database.name}*"))
    folder = _server_folder(engine)
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not _is_wal(path)]


def wal_of(engine: Engine) -> list[Path]:
    """Return PostgreSQL's write-ahead log, segment by segment."""
    folder = _server_folder(engine)
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_wal(path)]


def found_in(files: Iterable[Path], needles: Iterable[bytes]) -> list[tuple[str, bytes]]:
    """Return which file holds which of the needles; a server removes files of its own meanwhile."""
    wanted = list(needles)
    found = []
    for path in files:
        with suppress(FileNotFoundError):
            content = path.read_bytes()
            found += [(path.name, needle) for needle in wanted if needle in content]
    return found


def _server_folder(engine: Engine) -> Path:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    return Path(str(engine.url.query["host"]))


def _is_wal(path: Path) -> bool:
    return "pg_wal" in path.parts
