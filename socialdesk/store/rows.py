"""Writing many rows at once, past the ORM: for the paths where volume is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert
from sqlmodel import SQLModel

_ADD_WORDS = "INSERT INTO message_word (word, conversation_id) VALUES {} ON CONFLICT DO NOTHING"


def insert_rows(
    connection: Connection, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows, each a mapping from column to value; all name the same columns."""
    if rows:
        connection.execute(insert(SQLModel.metadata.tables[str(table.__tablename__)]), rows)


def add_words(connection: Connection, words: Iterable[tuple[bytes, str]]) -> None:
    """Add (word, conversation's id in hexadecimal) to the word index, known ones left as they are.

    By the driver's own SQL: a message brings some twenty of them. In order, so that two writers
    never wait for each other in a circle.
    """
    rows = sorted(words)
    if not rows:
        return
    marks = "(?, ?)" if connection.dialect.name == "sqlite" else "(%s, %s)"
    connection.exec_driver_sql(_ADD_WORDS.format(marks), rows)
