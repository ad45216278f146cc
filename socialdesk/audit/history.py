"""The history of keys, as the log itself tells it: which key may sign for whom, and until when.

Every key enters by a `key_change` entry: the first entry of a log brings the service's key and is
signed by it (the log's own key vouches for it through the checkpoints); each later one is signed
by the service. A key that a later entry retires may sign nothing after that entry.
"""

import base64
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from socialdesk.audit.keys import key_name

SERVICE = "service"


@dataclass(slots=True)
class KeyHistory:
    """The keys that may sign at one point of the log."""

    active: dict[str, tuple[str, Ed25519PublicKey]] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    def learn(self, core: dict[str, Any]) -> str | None:
        """Take in one `key_change`; return what is wrong with it, if anything."""
        details = core.get("details", {})
        key_id, owner, state = (details.get(name) for name in ("key", "owner", "state"))
        if state == "retired":
            self.retired.add(str(key_id))
            self.active.pop(str(key_id), None)
            return None
        try:
            public = base64.b64decode(str(details.get("public_key")), validate=True)
            if state != "created" or key_name(public) != key_id or key_id in self.retired:
                return "it brings a key that is not the one it names"
            self.active[str(key_id)] = (str(owner), Ed25519PublicKey.from_public_bytes(public))
        except ValueError:
            return "it brings a key that is no key"
        return None

    def fault(self, key_id: str, core: dict[str, Any]) -> str | None:
        """Say why this key may not sign this entry, or None."""
        if key_id in self.retired:
            return f"it is signed by key {key_id} after that key was retired"
        if key_id not in self.active:
            return f"it is signed by key {key_id}, which the log never introduced"
        actor = str(core["actor"]["id"])
        owner = self.active[key_id][0]
        if owner != (SERVICE if actor.startswith("service:") else actor):
            return f"it is signed by the key of {owner}, not of {actor}"
        return None

    def verifies(self, key_id: str, signature: bytes, message: bytes) -> bool:
        """Say whether an active key made this signature."""
        try:
            self.active[key_id][1].verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True
