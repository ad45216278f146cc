"""Collecting cosignatures: ask every witness at once, never wait long, believe nothing unproven.

What each witness last cosigned is kept in a file beside the signer's memory, outside the database:
it tells the next request's old size, and any of these files proves a truncation. A witness that is
down, slow or lying costs a line in the log file; no act waits for it.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from socialdesk.audit.checkpoint import (
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    Checkpoint,
    cosigners,
    parse_checkpoint,
    with_signatures,
)
from socialdesk.audit.log import AuditLog
from socialdesk.audit.note import NoteKey, parse_key, parse_note
from socialdesk.audit.witness import CONFLICT, OK, SIZE, write_request
from socialdesk.core.errors import AuditError
from socialdesk.core.force import Force
from socialdesk.core.home import write_private
from socialdesk.core.text import file_stem, visible
from socialdesk.store.tables import LogCheckpoint
from socialdesk.store.transaction import Store

logger = structlog.get_logger()

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 4.0
MAX_ANSWER = 16 * 1024

Proof = Callable[[int, int], Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness as the desk knows it: where it listens and by which key it signs."""

    id: str
    url: str
    key: NoteKey


def witness_keys(force: Force) -> list[WitnessKey]:
    """Return the witnesses that a force's file lists.

    Raises:
        AuditError: a verifier key is malformed, or not a cosigner's.
    """
    found = []
    for witness in force.witnesses:
        key = parse_key(witness.key)
        if key.kind not in {ED25519_COSIGNATURE, MLDSA44_COSIGNATURE}:
            raise AuditError(
                f"The key of witness {witness.id} is not a cosigner's (type 04 or 06).",
                todo="Ask the witness for its cosignature key.",
            )
        found.append(WitnessKey(witness.id, str(witness.url).rstrip("/"), key))
    return found


@dataclass(frozen=True, slots=True)
class Cosigning:
    """One log's witnesses, and the folder where what they said is kept."""

    log: AuditLog
    witnesses: Sequence[WitnessKey]
    folder: Path

    def memory(self, witness: WitnessKey) -> Path:
        """The file that holds the last checkpoint a witness cosigned."""
        stem = f"{file_stem(self.log.force_id)}.witness-{file_stem(witness.id)}"
        return self.folder / f"{stem}.checkpoint"

    def problems(self) -> dict[str, str]:
        """Return, by witness, why its last answer was no cosignature."""
        found = {witness.id: self._problem(witness) for witness in self.witnesses}
        return {name: path.read_text("utf-8") for name, path in found.items() if path.exists()}

    def _problem(self, witness: WitnessKey) -> Path:
        return self.memory(witness).with_suffix(".problem")

    def kept(self) -> list[str]:
        """Return the notes that the witnesses cosigned last."""
        paths = (self.memory(witness) for witness in self.witnesses)
        return [path.read_text("utf-8") for path in paths if path.exists()]

    def collect(self, store: Store) -> str | None:
        """Have the newest checkpoint cosigned; keep and return it with what came back."""
        with store.reading() as session:
            note = self.log.newest_checkpoint(session.connection())
        if note is None or not self.witnesses:
            return note
        present = cosigners(note, [witness.key for witness in self.witnesses])
        missing = [witness for witness in self.witnesses if witness.key.name not in present]
        if not missing:
            return note

        def prove(first: int, second: int) -> Sequence[bytes]:
            with store.reading() as session:
                return self.log.consistency_proof(session.connection(), first, second)

        with ThreadPoolExecutor(len(missing)) as pool:
            answers = pool.map(lambda witness: self._ask(witness, note, prove), missing)
            lines = [line for answer in answers for line in answer]
        return self._keep(store, note, lines)

    def _keep(self, store: Store, note: str, lines: Sequence[str]) -> str:
        size = parse_checkpoint(parse_note(note)[0]).size
        with store.bookkeeping() as session:
            row = session.get(LogCheckpoint, (self.log.force_id, size), with_for_update=True)
            if row is None:
                return note
            row.note = with_signatures(row.note, lines)
            session.add(row)
            return row.note

    def _ask(self, witness: WitnessKey, note: str, prove: Proof) -> list[str]:
        """Return the witness's signature lines, or none; say in the log file why."""
        checkpoint = parse_checkpoint(parse_note(note)[0])
        memory = self.memory(witness)
        try:
            old = parse_checkpoint(parse_note(memory.read_text("utf-8"))[0]).size
        except (FileNotFoundError, AuditError):
            old = 0
        try:
            line = _cosigned(witness, note, checkpoint, old, prove)
        except (OSError, AuditError, LookupError, ValueError) as error:
            problem = _worded(error)
            logger.warning("no cosignature", witness=witness.id, problem=problem)
            write_private(self._problem(witness), problem.encode())
            return []
        self._problem(witness).unlink(missing_ok=True)
        write_private(memory, with_signatures(note, line).encode())
        return line


def _worded(error: Exception) -> str:
    """Return what is wrong with a witness, for the health line: one line, inert."""
    if isinstance(error, OSError):
        return "it does not answer"
    said = error.what if isinstance(error, AuditError) else str(error)
    return visible(said[:300])


def _cosigned(
    witness: WitnessKey, note: str, checkpoint: Checkpoint, old: int, prove: Proof
) -> list[str]:
    """Ask once, and once more from the size the witness says it knows."""
    status, kind, text = _post(witness, write_request(old, prove(old, checkpoint.size), note))
    if status == CONFLICT and kind == SIZE and text.strip().isdigit():
        old = int(text.strip())
        if old > checkpoint.size:
            raise AuditError(
                f"it says it saw {old} entries, this log holds {checkpoint.size}: "
                "the log was cut, or the witness is wrong"
            )
        status, kind, text = _post(witness, write_request(old, prove(old, checkpoint.size), note))
    if status != OK:
        raise AuditError(f"it refused ({status}): {text.strip()[:200]}")
    signed = with_signatures(note, text.splitlines())
    if witness.key.name not in cosigners(signed, [witness.key]):
        raise AuditError("its cosignature is not genuine")
    return text.splitlines()


def _post(witness: WitnessKey, body: bytes) -> tuple[int, str, str]:
    """Post a request; a slow answer is given up, however it trickles."""
    import requests  # noqa: PLC0415 the terminal reads health here and should start without it

    deadline = time.monotonic() + ANSWER_SECONDS
    with requests.post(
        f"{witness.url}/add-checkpoint",
        data=body,
        headers={"Content-Type": "text/plain; charset=utf-8"},
        timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        allow_redirects=False,
        stream=True,
    ) as response:
        content = bytearray()
        for part in response.iter_content(1):
            content += part
            if time.monotonic() > deadline or len(content) > MAX_ANSWER:
                raise AuditError("it answers too slowly or too much")
        kind = response.headers.get("Content-Type", "")
        return response.status_code, kind, content.decode("utf-8", "replace")
