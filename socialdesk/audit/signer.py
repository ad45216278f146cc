"""The log's signer: signs checkpoints, and remembers apart from the database what it signed.

A signer that signs whatever the database holds would bless a log rebuilt by a thief. This one
keeps its last checkpoint in a file of its own and demands a consistency proof from it before it
signs the next: a log that was cut or rewritten cannot be signed again.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, insert, select

from socialdesk.audit.checkpoint import Checkpoint, LogKeys, open_checkpoint, sign_checkpoint
from socialdesk.audit.keys import load_post_quantum_key, load_service_key
from socialdesk.audit.log import CHECKPOINTS, AuditLog
from socialdesk.audit.merkle import EMPTY_ROOT, consistency_proof, verify_consistency
from socialdesk.core.errors import SignerRefused
from socialdesk.core.home import Home, write_private
from socialdesk.core.text import file_stem
from socialdesk.store.transaction import Store

_KEEP_EVIDENCE = (
    "Do not repair it. Keep the home folder as evidence, call your administrator, and run "
    "`socialdesk audit verify`."
)


def load_log_keys(home: Home, origin: str) -> LogKeys:
    """Return the log's signing keys, made on first use."""
    return LogKeys(
        origin,
        load_service_key(home.keys / "log-ed25519.key"),
        load_post_quantum_key(home.keys / "log-mldsa44.key"),
    )


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

    def remembered(self) -> Checkpoint:
        """Return the last checkpoint signed; the empty tree before the first."""
        if not self.memory.exists():
            return Checkpoint(self.log.origin, 0, EMPTY_ROOT)
        return open_checkpoint(self.memory.read_text("utf-8"), self.keys.public)

    def sign(self, store: Store) -> str:
        """Sign the log as it stands; remember, keep and return the note.

        Memory is written before the note is stored: a crash in between leaves a signer that
        remembers more than the database shows, which the next call mends.

        Raises:
            SignerRefused: the database holds less than, or other than, what was signed before.
        """
        with store.bookkeeping() as session:
            connection = session.connection()
            now = self._next(connection)
            if now.size == self.remembered().size and self.memory.exists():
                note = self.memory.read_text("utf-8")
            else:
                note = sign_checkpoint(now, self.keys, store.clock.now())
                write_private(self.memory, note.encode())
            force = {"force_id": self.log.force_id, "size": now.size}
            if connection.execute(select(CHECKPOINTS.c.size).filter_by(**force)).first() is None:
                moment = {"note": note, "made_at": store.clock.now()}
                connection.execute(insert(CHECKPOINTS), force | moment)
            return note

    def _next(self, connection: Connection) -> Checkpoint:
        """Return the checkpoint of the log as it stands, proven to extend the last one signed."""
        size = self.log.head(connection).size
        before = self.remembered()
        if size < before.size:
            raise SignerRefused(
                f"The audit log holds {size} entries, but {before.size} were signed before: "
                "entries were removed.",
                todo=_KEEP_EVIDENCE,
            )
        now = Checkpoint(self.log.origin, size, self.log.root(connection, size))
        proof = consistency_proof(before.size, size, self.log.node_reader(connection))
        if not verify_consistency(before.size, size, proof, before.root, now.root):
            raise SignerRefused(
                f"The first {before.size} entries of the audit log are not those that were "
                "signed before: the log was rewritten.",
                todo=_KEEP_EVIDENCE,
            )
        return now
