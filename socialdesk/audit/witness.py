"""A witness (C2SP tlog-witness): countersigns checkpoints of logs that only ever grow.

It keeps the last checkpoint it cosigned of each log and demands a consistency proof from it. A
log that shows different people different histories, or goes back, finds no witness; what it
tried to have signed is kept as evidence.
"""

import base64
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from socialdesk.audit.checkpoint import (
    ED25519_COSIGNATURE,
    Checkpoint,
    cosignature_message,
    open_checkpoint,
    parse_checkpoint,
)
from socialdesk.audit.keys import SigningKey
from socialdesk.audit.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency
from socialdesk.audit.note import NoteKey, Signature, exact_base64, parse_note
from socialdesk.core.clock import Clock
from socialdesk.core.errors import AuditError
from socialdesk.core.home import create_private, write_private

OK, BAD_REQUEST, FORBIDDEN, UNKNOWN_LOG, CONFLICT, UNPROVEN = 200, 400, 403, 404, 409, 422
PLAIN, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
MAX_PROOF = 63
MAX_EVIDENCE = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness says: an HTTP status and a text."""

    status: int
    text: str
    kind: str = PLAIN


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks: extend what you knew at `old` to this checkpoint, by this proof."""

    old: int
    proof: tuple[bytes, ...]
    note: str
    checkpoint: Checkpoint


def parse_request(body: bytes) -> Request:
    """Return the request in an add-checkpoint body.

    Raises:
        AuditError: it is malformed.
    """
    try:
        head, blank, note = body.decode().partition("\n\n")
    except UnicodeDecodeError as error:
        raise AuditError("The request is not UTF-8 text.") from error
    first, *hashes = head.split("\n")
    word, _, number = first.partition(" ")
    if not blank or word != "old" or not (number.isascii() and number.isdigit()):
        raise AuditError("The request does not begin with `old` and a size.")
    if str(int(number)) != number or len(number) > 19:
        raise AuditError("The old size is not a canonical number.")
    proof = [exact_base64(line) for line in hashes]
    if len(proof) > MAX_PROOF or any(part is None or len(part) != HASH_BYTES for part in proof):
        raise AuditError("The proof is not a list of at most 63 hashes.")
    checkpoint = parse_checkpoint(parse_note(note)[0])
    return Request(int(number), tuple(part for part in proof if part), note, checkpoint)


def write_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return the add-checkpoint body that asks a witness to cosign `note`."""
    lines = [f"old {old}", *(base64.b64encode(part).decode() for part in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


@dataclass(slots=True)
class Witness:
    """One witness, its key, its memory, and the logs it knows by origin."""

    name: str
    key: SigningKey
    state: Path
    logs: Mapping[str, Sequence[NoteKey]]
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def public(self) -> NoteKey:
        """The verifier key to hand to the logs' keepers."""
        return NoteKey(self.name, ED25519_COSIGNATURE, self.key.public)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request; what is answered with 200 is durable before this returns."""
        try:
            request = parse_request(body)
        except AuditError as error:
            return Answer(BAD_REQUEST, f"{error.what}\n")
        keys = self.logs.get(request.checkpoint.origin)
        if keys is None:
            return Answer(UNKNOWN_LOG, "This witness does not know that log.\n")
        try:
            open_checkpoint(request.note, keys)
        except AuditError as error:
            return Answer(FORBIDDEN, f"{error.what}\n")
        if request.old > request.checkpoint.size:
            return Answer(BAD_REQUEST, "The old size is beyond the checkpoint's.\n")
        with self._lock:
            return self._decided(request)

    def remembered(self, origin: str) -> Checkpoint:
        """Return the last checkpoint cosigned for a log; the empty tree before the first."""
        path = self._memory(origin)
        if not path.exists():
            return Checkpoint(origin, 0, EMPTY_ROOT)
        return parse_checkpoint(parse_note(path.read_text("utf-8"))[0])

    def _decided(self, request: Request) -> Answer:
        now, known = request.checkpoint, self.remembered(request.checkpoint.origin)
        if now.size < known.size or (now.size == known.size and now.root != known.root):
            self._keep_evidence(request)
        if request.old != known.size:
            return Answer(CONFLICT, f"{known.size}\n", SIZE)
        proven = verify_consistency(known.size, now.size, request.proof, known.root, now.root)
        if not proven:
            self._keep_evidence(request)
            return Answer(UNPROVEN, "This checkpoint does not extend the one cosigned before.\n")
        write_private(self._memory(now.origin), request.note.encode())
        seconds = int(self.clock.now().timestamp())
        signed = self.key.sign(cosignature_message(seconds, now))
        line = Signature(self.name, self.public.id, struct.pack(">Q", seconds) + signed)
        return Answer(OK, f"{line}\n")

    def _memory(self, origin: str) -> Path:
        return self.state / f"{sha256(origin.encode()).hexdigest()[:32]}.checkpoint"

    def _keep_evidence(self, request: Request) -> None:
        """Keep what was refused beside what was known; both carry the log's own signature."""
        folder = self.state / "evidence"
        known = self._memory(request.checkpoint.origin)
        if folder.is_dir() and sum(1 for _file in folder.iterdir()) >= MAX_EVIDENCE:
            return
        digest = sha256(request.note.encode()).hexdigest()[:32]
        before = known.read_bytes() if known.exists() else b""
        asked = write_request(request.old, request.proof, request.note)
        content = b"known:\n" + before + b"\nrefused:\n" + asked
        create_private(folder / f"{request.checkpoint.size}-{digest}.txt", content)
