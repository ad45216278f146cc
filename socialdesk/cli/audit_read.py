"""Opening the log to look at it only: no key is made, nothing is written, whatever is found."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.log import AuditLog
from socialdesk.audit.note import NoteKey, parse_note
from socialdesk.audit.signer import read_verifier_keys
from socialdesk.core.clock import SystemClock
from socialdesk.core.errors import AuditError, StoreError
from socialdesk.core.force import Force, load_force
from socialdesk.core.settings import Settings
from socialdesk.core.text import file_stem
from socialdesk.store.engine import open_engine
from socialdesk.store.schema import require_current
from socialdesk.store.tables import LogCheckpoint
from socialdesk.store.transaction import Store


@dataclass(frozen=True, slots=True)
class ReadableLog:
    """A force's log as it lies in its database, and what this home keeps beside it."""

    force: Force
    log: AuditLog
    store: Store
    signer: Path

    def own_keys(self) -> list[NoteKey]:
        """Return the log's verifier keys as this home knows them."""
        return read_verifier_keys(self.signer / f"{file_stem(self.force.id)}.vkeys")

    def notes_of(self, size: int) -> list[str]:
        """Return every note of one checkpoint: the log's, and what each witness sent back."""
        with self.store.reading() as session:
            row = session.get(LogCheckpoint, (self.force.id, size))
        notes = [*self.own_notes(), *([] if row is None else [row.note])]
        return [note for note in notes if parse_checkpoint(parse_note(note)[0]).size == size]

    def own_notes(self) -> list[str]:
        """Return the checkpoints this home keeps outside the database."""
        paths = sorted(self.signer.glob(f"{file_stem(self.force.id)}.*checkpoint"))
        return [path.read_text("utf-8") for path in paths]


def open_readable(chosen: Settings) -> ReadableLog:
    """Open the log that `chosen` names.

    Raises:
        StoreError: there is no database, it is unreadable, or of another version.
        ConfigError: the force's file is wrong.
    """
    force = load_force(chosen.config_folder, chosen.force)
    engine = open_engine(chosen.database)
    database = engine.url.database
    if engine.dialect.name == "sqlite" and not (database and Path(database).exists()):
        raise StoreError("There is no database here.", todo="Name the home with --home DIR.")
    try:
        require_current(engine)
    except DBAPIError as error:
        raise StoreError(
            "The database cannot be read: it is away, damaged, or not one.",
            todo="Keep it as evidence if it should be whole, and call your administrator.",
        ) from error
    clock = SystemClock()
    log = AuditLog(force.id, force.log_origin, clock)
    return ReadableLog(force, log, Store(engine, clock, log), chosen.folder.signer)


def read_text(path: Path) -> str:
    """Return a text file given on the command line.

    Raises:
        AuditError: it cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError(f"{path} cannot be read.", todo="Check its name and rights.") from error
