"""The master key: it wraps every contact's key, and lies outside the database.

It is kept in a file (the default), in the environment, or in the system's keyring. A rotation
needs two of them for a moment: the one in force and the one staged to follow it. The database says
which is in force (`VaultRoot.master_id`), so that a rotation cut off at any step leaves both keys
at hand and no doubt about which to use.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from socialdesk.core.errors import VaultError
from socialdesk.core.home import create_private, write_private
from socialdesk.core.lock import only_one

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 8
CURRENT = "SOCIALDESK_MASTER_KEY"
NEXT = "SOCIALDESK_MASTER_KEY_NEXT"
SERVICE = "socialdesk"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A master key. What it wraps is `its id (8) ‖ nonce (12) ‖ ciphertext and tag`."""

    secret: bytes

    @property
    def id(self) -> bytes:
        """Name this key without revealing it."""
        return sha256(b"socialdesk/master-id\0" + self.secret).digest()[:ID_BYTES]

    def wrap(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return `plain` wrapped, openable only together with `bound_to`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.id + nonce + self._cipher().encrypt(nonce, plain, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Return what was wrapped.

        Raises:
            VaultError: the bytes were changed, or belong to something else.
        """
        nonce = wrapped[ID_BYTES : ID_BYTES + NONCE_BYTES]
        try:
            return self._cipher().decrypt(nonce, wrapped[ID_BYTES + NONCE_BYTES :], bound_to)
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                "A contact's key does not open with this desk's master key: it was changed.",
                todo="Run `socialdesk audit verify` and tell your administrator.",
            ) from error

    def _cipher(self) -> AESGCM:
        return AESGCM(sha256(b"socialdesk/wrap\0" + self.secret).digest())


class MasterSource(Protocol):
    """A place that keeps master keys."""

    def create(self) -> MasterKey:
        """Return the key for a new desk, made where there is none."""
        ...

    def found(self) -> list[MasterKey]:
        """Return the keys at hand: the settled one, then one staged by a rotation."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Keep every other rotation out for as long as the block runs."""
        ...

    def stage(self) -> MasterKey:
        """Put a fresh key beside the one in force, durably; call within `alone`."""
        ...

    def settle(self, chosen: MasterKey) -> None:
        """Make the staged key the only one, if it is `chosen`; call within `alone`."""
        ...


class FileMaster:
    """The master key in a file that its owner alone can read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.staged = path.with_name(f"{path.name}.next")

    def create(self) -> MasterKey:
        """Return the key in the file, made on first use."""
        create_private(self.path, secrets.token_bytes(KEY_BYTES))
        return _from_file(self.path)

    def found(self) -> list[MasterKey]:
        """Return the keys of the files that exist.

        Raises:
            VaultError: a file there is not a master key, or others can read it.
        """
        keys = []
        for path in (self.path, self.staged, self.path):
            try:
                keys.append(_from_file(path))
            except FileNotFoundError:
                continue
        return list(dict.fromkeys(keys))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock beside the file."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        with only_one(lock, "A rotation of the master key"):
            yield

    def stage(self) -> MasterKey:
        """Write a fresh key beside the one in force."""
        write_private(self.staged, secrets.token_bytes(KEY_BYTES))
        return _from_file(self.staged)

    def settle(self, chosen: MasterKey) -> None:
        """Let the staged file take the settled one's place, in one durable step."""
        if not self.staged.exists() or _from_file(self.staged) != chosen:
            return
        self.staged.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class EnvironmentMaster:
    """The master key in a variable, put there by whatever starts the desk (base64, 32 bytes)."""

    def create(self) -> MasterKey:
        """Return the key of the variable.

        Raises:
            VaultError: the variable is not set.
        """
        return _required(CURRENT)

    def found(self) -> list[MasterKey]:
        """Return the keys of the variables that are set."""
        return [_required(name) for name in (CURRENT, NEXT) if os.environ.get(name)]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Do nothing: the database's own transaction keeps rotations apart."""
        yield

    def stage(self) -> MasterKey:
        """Return the key that the administrator set to follow."""
        return _required(NEXT)

    def settle(self, chosen: MasterKey) -> None:
        """Do nothing: only the administrator can change what the next start will find."""


class Keyring(Protocol):
    """What is used of the library keyring."""

    def get_password(self, service: str, name: str) -> str | None:
        """Return a secret by name."""
        ...

    def set_password(self, service: str, name: str, secret: str) -> None:
        """Keep a secret by name."""
        ...

    def delete_password(self, service: str, name: str) -> None:
        """Forget a secret."""
        ...


class KeyringMaster:
    """The master key in the system's keyring, one a home folder."""

    def __init__(self, folder: Path) -> None:
        self._lock = folder / "vault.key.lock"
        self._current, self._next = f"master {folder}", f"master next {folder}"

    def create(self) -> MasterKey:
        """Return the key in the keyring, made on first use."""
        with self.alone():
            if _keyring().get_password(SERVICE, self._current) is None:
                self._keep(self._current)
        return self.found()[0]

    def found(self) -> list[MasterKey]:
        """Return the keys that the keyring holds."""
        kept = [_keyring().get_password(SERVICE, name) for name in (self._current, self._next)]
        return [_decoded("The system's keyring", text) for text in kept if text is not None]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock in the home folder."""
        with only_one(self._lock, "A rotation of the master key"):
            yield

    def stage(self) -> MasterKey:
        """Keep a fresh key beside the one in force."""
        return self._keep(self._next)

    def settle(self, chosen: MasterKey) -> None:
        """Let the staged key take the settled one's place."""
        keyring = _keyring()
        text = keyring.get_password(SERVICE, self._next)
        if text is None or _decoded("The system's keyring", text) != chosen:
            return
        keyring.set_password(SERVICE, self._current, text)
        keyring.delete_password(SERVICE, self._next)

    def _keep(self, name: str) -> MasterKey:
        key = MasterKey(secrets.token_bytes(KEY_BYTES))
        _keyring().set_password(SERVICE, name, base64.b64encode(key.secret).decode())
        return key


def master_source(kept_in: str, folder: Path) -> MasterSource:
    """Return where this desk keeps its master key: "file", "environment" or "keyring"."""
    if kept_in == "environment":
        return EnvironmentMaster()
    if kept_in == "keyring":
        return KeyringMaster(folder)
    return FileMaster(folder / "vault.key")


def _from_file(path: Path) -> MasterKey:
    if path.stat().st_mode & 0o077:
        raise VaultError(
            f"Others can read the master key {path}.",
            todo=f"Close it with: chmod 600 {path} and rotate it: socialdesk vault rotate.",
        )
    return _checked(str(path), path.read_bytes())


def _required(name: str) -> MasterKey:
    text = os.environ.get(name)
    if not text:
        raise VaultError(
            f"The master key is to come from {name}, which is not set.",
            todo="Set it to 32 random bytes in base64, for example from: openssl rand -base64 32",
        )
    return _decoded(name, text)


def _decoded(where: str, text: str) -> MasterKey:
    try:
        return _checked(where, base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise VaultError(
            f"{where} holds no master key: it is not base64.", todo="Restore it from your backup."
        ) from error


def _checked(where: str, secret: bytes) -> MasterKey:
    if len(secret) != KEY_BYTES:
        raise VaultError(
            f"{where} is not a master key: {len(secret)} bytes instead of {KEY_BYTES}.",
            todo="Restore it from your backup; without it no message can be read.",
        )
    return MasterKey(secret)


def _keyring() -> Keyring:
    try:
        module: Keyring = import_module("keyring")
    except ModuleNotFoundError as error:
        raise VaultError(
            "The master key is to come from the system's keyring, but keyring is not installed.",
            todo="Install it with: pip install 'socialdesk[keyring]'",
        ) from error
    return module
