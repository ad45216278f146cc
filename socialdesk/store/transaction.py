"""All writes go through one transaction that carries who acts, why, when, and the audit appender.

An act and its entry stand or fall together: the acts recorded in a transaction are appended to the
log as its last step before commit, and if that fails nothing of the transaction remains. A
transaction that wrote but recorded no act is refused. The one exception is `bookkeeping`, for
state that says nothing about any person (when a stream was last polled, who is renewing a lease).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from socialdesk.core.clock import Clock
from socialdesk.core.errors import AuditError, StoreError
from socialdesk.store.engine import WRITES
from socialdesk.store.gate import WritersGate


class Signer(Protocol):
    """Holds an actor's signing key, unlocked."""

    @property
    def key_id(self) -> str:
        """Names the public key, as the log's key history does."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of `message`."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an officer signed in, or one of the desk's own services."""

    id: str
    role: str
    force_id: str
    session: UUID
    signer: Signer


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done, on its way into the log.

    Attributes:
        action: a verb of `audit.entry.Action`.
        subject: what it was done to, as "kind:id".
        details: plain facts; never personal data.
        commitments: salted hashes of personal data, by name.
    """

    action: str
    subject: str
    reason: str
    details: dict[str, Any] = field(default_factory=dict)
    commitments: dict[str, bytes] = field(default_factory=dict)
    recipients: tuple[str, ...] = ()


class Appender(Protocol):
    """Whatever can put acts into the audit log within the transaction that performs them."""

    def append(self, connection: Connection, actor: Actor, acts: Sequence[Act]) -> None:
        """Append one entry an act, in order; raise to undo the whole transaction."""
        ...


class Transaction:
    """One open write: use `session` to act and `record` to say so."""

    def __init__(self, session: Session, actor: Actor, reason: str, now: datetime) -> None:
        self.session = session
        self.actor = actor
        self.reason = reason
        self.now = now
        self.acts: list[Act] = []

    def record(
        self,
        action: str,
        subject: str,
        *,
        reason: str | None = None,
        details: dict[str, Any] | None = None,
        commitments: dict[str, bytes] | None = None,
        recipients: tuple[str, ...] = (),
    ) -> None:
        """Note an act for the log; its reason is the transaction's unless given."""
        self.acts.append(
            Act(
                action=action,
                subject=subject,
                reason=self.reason if reason is None else reason,
                details=details or {},
                commitments=commitments or {},
                recipients=recipients,
            )
        )


class Store:
    """The database, as the rooms above may use it."""

    def __init__(self, engine: Engine, clock: Clock, appender: Appender) -> None:
        database = engine.url.database if engine.dialect.name == "sqlite" else None
        self.engine = engine
        self.clock = clock
        self._appender = appender
        self._gate = WritersGate(Path(database) if database else None)
        event.listen(engine, "before_cursor_execute", _notice_write)

    @contextmanager
    def transaction(self, actor: Actor, reason: str) -> Iterator[Transaction]:
        """Act: everything inside happens with its audit entries, or not at all.

        Raises:
            AuditError: something was written and no act recorded, or the log refused the entry.
            StoreError: the database is away or refused.
        """
        with self._writing() as (session, connection):
            current = Transaction(session, actor, reason, self.clock.now())
            yield current
            session.flush()
            if current.acts:
                self._appender.append(connection, actor, current.acts)
            elif connection.info.get("wrote"):
                raise AuditError(
                    "A change without an audit entry was refused; nothing was changed.",
                    todo="This is a fault in socialdesk: please report it.",
                )

    @contextmanager
    def bookkeeping(self) -> Iterator[Session]:
        """Write what is no act and says nothing about any person."""
        with self._writing() as (session, _connection):
            yield session
            session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent state of the database."""
        with _worded(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def ping(self) -> None:
        """Raise StoreError unless the database answers."""
        with self.reading() as session:
            session.connection().execute(text("SELECT 1"))

    @contextmanager
    def _writing(self) -> Iterator[tuple[Session, Connection]]:
        with (
            _worded(),
            self._gate.passed(),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
            Session(bind=connection, expire_on_commit=False) as session,
        ):
            connection.info["wrote"] = False
            yield session, connection


def _notice_write(
    connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    _context: Any,
    _many: Any,
) -> None:
    if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
        connection.info["wrote"] = True


@contextmanager
def _worded() -> Iterator[None]:
    """Turn the database driver's errors into ours, worded for people."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(
            f"The database refused or is away ({type(error.orig).__name__}).",
            todo="Nothing was changed. Check that its disk is not full and that it runs.",
        ) from error
