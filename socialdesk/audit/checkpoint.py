"""Checkpoints (C2SP tlog-checkpoint): the log's size and root, signed, in three lines.

    origin LF  size LF  base64(root) LF

Signed by the log's Ed25519 key (note type 1) and, since evidence must stand for decades, by an
ML-DSA-44 key as a cosignature of type 6 (C2SP tlog-cosignature, FIPS 204).
"""

import base64
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from socialdesk.audit.keys import SigningKey
from socialdesk.audit.merkle import HASH_BYTES
from socialdesk.audit.note import (
    NoteKey,
    Signature,
    exact_base64,
    parse_note,
    signatures_by_known_keys,
    write_note,
)
from socialdesk.core.errors import AuditError

ED25519 = 0x01
ED25519_COSIGNATURE = 0x04
MLDSA44_COSIGNATURE = 0x06
TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: this log had this root at this size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The two keys with which a log signs its checkpoints."""

    origin: str
    ed25519: SigningKey
    mldsa44: MLDSA44PrivateKey

    @property
    def public(self) -> tuple[NoteKey, NoteKey]:
        """The verifier keys to hand to outsiders."""
        return (
            NoteKey(self.origin, ED25519, self.ed25519.public),
            NoteKey(self.origin, MLDSA44_COSIGNATURE, self.mldsa44.public_key().public_bytes_raw()),
        )


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text holds.

    Raises:
        AuditError: it is not one.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise AuditError("This note is not a checkpoint.", todo="Fetch it again.")
    origin, size, encoded = lines[:3]
    root = exact_base64(encoded)
    if not size.isascii() or not size.isdigit() or str(int(size)) != size:
        raise AuditError("The checkpoint's size is not a number.", todo="Fetch it again.")
    if root is None or len(root) != HASH_BYTES:
        raise AuditError("The checkpoint's root is not a SHA-256 hash.", todo="Fetch it again.")
    return Checkpoint(origin, int(size), root)


def sign_checkpoint(checkpoint: Checkpoint, keys: LogKeys, moment: datetime) -> str:
    """Return the signed note of a checkpoint."""
    classic, lasting = keys.public
    seconds = int(moment.timestamp())
    message = _subtree_message(lasting.name, seconds, checkpoint)
    return write_note(
        checkpoint.text,
        [
            Signature(classic.name, classic.id, keys.ed25519.sign(checkpoint.text.encode())),
            Signature(
                lasting.name,
                lasting.id,
                struct.pack(">Q", seconds) + keys.mldsa44.sign(message),
            ),
        ],
    )


def open_checkpoint(note: str, keys: Sequence[NoteKey]) -> Checkpoint:
    """Return the checkpoint in a note that carries a valid signature by one of `keys`.

    Raises:
        AuditError: no signature by a known key, or one that does not verify.
    """
    text, signatures = parse_note(note)
    checkpoint = parse_checkpoint(text)
    known = signatures_by_known_keys(signatures, keys)
    if not known:
        raise AuditError(
            f"The checkpoint of size {checkpoint.size} carries no signature by the log's key.",
            todo="It was not made by this log, or the key given is another log's.",
        )
    for signature, key in known:
        if not _verifies(signature, key, checkpoint):
            raise AuditError(
                f"A signature on the checkpoint of size {checkpoint.size} is forged.",
                todo="Keep the file as evidence and tell your administrator.",
            )
    return checkpoint


def _verifies(signature: Signature, key: NoteKey, checkpoint: Checkpoint) -> bool:
    try:
        if key.kind == ED25519:
            public = Ed25519PublicKey.from_public_bytes(key.public)
            public.verify(signature.content, checkpoint.text.encode())
            return True
        stamp, content = signature.content[:TIME_BYTES], signature.content[TIME_BYTES:]
        (seconds,) = struct.unpack(">Q", stamp)
        if key.kind == ED25519_COSIGNATURE:
            message = cosignature_message(seconds, checkpoint)
            Ed25519PublicKey.from_public_bytes(key.public).verify(content, message)
            return True
        if key.kind == MLDSA44_COSIGNATURE:
            message = _subtree_message(key.name, seconds, checkpoint)
            MLDSA44PublicKey.from_public_bytes(key.public).verify(content, message)
            return True
    except (InvalidSignature, ValueError, struct.error):
        return False
    return False


def cosignature_message(seconds: int, checkpoint: Checkpoint) -> bytes:
    """Return what an Ed25519 cosignature covers (C2SP tlog-cosignature, "cosignature/v1")."""
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.text}".encode()


def with_signatures(note: str, lines: Iterable[str]) -> str:
    """Return a note with further signature lines, none twice."""
    present = set(note.rpartition("\n\n")[2].splitlines())
    return note + "".join(f"{line}\n" for line in dict.fromkeys(lines) if line not in present)


def cosigners(note: str, keys: Sequence[NoteKey]) -> list[str]:
    """Return the names of those among `keys` whose signature on the note is good."""
    text, signatures = parse_note(note)
    checkpoint = parse_checkpoint(text)
    found = {
        key.name
        for signature, key in signatures_by_known_keys(signatures, keys)
        if _verifies(signature, key, checkpoint)
    }
    return sorted(found)


def _subtree_message(name: str, seconds: int, checkpoint: Checkpoint) -> bytes:
    """Return what an ML-DSA-44 cosignature covers (C2SP tlog-cosignature, "subtree/v1")."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            struct.pack(">B", len(cosigner)),
            cosigner,
            struct.pack(">Q", seconds),
            struct.pack(">B", len(origin)),
            origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )
