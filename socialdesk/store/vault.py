"""The vault: personal data is sealed with one key a contact, and read only with a reason.

Each contact's key is AES-256-GCM, random, and kept wrapped by the desk's master key, which lies
outside the database. Destroying a wrapped key destroys all it sealed (crypto-shredding). `opened`
is the only way back to plain text for a person: it records a consultation (DPA 2018 s.62(1)(c)).
Sealed bytes are `nonce (12) ‖ ciphertext and tag`; the associated data binds each to its owner.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session, col, select

from socialdesk.core.errors import Erased, VaultError
from socialdesk.core.home import create_private
from socialdesk.core.ids import new_id
from socialdesk.store.tables import VaultKey
from socialdesk.store.transaction import Transaction

KEY_BYTES = 32
NONCE_BYTES = 12
LOOKUP_BYTES = 16


@dataclass(frozen=True, slots=True)
class ContactKey:
    """A contact's key, unwrapped, for as long as one transaction needs it."""

    id: UUID
    secret: bytes

    def seal(self, plain: bytes) -> bytes:
        """Return `plain` sealed under this key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, plain, self.id.bytes)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            VaultError: the bytes were changed, or sealed under another key.
        """
        try:
            return AESGCM(self.secret).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self.id.bytes
            )
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                "Sealed text does not open: it was changed or belongs to another contact.",
                todo="Run `socialdesk audit verify` and tell your administrator.",
            ) from error


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed bytes and the key they were sealed under."""

    key_id: UUID
    content: bytes


class Vault:
    """Seals and opens personal data, and makes the keyed hashes it can be found by."""

    def __init__(self, master: bytes) -> None:
        self._wrap = AESGCM(hashlib.sha256(b"socialdesk/wrap\0" + master).digest())
        self._index = hashlib.sha256(b"socialdesk/index\0" + master).digest()

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (16 bytes) by which `value` is found without being readable."""
        message = kind.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
        return hmac.digest(self._index, message, "sha256")[:LOOKUP_BYTES]

    def create_key(self, session: Session, force_id: str, now: datetime) -> ContactKey:
        """Make a new contact key and store it wrapped."""
        key = ContactKey(new_id(), secrets.token_bytes(KEY_BYTES))
        nonce = secrets.token_bytes(NONCE_BYTES)
        wrapped = nonce + self._wrap.encrypt(nonce, key.secret, key.id.bytes)
        session.add(VaultKey(id=key.id, force_id=force_id, wrapped=wrapped, created_at=now))
        session.flush()
        return key

    def keys(self, session: Session, ids: Iterable[UUID]) -> dict[UUID, ContactKey]:
        """Return the keys that still exist, for sealing more under them."""
        wanted = set(ids)
        rows = session.exec(select(VaultKey).where(col(VaultKey.id).in_(wanted)))
        return {row.id: self._unwrap(row) for row in rows if row.wrapped is not None}

    def opened(
        self, current: Transaction, sealed: Sequence[Sealed], subjects: Sequence[str]
    ) -> list[bytes | None]:
        """Open sealed data for the transaction's actor, and record the consultation.

        Args:
            subjects: what is being read, as "kind:id"; one entry covers them all.

        Returns:
            The plain bytes in order; None where the key was destroyed by erasure.
        """
        if not sealed:
            return []
        keys = self.keys(current.session, (item.key_id for item in sealed))
        current.record(
            "consultation",
            subjects[0] if len(subjects) == 1 else f"list:{new_id()}",
            details={} if len(subjects) == 1 else {"subjects": list(subjects)},
        )
        return [
            keys[item.key_id].unseal(item.content) if item.key_id in keys else None
            for item in sealed
        ]

    def _unwrap(self, row: VaultKey) -> ContactKey:
        if row.wrapped is None:
            raise Erased("This contact's data was erased by authority.")
        try:
            nonce, body = row.wrapped[:NONCE_BYTES], row.wrapped[NONCE_BYTES:]
            return ContactKey(row.id, self._wrap.decrypt(nonce, body, row.id.bytes))
        except InvalidTag as error:
            raise VaultError(
                "A contact's key does not open with this desk's master key.",
                todo="Restore the vault.key that belongs to this database.",
            ) from error


def load_master(path: Path) -> bytes:
    """Return the master key at `path`, made on first use and readable by the owner alone.

    Raises:
        VaultError: the file there is not a master key.
    """
    create_private(path, secrets.token_bytes(KEY_BYTES)) if not path.exists() else None
    master = path.read_bytes()
    if len(master) != KEY_BYTES:
        raise VaultError(
            f"{path} is not a master key: {len(master)} bytes instead of {KEY_BYTES}.",
            todo="Restore it from your backup; without it no message can be read.",
        )
    return master
