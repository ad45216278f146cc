"""Where conversations stand, for the many that one page touches: read, moved and written in bulk.

A `Standing` has the columns of a conversation that intake reads or writes, under the same names.
The ORM's own object costs as much to make and change as all else that is done with a message.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update
from sqlmodel import SQLModel

from socialdesk.classify.assessment import Category, Urgency
from socialdesk.queue.states import ConversationState
from socialdesk.store.rows import insert_rows
from socialdesk.store.tables import Conversation


@dataclass(slots=True)
class Standing:
    """A conversation as intake sees it; `fresh`: it is not in the database yet."""

    id: UUID
    force_id: str
    account_id: str
    channel: str
    stream: str
    contact_id: UUID
    thread_lookup: bytes
    waiting_since: datetime
    last_message_at: datetime
    state: str = ConversationState.AWAITING.value
    urgency_rank: int = Urgency.NONE.rank
    category: str = Category.CHATTER.value
    possible_crime: float = 0.0
    version: int = 0
    disposition: str | None = None
    sealed_gist: bytes = b""
    fresh: bool = True


_TABLE = SQLModel.metadata.tables[str(Conversation.__tablename__)]
_COLUMNS = tuple(part.name for part in fields(Standing) if part.name != "fresh")
_MOVES = ("waiting_since", "last_message_at", "state", "urgency_rank", "category",
          "possible_crime", "version", "disposition", "sealed_gist")  # fmt: skip


def read_standings(
    connection: Connection, account_id: str, threads: Collection[bytes]
) -> dict[bytes, Standing]:
    """Return an account's known conversations by thread, locked for the transaction."""
    rows = connection.execute(
        select(*(_TABLE.c[name] for name in _COLUMNS))
        .where(_TABLE.c.account_id == account_id, _TABLE.c.thread_lookup.in_(threads))
        .with_for_update()
    )
    return {row["thread_lookup"]: Standing(**row, fresh=False) for row in rows.mappings()}


def write_standings(connection: Connection, standings: Collection[Standing]) -> None:
    """Insert the new conversations, and write where the known ones stand now."""
    begun = [_values(one, _COLUMNS) | {"claim_fence": 0} for one in standings if one.fresh]
    moved = [_values(one, _MOVES) | {"known": one.id} for one in standings if not one.fresh]
    insert_rows(connection, Conversation, begun)
    if moved:
        change = update(_TABLE).where(_TABLE.c.id == bindparam("known"))
        connection.execute(change.values({name: bindparam(name) for name in _MOVES}), moved)


def _values(standing: Standing, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(standing, name) for name in names}
