"""The history of keys, as the log itself tells it: which key may sign for whom, from when to when.

Every key enters by a `key_change` entry. The first entry of a log brings the service's key and is
signed by it; the second brings the log's own keys, which sign checkpoints and so vouch for both.
Later: a service's key is brought by the service, an officer's second key by the officer under the
first, and a new log key carries the signature of the one before. What breaks these rules is a
fault; what is lawful but worth knowing (a key replaced by the service, a key revoked) is a notice.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from socialdesk.audit.checkpoint import ED25519, MLDSA44_COSIGNATURE
from socialdesk.audit.grammar import Entry
from socialdesk.audit.keys import key_name
from socialdesk.audit.note import NoteKey

SERVICE = "service"
LOG = "log"
ENDORSEMENT = b"socialdesk/log-key/v1\n"


def endorsement_message(origin: str, ed25519: bytes, mldsa44: bytes) -> bytes:
    """Return what the old log key signs to bring in the new pair."""
    return ENDORSEMENT + origin.encode() + b"\n" + ed25519 + mldsa44


@dataclass(slots=True)
class LogKey:
    """A pair of log keys; signs checkpoints of more than `since` and up to `until` entries."""

    name: str
    notes: tuple[NoteKey, ...]
    since: int
    until: int | None = None
    endorsed: bool = True


@dataclass(slots=True)
class KeyHistory:
    """The keys that may sign at one point of the log."""

    origin: str
    active: dict[str, tuple[str, Ed25519PublicKey]] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    log_keys: list[LogKey] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    def learn(self, seq: int, entry: Entry) -> str | None:
        """Take in one `key_change`; return what is wrong with it, if anything."""
        details = json.loads(entry.details or b"{}")
        actor, state = entry.actor.decode(), details.get("state")
        if not actor.startswith(f"{SERVICE}:") and details.get("owner") != actor:
            return "it changes a key that is not its actor's own"
        if state == "created":
            return self._created(seq, actor, details)
        if state in {"retired", "revoked"}:
            return self._ended(seq, actor, details, state)
        return (
            None
            if state in {"escrowed", "restored", "rewrapped"}
            else f"it brings a key into an unknown state, {state}"
        )

    def fault(self, key_id: str, actor: str) -> str | None:
        """Say why this key may not sign for this actor now, or None."""
        if key_id in self.retired:
            return f"it is signed by key {key_id} after that key was {self.retired[key_id]}"
        if key_id not in self.active:
            return f"it is signed by key {key_id}, which the log never introduced"
        owner = self.active[key_id][0]
        if owner != (SERVICE if actor.startswith(f"{SERVICE}:") else actor):
            return f"it is signed by the key of {owner}, not of {actor}"
        return None

    def verifies(self, key_id: str, signature: bytes, message: bytes) -> bool:
        """Say whether an active key made this signature."""
        try:
            self.active[key_id][1].verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def log_keys_at(self, size: int) -> list[NoteKey]:
        """Return the keys that may sign a checkpoint of `size`."""
        return [
            note
            for key in self.log_keys
            if key.since < size and (key.until is None or size <= key.until)
            for note in key.notes
        ]

    def keys_of(self, owner: str) -> list[str]:
        """Return the names of an owner's active keys."""
        return [name for name, (holder, _key) in self.active.items() if holder == owner]

    def _created(self, seq: int, actor: str, details: dict[str, Any]) -> str | None:
        owner, name = str(details.get("owner")), str(details.get("key"))
        try:
            public = base64.b64decode(str(details.get("public_key")), validate=True)
            key = Ed25519PublicKey.from_public_bytes(public)
        except ValueError:
            return "it brings a key that is no key"
        if key_name(public) != name or name in self.retired or name in self.active:
            return "it brings a key that is not the one it names"
        if owner == LOG:
            return self._new_log_key(seq, public, details)
        if actor != owner and owner != SERVICE:
            if self.keys_of(owner):
                return f"it swaps the key of {owner}, which only they themselves may do"
            if owner in self.replaced:
                self.notices.append(f"entry {seq}: the service gave {owner} a new key")
        self.active[name] = (owner, key)
        return None

    def _new_log_key(self, seq: int, public: bytes, details: dict[str, Any]) -> str | None:
        try:
            lasting = base64.b64decode(str(details.get("public_key_mldsa44")), validate=True)
            endorsement = base64.b64decode(str(details.get("endorsement", "")), validate=True)
        except ValueError:
            return "it brings a log key that is no key"
        before = self.log_keys[-1] if self.log_keys else None
        endorsed = before is None
        if before is not None and before.until is None:
            if not _endorses(before, endorsement, self.origin, public, lasting):
                return "it brings a log key that the one before did not sign"
            endorsed, before.until = True, seq
        notes = (
            NoteKey(self.origin, ED25519, public),
            NoteKey(self.origin, MLDSA44_COSIGNATURE, lasting),
        )
        since = seq if before else 0
        self.log_keys.append(LogKey(key_name(public), notes, since, None, endorsed))
        return None

    def _ended(self, seq: int, actor: str, details: dict[str, Any], state: str) -> str | None:
        name = str(details.get("key"))
        for key in self.log_keys:
            if key.name == name and key.until is None and details.get("owner") == LOG:
                key.until = seq
                self.notices.append(f"entry {seq}: the log's key {name} was {state}")
                return None
        if name not in self.active or self.active[name][0] != details.get("owner"):
            return f"it says key {name} was {state}, which was not in use for that owner"
        owner, _key = self.active.pop(name)
        self.retired[name] = state
        if actor != owner and owner != SERVICE:
            self.replaced.add(owner)
        if state == "revoked":
            since = details.get("since", "its beginning")
            self.notices.append(
                f"entry {seq}: key {name} of {owner} was revoked; doubt what it signed from "
                f"entry {since} on"
            )
        return None


def _endorses(
    before: LogKey, endorsement: bytes, origin: str, ed25519: bytes, mldsa44: bytes
) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(before.notes[0].public).verify(
            endorsement, endorsement_message(origin, ed25519, mldsa44)
        )
    except (InvalidSignature, ValueError):
        return False
    return True
