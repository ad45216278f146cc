"""Writing many rows at once, past the ORM: for the paths where volume is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert
from sqlmodel import SQLModel

_ADD_WORDS = "INSERT INTO message_word (word, conversation_id) VALUES {} ON CONFLICT DO NOTHING"


def insert_rows(
    connection: Connection, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, each a mapping from column to value; all name the same columns."""
    if rows:
        connection.execute(insert(SQLModel.metadata.tables[str(table.__tablename__)]), rows)


def add_words(connection: Connection, words: Iterable[tuple[bytes, UUID]]) -> None:
    """Add (word, conversation) to the word index, those it holds already left as they are.

    By the driver's own SQL: a message brings some twenty of them. In order, so that two writers
    never wait for each other in a circle.
    """
    rows = sorted(words)
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        sql = _ADD_WORDS.format("(?, ?)")
        connection.exec_driver_sql(sql, [(word, thread.hex) for word, thread in rows])
    else:
        connection.exec_driver_sql(_ADD_WORDS.format("(%s, %s)"), rows)
