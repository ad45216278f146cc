"""Signed notes (C2SP signed-note): a text, and lines of signatures that anyone can check.

    text LF LF "— " name " " base64(key id ‖ signature) LF …

A key id is the first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). Unknown signatures are
ignored; a known one that fails rejects the whole note.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from socialdesk.core.errors import AuditError

KEY_ID_BYTES = 4
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key as notes name it: who, of which type, and the public key's bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that tie a signature line to this key."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(material).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """Return the verifier key: name+id+base64(type ‖ public key)."""
        material = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{material}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    content: bytes

    def __str__(self) -> str:
        """Return the line as it stands in a note, without its line feed."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.content).decode()}"


def parse_key(text: str) -> NoteKey:
    """Return the verifier key written as name+id+base64.

    Raises:
        AuditError: it is malformed, or its id does not belong to its key.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    content = exact_base64(material)
    if not _NAME.fullmatch(name) or content is None or len(content) < 2:
        raise AuditError(
            "This is not a verifier key.", todo="Expected name+hex id+base64, on one line."
        )
    key = NoteKey(name, content[0], content[1:])
    if key.id.hex() != key_id:
        raise AuditError(
            f"The verifier key of {name} contradicts itself: its id is not its key's.",
            todo="Fetch it again from its owner.",
        )
    return key


def write_note(text: str, signatures: Sequence[Signature]) -> str:
    """Return the note of `text` (which must end in a line feed) with its signatures."""
    return text + "\n" + "".join(f"{signature}\n" for signature in signatures)


def parse_note(note: str) -> tuple[str, list[Signature]]:
    """Split a note into its text and signatures, at the last blank line.

    Raises:
        AuditError: it is not a signed note.
    """
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or _CONTROL.search(note):
        raise AuditError("This is not a signed note.", todo="Fetch it again.")
    return text + "\n", [_parse_signature(line) for line in lines[:-1].split("\n")]


def _parse_signature(line: str) -> Signature:
    dash, name, encoded = (*line.split(" "), "", "")[:3]
    content = exact_base64(encoded)
    if (
        dash != "—"
        or line.count(" ") != 2
        or not _NAME.fullmatch(name)
        or content is None
        or len(content) <= KEY_ID_BYTES
    ):
        raise AuditError("A signature line of this note is malformed.", todo="Fetch it again.")
    return Signature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def exact_base64(text: str) -> bytes | None:
    """Return the bytes of canonical base64, or None for any other text."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if base64.b64encode(content).decode() == text else None


def signatures_by_known_keys(
    signatures: Sequence[Signature], keys: Sequence[NoteKey]
) -> list[tuple[Signature, NoteKey]]:
    """Pair each signature with the key it names, leaving out those by keys we do not know."""
    known: Mapping[tuple[str, bytes], NoteKey] = {(key.name, key.id): key for key in keys}
    return [
        (signature, known[signature.name, signature.key_id])
        for signature in signatures
        if (signature.name, signature.key_id) in known
    ]
