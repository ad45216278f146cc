"""The proof file (C2SP tlog-proof): one entry's inclusion in a signed checkpoint, as text."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from socialdesk.audit.checkpoint import open_checkpoint, parse_checkpoint
from socialdesk.audit.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from socialdesk.audit.note import NoteKey, exact_base64, parse_note
from socialdesk.core.errors import AuditError

FORM = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
_MALFORMED = "This is not a proof file."


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof file holds: an index, the hashes leaf to root, and the signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    def __str__(self) -> str:
        """Return the file's text."""
        extra = [] if self.extra is None else [f"extra {base64.b64encode(self.extra).decode()}"]
        path = [base64.b64encode(part).decode() for part in self.path]
        return "\n".join([FORM, *extra, f"index {self.index}", *path]) + f"\n\n{self.note}"

    def proves(self, entry: bytes, keys: Sequence[NoteKey]) -> bool:
        """Say whether the entry stands in the log at this index, by a checkpoint of its keys.

        Raises:
            AuditError: the checkpoint carries no good signature by `keys`.
        """
        checkpoint = open_checkpoint(self.note, keys)
        return verify_inclusion(
            leaf_hash(entry), self.index, checkpoint.size, self.path, checkpoint.root
        )


def parse_proof(text: str) -> Proof:
    """Return the proof in a file's text.

    Raises:
        AuditError: it is not a proof file.
    """
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != FORM or not lines:
        raise AuditError(_MALFORMED, todo="Fetch it again.")
    extra = None
    if lines[0].startswith("extra "):
        extra = exact_base64(lines.pop(0).removeprefix("extra "))
        if extra is None:
            raise AuditError(_MALFORMED, todo="Its extra data is not base64.")
    index = lines.pop(0).removeprefix("index ") if lines else ""
    path = [exact_base64(line) for line in lines]
    if not (index.isascii() and index.isdigit() and str(int(index)) == index and len(index) < 20):
        raise AuditError(_MALFORMED, todo="Its index is not a number.")
    if len(path) > MAX_PATH or any(part is None or len(part) != HASH_BYTES for part in path):
        raise AuditError(_MALFORMED, todo="Its path is not a list of hashes.")
    parse_checkpoint(parse_note(note)[0])
    return Proof(int(index), tuple(part for part in path if part), note, extra)
