"""Signing keys: made on first use, outside the database, readable by their owner alone.

A service's key lies in a file of mode 0600. An officer's key lies sealed under their passphrase
(Argon2id, RFC 9106 second recommended option, then AES-256-GCM), so that neither an administrator
nor a thief of the disk can sign in an officer's name.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from socialdesk.core.errors import AuditError
from socialdesk.core.home import create_private

SEED_BYTES = 32
ARGON2_PASSES, ARGON2_LANES, ARGON2_KIB = 3, 4, 64 * 1024


def key_name(public: bytes) -> str:
    """Return the name by which entries refer to a public key: 16 hex digits of its SHA-256."""
    return sha256(public).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An unlocked Ed25519 key.

    Attributes:
        public: the 32 bytes of the public key.
        key_id: the key's name in entries.
    """

    private: Ed25519PrivateKey
    public: bytes = field(init=False)
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        """Derive once what every entry names."""
        public = self.private.public_key().public_bytes_raw()
        object.__setattr__(self, "public", public)
        object.__setattr__(self, "key_id", key_name(public))

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) of `message`."""
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """The service's keys in a folder. The log says which is in use, so all services turn to a new
    one with the entry that brings it."""

    folder: Path
    _known: dict[str, SigningKey] = field(default_factory=dict, compare=False, repr=False)

    def named(self, name: str) -> SigningKey:
        """Return the key the log calls `name`; the first key, made on first use, where it is "".

        Raises:
            AuditError: that key is not in the folder.
        """
        if name not in self._known:
            self._known[name] = self._load(name)
        return self._known[name]

    @property
    def key_id(self) -> str:
        """Names the first key."""
        return self.named("").key_id

    def sign(self, message: bytes) -> bytes:
        """Return the first key's Ed25519 signature of `message`."""
        return self.named("").sign(message)

    def _load(self, name: str) -> SigningKey:
        path = key_path(self.folder, "service", name)
        key = load_service_key(path) if path.exists() or not name else None
        if key is None or (name and key.key_id != name):
            raise AuditError(
                f"The service's signing key {name} is not in {self.folder}; nothing was changed.",
                todo="Restore it from your backup, or with: socialdesk audit key restore",
            )
        return key


def key_path(folder: Path, kind: str, name: str) -> Path:
    """Return where the key of a kind lies: under its name once it was rotated, else plain."""
    named = folder / f"{kind}-{name}.key"
    return named if name and named.exists() else folder / f"{kind}.key"


def load_service_key(path: Path) -> SigningKey:
    """Return the key at `path`, made on first use.

    Raises:
        AuditError: the file is not a key, or others can read it.
    """
    return SigningKey(Ed25519PrivateKey.from_private_bytes(_seed(path)))


def load_post_quantum_key(path: Path) -> MLDSA44PrivateKey:
    """Return the ML-DSA-44 key whose seed lies at `path`, made on first use (FIPS 204).

    Raises:
        AuditError: the file is not a key, or others can read it.
    """
    return MLDSA44PrivateKey.from_seed_bytes(_seed(path))


def _seed(path: Path) -> bytes:
    if not path.exists():
        create_private(path, secrets.token_bytes(SEED_BYTES))
    if path.stat().st_mode & 0o077:
        raise AuditError(
            f"Others can read the signing key {path}.",
            todo=f"Close it with: chmod 600 {path} and consider it stolen: rotate it.",
        )
    seed = path.read_bytes()
    if len(seed) != SEED_BYTES:
        raise AuditError(
            f"{path} is not a signing key: {len(seed)} bytes instead of {SEED_BYTES}.",
            todo="Restore it from your backup.",
        )
    return seed


def seal_under(passphrase: str, plain: bytes) -> dict[str, str]:
    """Return `plain` sealed under a passphrase, as the members of a JSON object."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_derive(passphrase, salt)).encrypt(nonce, plain, None)
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    return {
        **{name: base64.b64encode(part).decode() for name, part in parts.items()},
        "kdf": f"argon2id,t={ARGON2_PASSES},p={ARGON2_LANES},m={ARGON2_KIB}",
    }


def unseal_under(passphrase: str, content: Mapping[str, str]) -> bytes:
    """Return what was sealed under a passphrase.

    Raises:
        AuditError: the passphrase is wrong.
        ValueError, KeyError, TypeError: these are not the members of something sealed.
    """
    salt, nonce, sealed = (base64.b64decode(content[name]) for name in ("salt", "nonce", "sealed"))
    try:
        return AESGCM(_derive(passphrase, salt)).decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise AuditError("The passphrase is wrong.", todo="Try again.") from error


def create_officer_key(path: Path, passphrase: str, seed: bytes | None = None) -> SigningKey:
    """Make an officer's key and store it sealed under `passphrase`.

    Args:
        seed: the key's 32 secret bytes; fresh ones unless given.

    Raises:
        AuditError: there is a key at `path` already.
    """
    seed = secrets.token_bytes(SEED_BYTES) if seed is None else seed
    if not create_private(path, json.dumps(seal_under(passphrase, seed)).encode()):
        raise AuditError(f"There is a key at {path} already.", todo="Rotate it instead.")
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def unlock_officer_key(path: Path, passphrase: str) -> SigningKey:
    """Return an officer's key, unlocked.

    Raises:
        AuditError: there is no key, the file is damaged, or the passphrase is wrong.
    """
    try:
        seed = unseal_under(passphrase, json.loads(path.read_bytes()))
    except FileNotFoundError as error:
        raise AuditError(
            "There is no signing key for this person here.",
            todo="Ask your administrator to add you on this machine.",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise AuditError(f"The key file {path} is damaged.", todo="Restore it.") from error
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def _derive(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(
        salt=salt,
        length=SEED_BYTES,
        iterations=ARGON2_PASSES,
        lanes=ARGON2_LANES,
        memory_cost=ARGON2_KIB,
    )
    return kdf.derive(passphrase.encode())
