"""A log of its own for each test: a store, a service that acts, a signer, and quick ways to act."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, text

from socialdesk.audit.entry import Action
from socialdesk.audit.history import SERVICE
from socialdesk.audit.keylife import introduction, log_introduction
from socialdesk.audit.keys import ServiceKeys, SigningKey, create_officer_key
from socialdesk.audit.log import AuditLog
from socialdesk.audit.signer import CheckpointSigner, load_log_keys, read_verifier_keys
from socialdesk.audit.verify import Verdict, verify_log
from socialdesk.core.clock import SetClock
from socialdesk.core.home import Home
from socialdesk.store.engine import open_engine
from socialdesk.store.schema import upgrade
from socialdesk.store.transaction import Actor, Store
from tests.desks import START

FORCE, ORIGIN = "northshire", "socialdesk.northshire.example/audit/1"
SESSION = UUID(int=7)
OFFICER = f"person:{UUID(int=9)}"


@dataclass(frozen=True)
class Book:
    """One log, opened."""

    url: str
    home: Home
    store: Store
    log: AuditLog
    clock: SetClock

    @property
    def service(self) -> Actor:
        return Actor(f"{SERVICE}:test", SERVICE, FORCE, SESSION, ServiceKeys(self.home.keys))

    def officer(self, key: SigningKey) -> Actor:
        return Actor(OFFICER, "officer", FORCE, SESSION, key)

    def act(self, count: int = 1, actor: Actor | None = None, action: str = "collection") -> None:
        with self.store.transaction(actor or self.service, "test") as current:
            for number in range(count):
                current.record(action, f"message:{number}", details={"n": number, "a": "é"})

    def add_officer(self) -> SigningKey:
        key = create_officer_key(self.home.keys / "people" / "pat.json", "correct horse")
        with self.store.transaction(self.service, "joins") as current:
            details = introduction(key.key_id, key.public, OFFICER)
            current.record(Action.KEY_CHANGE, f"key:{key.key_id}", details=dict(details))
        return key

    @property
    def signer(self) -> CheckpointSigner:
        with self.store.reading() as session:
            name = self.log.head(session.connection()).log_key
        return CheckpointSigner(self.log, load_log_keys(self.home, ORIGIN, name), self.home.signer)

    def sign(self) -> str:
        return self.signer.sign(self.store)

    def verify(self, *saved: str, skip_officers: bool = False) -> Verdict:
        with self.store.reading() as session:
            return self.verify_in(session.connection(), *saved, skip_officers=skip_officers)

    def verify_in(
        self, connection: Connection, *saved: str, skip_officers: bool = False
    ) -> Verdict:
        return verify_log(
            self.log,
            connection,
            read_verifier_keys(self.home.signer / f"{FORCE}.vkeys")
            or load_log_keys(self.home, ORIGIN).public,
            saved,
            skip_officers=skip_officers,
        )

    def size(self) -> int:
        with self.store.reading() as session:
            return self.log.size(session)

    def attack(self, *statements: str, **values: object) -> None:
        """Do to the database what someone with the file can do."""
        with self.store.engine.connect() as connection, connection.begin():
            for statement in statements:
                connection.execute(text(statement), values)


def open_book(home: Path, url: str | None = None) -> Book:
    """Return the log in `home`, begun; in SQLite unless a URL is given."""
    folder = Home(home)
    folder.prepare()
    clock = SetClock(START)
    url = url or f"sqlite:///{folder.database}"
    engine = open_engine(url)
    upgrade(engine)
    log = AuditLog(FORCE, ORIGIN, clock)
    book = Book(url, folder, Store(engine, clock, log), log, clock)
    if book.size() == 0:
        key = ServiceKeys(folder.keys).named("")
        keys = load_log_keys(folder, ORIGIN)
        with book.store.transaction(book.service, "first use") as current:
            for said in (introduction(key.key_id, key.public, SERVICE), log_introduction(keys)):
                current.record(Action.KEY_CHANGE, f"key:{said['key']}", details=dict(said))
    return book


def fill(connection: Connection, log: AuditLog, count: int) -> None:
    """Put `count` short bodies and their tiles into a log, quickly: shapes, not acts."""
    from socialdesk.audit.merkle import leaf_hash
    from socialdesk.audit.tiles import Edge

    edge = Edge()
    tiles = []
    rows = []
    for seq in range(count):
        body = b"%d" % seq
        rows.append((log.force_id, seq, body, ""))
        tiles += [(log.force_id, a, b, b"".join(c)) for a, b, c in edge.append(leaf_hash(body))]
    tiles += [(log.force_id, a, b, b"".join(c)) for a, b, c in edge.open_tiles()]
    marks = "?, ?, ?, ?"
    connection.exec_driver_sql(f"INSERT INTO log_entry VALUES ({marks})", rows)
    if tiles:
        connection.exec_driver_sql(f"INSERT INTO log_tile VALUES ({marks})", tiles)
    head = (log.force_id, count, 0, 0, 0, "", "", "")
    connection.exec_driver_sql("INSERT INTO log_head VALUES (?, ?, ?, ?, ?, ?, ?, ?)", head)


def encoded(parts: Sequence[bytes]) -> list[str]:
    """Return each part in base64."""
    return [base64.b64encode(part).decode() for part in parts]
