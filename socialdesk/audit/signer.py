"""The log's signer: signs checkpoints, and remembers apart from the database what it signed.

A signer that signs whatever the database holds would bless a log rebuilt by a thief. This one
keeps its last checkpoint in a file of its own and demands a consistency proof from it before it
signs the next: a log that was cut or rewritten cannot be signed again.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import select

from socialdesk.audit.checkpoint import Checkpoint, LogKeys, open_checkpoint, sign_checkpoint
from socialdesk.audit.keys import key_path, load_post_quantum_key, load_service_key
from socialdesk.audit.log import AuditLog, Head, driver_sql
from socialdesk.audit.merkle import EMPTY_ROOT, verify_consistency
from socialdesk.audit.note import NoteKey, parse_key
from socialdesk.core.errors import AuditError, SignerRefused
from socialdesk.core.home import Home, write_private
from socialdesk.core.text import file_stem
from socialdesk.store.tables import LogCheckpoint
from socialdesk.store.transaction import Store

_KEEP_EVIDENCE = (
    "Do not repair it. Keep the home folder as evidence, call your administrator, and run "
    "`socialdesk audit verify`."
)
_SHOW_NOTE = "UPDATE log_head SET seen_size = ?, seen_root = ? WHERE force_id = ?"


def load_log_keys(home: Home, origin: str, name: str = "") -> LogKeys:
    """Return the log's signing keys: those the log calls `name`, or the first, made on first use.

    Raises:
        AuditError: they are not in the keys folder.
    """
    paths = [key_path(home.keys, kind, name) for kind in ("log-ed25519", "log-mldsa44")]
    keys = None
    if not name or all(path.exists() for path in paths):
        keys = LogKeys(origin, load_service_key(paths[0]), load_post_quantum_key(paths[1]))
    if keys is None or (name and keys.ed25519.key_id != name):
        raise AuditError(
            f"The log's signing key {name} is not in {home.keys}.",
            todo="Restore it from your backup, or with: socialdesk audit key restore",
        )
    return keys


@dataclass(frozen=True, slots=True)
class CheckpointSigner:
    """Signs one log's checkpoints."""

    log: AuditLog
    keys: LogKeys
    folder: Path

    @property
    def memory(self) -> Path:
        """The file that holds the last checkpoint signed."""
        return self.folder / f"{file_stem(self.log.force_id)}.checkpoint"

    @property
    def verifier_keys(self) -> Path:
        """The file that lists every verifier key this signer ever had, newest last."""
        return self.folder / f"{file_stem(self.log.force_id)}.vkeys"

    def known_keys(self) -> list[NoteKey]:
        """Return every verifier key this signer ever had."""
        return read_verifier_keys(self.verifier_keys) or list(self.keys.public)

    def remembered(self) -> Checkpoint:
        """Return the last checkpoint signed; the empty tree before the first.

        Raises:
            AuditError: the memory is damaged, or was not signed by this log's keys.
        """
        if not self.memory.exists():
            return Checkpoint(self.log.origin, 0, EMPTY_ROOT)
        return open_checkpoint(self.memory.read_text("utf-8"), self.known_keys())

    def sign(self, store: Store) -> str:
        """Sign the log as it stands; remember, keep and return the note.

        Memory is written before the note is stored: a crash in between leaves a signer that
        remembers more than the database shows, which the next call mends.

        Raises:
            SignerRefused: the database holds less than, or other than, what was signed before.
        """
        with store.bookkeeping() as session:
            connection = session.connection()
            head = self.log.head(connection)
            now = self._next(connection, head)
            moment = store.clock.now()
            if now.size == self.remembered().size and self.memory.exists():
                note = self.memory.read_text("utf-8")
            else:
                self._remember_keys()
                note = sign_checkpoint(now, self.keys, moment)
                write_private(self.memory, note.encode())
            kept = select(LogCheckpoint.size).where(
                LogCheckpoint.force_id == self.log.force_id, LogCheckpoint.size == now.size
            )
            if session.exec(kept).first() is None:
                session.add(
                    LogCheckpoint(
                        force_id=self.log.force_id, size=now.size, note=note, made_at=moment
                    )
                )
            seen = (now.size, now.text.split("\n")[2], self.log.force_id)
            connection.exec_driver_sql(driver_sql(connection, _SHOW_NOTE), seen)
            return note

    def _next(self, connection: Connection, head: Head) -> Checkpoint:
        """Return the checkpoint of the log as it stands, proven to extend the last one signed."""
        if head.log_key not in {"", self.keys.ed25519.key_id}:
            raise SignerRefused(
                f"The log says its key is {head.log_key}; this signer holds "
                f"{self.keys.ed25519.key_id}.",
                todo="If the key was rotated just now, this passes by itself.",
            )
        before = self.remembered()
        if head.size < before.size:
            raise SignerRefused(
                f"The audit log holds {head.size} entries, but {before.size} were signed before: "
                "entries were removed.",
                todo=_KEEP_EVIDENCE,
            )
        try:
            now = Checkpoint(self.log.origin, head.size, self.log.root(connection, head.size))
            proof = self.log.consistency_proof(connection, before.size, head.size)
        except LookupError as error:
            raise SignerRefused(
                f"The audit log's tree cannot be read: {error}.", todo=_KEEP_EVIDENCE
            ) from error
        if not verify_consistency(before.size, head.size, proof, before.root, now.root):
            raise SignerRefused(
                f"The first {before.size} entries of the audit log are not those that were "
                "signed before: the log was rewritten.",
                todo=_KEEP_EVIDENCE,
            )
        return now

    def _remember_keys(self) -> None:
        known = read_verifier_keys(self.verifier_keys)
        fresh = [key for key in self.keys.public if key not in known]
        if fresh:
            lines = "".join(f"{key}\n" for key in [*known, *fresh])
            write_private(self.verifier_keys, lines.encode())


def read_verifier_keys(path: Path) -> list[NoteKey]:
    """Return the verifier keys in a file, one a line; none where there is no file.

    Raises:
        AuditError: a line is not a verifier key.
    """
    if not path.exists():
        return []
    return [parse_key(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
