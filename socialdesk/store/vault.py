"""The vault: personal data is sealed with one key a contact, and read only with a reason.

Each contact's key is AES-256-GCM, random, and kept wrapped by the desk's master key, which lies
outside the database. Destroying a wrapped key destroys all it sealed (crypto-shredding). `opened`
is the only way back to plain text that leaves the vault: it records a consultation or, where the
text goes to someone else, a disclosure (DPA 2018 s.62(1)(c), (d)).
Sealed bytes are `nonce (12) ‖ ciphertext and tag`; the associated data binds each to its owner.
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session, col, select

from socialdesk.core.errors import VaultError
from socialdesk.core.ids import new_id
from socialdesk.core.text import encoded
from socialdesk.store.master import ID_BYTES, KEY_BYTES, NONCE_BYTES, MasterKey, MasterSource
from socialdesk.store.tables import VaultKey, VaultRoot
from socialdesk.store.transaction import Store, Transaction

LOOKUP_BYTES = 16
INDEX = b"socialdesk/index"
_PATIENCE = 3


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

    def __init__(
        self, force_id: str, source: MasterSource, master: MasterKey, index: bytes
    ) -> None:
        self.force_id = force_id
        self.source = source
        self._masters = {master.id: master}
        self._index = index

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the keyed hash (16 bytes) by which `value` is found without being readable."""
        message = kind.encode() + b"\0" + encoded(value)
        return hmac.digest(self._index, message, "sha256")[:LOOKUP_BYTES]

    def create_key(self, session: Session, force_id: str, now: datetime) -> ContactKey:
        """Make a new contact key and store it wrapped by the master key now in force."""
        key, row = self.new_key(session, force_id, now)
        session.add(VaultKey(**row))
        session.flush()
        return key

    def new_key(
        self, session: Session, force_id: str, now: datetime
    ) -> tuple[ContactKey, dict[str, Any]]:
        """Make a new contact key, and the `vault_key` row that the caller stores with others."""
        key = ContactKey(new_id(), secrets.token_bytes(KEY_BYTES))
        wrapped = self._master_in_force(session).wrap(key.secret, key.id.bytes)
        row = {"id": key.id, "force_id": force_id, "wrapped": wrapped, "created_at": now}
        return key, row

    def keys(self, session: Session, ids: Iterable[UUID]) -> dict[UUID, ContactKey]:
        """Return the keys that still exist, for sealing more under them."""
        wanted = set(ids)
        rows = session.exec(select(VaultKey).where(col(VaultKey.id).in_(wanted)))
        return {
            row.id: ContactKey(row.id, self.unwrapped(row.wrapped, row.id.bytes))
            for row in rows
            if row.wrapped is not None
        }

    def opened(
        self,
        current: Transaction,
        sealed: Sequence[Sealed],
        subjects: Sequence[str],
        *,
        action: str = "consultation",
        details: dict[str, Any] | None = None,
        recipients: tuple[str, ...] = (),
    ) -> list[bytes | None]:
        """Open sealed data for the transaction's actor, and record it.

        Args:
            subjects: what is being read, as "kind:id"; one entry covers them all.
            action: "disclosure" where the text leaves the desk, to `recipients`.

        Returns:
            The plain bytes in order; None where they were destroyed by erasure.
        """
        if not sealed:
            return []
        keys = self.keys(current.session, (item.key_id for item in sealed))
        several = {} if len(subjects) == 1 else {"subjects": list(subjects)}
        current.record(
            action,
            subjects[0] if len(subjects) == 1 else f"list:{new_id()}",
            details=several | (details or {}),
            recipients=recipients,
        )
        return [
            keys[item.key_id].unseal(item.content) if item.key_id in keys else None
            for item in sealed
        ]

    def destroy_key(self, session: Session, key_id: UUID, now: datetime) -> None:
        """Destroy a contact's key: what it sealed can never be read again."""
        row = session.get_one(VaultKey, key_id)
        row.wrapped, row.destroyed_at = None, now
        session.add(row)
        session.flush()

    def rewrapped(self, wrapped: bytes, bound_to: bytes, fresh: MasterKey) -> bytes:
        """Return a wrapped secret wrapped by another master key."""
        return fresh.wrap(self.unwrapped(wrapped, bound_to), bound_to)

    def unwrapped(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Return a secret that some master key at hand wrapped.

        Raises:
            VaultError: the key that wrapped it is not at hand, or the bytes were changed.
        """
        return self._master(wrapped[:ID_BYTES]).unwrap(wrapped, bound_to)

    def _master_in_force(self, session: Session) -> MasterKey:
        """Return the master key the database names, once a transaction.

        A service that runs through a rotation must not wrap new keys by the old one. On
        PostgreSQL the row stays locked against a rotation until the transaction ends.
        """
        name = ("vault root", self.force_id)
        if name not in session.info:
            session.info[name] = session.exec(
                select(VaultRoot.master_id)
                .where(VaultRoot.force_id == self.force_id)
                .with_for_update(read=True)
            ).one()
        return self._master(session.info[name])

    def _master(self, master_id: bytes) -> MasterKey:
        if master_id not in self._masters:
            self._masters |= {key.id: key for key in self.source.found()}
        if master_id not in self._masters:
            raise _lost(master_id)
        return self._masters[master_id]


def open_vault(store: Store, force_id: str, source: MasterSource) -> Vault:
    """Open a force's vault; make its keys on first use.

    A rotation by another process may end between two looks, so the look is repeated. One that was
    cut off after its commit is ended here.

    Raises:
        VaultError: the master key that the database names is not at hand.
    """
    root = _root(store, force_id) or _begin(store, force_id, source)
    for _ in range(_PATIENCE):
        keys = {key.id: key for key in source.found()}
        if root.master_id in keys:
            master = keys[root.master_id]
            if master != next(iter(keys.values())):
                with source.alone():
                    source.settle(master)
            index = master.unwrap(root.wrapped_index, INDEX)
            return Vault(force_id, source, master, index)
        root = _root(store, force_id) or root
    raise _lost(root.master_id)


def _root(store: Store, force_id: str) -> VaultRoot | None:
    with store.reading() as session:
        return session.get(VaultRoot, force_id)


def _begin(store: Store, force_id: str, source: MasterSource) -> VaultRoot:
    """Write which master key this vault starts with, unless another process was quicker."""
    master = source.create()
    with store.bookkeeping() as session:
        found = session.get(VaultRoot, force_id)
        if found is not None:
            return found
        root = VaultRoot(
            force_id=force_id,
            master_id=master.id,
            wrapped_index=master.wrap(secrets.token_bytes(KEY_BYTES), INDEX),
            changed_at=store.clock.now(),
        )
        session.add(root)
        session.flush()
        return root


def _lost(master_id: bytes) -> VaultError:
    return VaultError(
        f"The master key of this database ({master_id.hex()}) is not at hand.",
        todo="Restore the master key that belongs to it, or start again if it was just rotated.",
    )
