"""One force's desk, put together: its store, vault, audit log, clock and configuration."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.audit.cosigning import Cosigning, witness_keys
from socialdesk.audit.entry import Action
from socialdesk.audit.fsck import Outside
from socialdesk.audit.history import SERVICE
from socialdesk.audit.keylife import introduction, log_introduction
from socialdesk.audit.keys import ServiceKeys
from socialdesk.audit.log import AuditLog
from socialdesk.audit.signer import CheckpointSigner, load_log_keys
from socialdesk.core.clock import Clock, SystemClock
from socialdesk.core.errors import RuleError
from socialdesk.core.force import Force, load_force
from socialdesk.core.home import Home
from socialdesk.core.ids import new_id
from socialdesk.core.settings import Settings
from socialdesk.store.engine import open_engine
from socialdesk.store.master import master_source
from socialdesk.store.schema import upgrade
from socialdesk.store.tables import Contact, Conversation
from socialdesk.store.transaction import Actor, Store
from socialdesk.store.vault import ContactKey, Vault, open_vault


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an act needs."""

    force: Force
    home: Home
    store: Store
    vault: Vault
    log: AuditLog
    clock: Clock

    def service(self, name: str) -> Actor:
        """Return one of the desk's own services as an actor, with a session of its own."""
        return Actor(
            id=f"{SERVICE}:{name}",
            role=SERVICE,
            force_id=self.force.id,
            session=new_id(),
            signer=ServiceKeys(self.home.keys),
        )

    def signer(self) -> CheckpointSigner:
        """Return the signer of this desk's audit log."""
        with self.store.reading() as session:
            name = self.log.head(session.connection()).log_key
        keys = load_log_keys(self.home, self.log.origin, name)
        return CheckpointSigner(self.log, keys, self.home.signer)

    def cosigning(self) -> Cosigning:
        """Return the collecting of cosignatures from this force's witnesses."""
        return Cosigning(self.log, witness_keys(self.force), self.home.signer)

    def outside(self, published: Path | None = None) -> Outside:
        """Return what lies outside the database and must agree with the log.

        Args:
            published: the folder the log is published to; the one the force names unless given.
        """
        signer, cosigning = self.signer(), self.cosigning()
        notes = cosigning.kept()
        if signer.memory.exists():
            notes.append(signer.memory.read_text("utf-8"))
        return Outside(signer.known_keys(), notes, published or self.force.published)

    def conversation(self, session: Session, conversation_id: UUID) -> Conversation:
        """Return a conversation of this force, locked for the transaction where it writes.

        Raises:
            RuleError: this force has no such conversation.
        """
        found = session.exec(
            select(Conversation)
            .where(Conversation.id == conversation_id, Conversation.force_id == self.force.id)
            .with_for_update()
        ).first()
        if found is None:
            raise RuleError(f"{self.force.name} has no conversation {conversation_id}.")
        return found

    def contact_key(self, session: Session, contact_id: UUID) -> ContactKey:
        """Return the key under which a contact's data is sealed.

        Raises:
            RuleError: the contact's data was erased: nothing more may be kept of them here.
        """
        key_id = session.exec(select(Contact.key_id).where(col(Contact.id) == contact_id)).one()
        key = self.vault.keys(session, [key_id]).get(key_id)
        if key is None:
            raise RuleError("This contact's data was erased by authority; the contact is closed.")
        return key


def open_desk(settings: Settings, clock: Clock | None = None) -> Desk:
    """Open the desk of the force that `settings` name; make its keys and database on first use.

    Raises:
        ConfigError, HomeError, StoreError, AuditError, VaultError: worded for people.
    """
    clock = clock or SystemClock()
    home = settings.folder
    home.prepare()
    force = load_force(settings.config_folder, settings.force)
    engine = open_engine(settings.database)
    log = AuditLog(force.id, force.log_origin, clock)
    store = Store(engine, clock, log)
    store.ping()
    upgrade(engine)
    vault = open_vault(store, force.id, master_source(settings.master_key_from, home.keys))
    desk = Desk(force, home, store, vault, log, clock)
    _begin_log(desk)
    return desk


def _begin_log(desk: Desk) -> None:
    """Write the log's first entries, which introduce its keys, unless they are there."""
    with desk.store.reading() as session:
        if desk.log.size(session) > 0:
            return
    service = desk.service("desk")
    key = ServiceKeys(desk.home.keys).named("")
    log_keys = load_log_keys(desk.home, desk.log.origin)
    with desk.store.transaction(service, "first use") as current:
        desk.log.lock(current.session.connection())
        if desk.log.size(current.session) > 0:
            return
        for details in (introduction(key.key_id, key.public, SERVICE), log_introduction(log_keys)):
            current.record(Action.KEY_CHANGE, f"key:{details['key']}", details=dict(details))


__all__ = ["Desk", "introduction", "open_desk"]
