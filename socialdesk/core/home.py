"""The home folder: all state of one desk lives under it, and nothing of it in the checkout."""

import os
from dataclasses import dataclass
from pathlib import Path

from socialdesk.core.errors import HomeError
from socialdesk.core.ids import new_id

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Home:
    """Where one desk keeps its database, keys, checkpoints, configuration and logs."""

    root: Path

    @property
    def database(self) -> Path:
        """The default SQLite database."""
        return self.root / "socialdesk.db"

    @property
    def keys(self) -> Path:
        """Signing and vault keys, each readable by the owner alone."""
        return self.root / "keys"

    @property
    def secrets(self) -> Path:
        """Credentials of the force's accounts, one file an account."""
        return self.root / "secrets"

    @property
    def signer(self) -> Path:
        """What the log's signer remembers apart from the database."""
        return self.root / "signer"

    @property
    def config(self) -> Path:
        """A force's own configuration; where absent, what was shipped is used."""
        return self.root / "config"

    @property
    def logs(self) -> Path:
        """Log files of the services."""
        return self.root / "logs"

    def prepare(self) -> None:
        """Create the folders, closed to other users.

        Raises:
            HomeError: a folder cannot be made or written.
        """
        for folder in (self.root, self.keys, self.secrets, self.signer, self.logs):
            try:
                folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            except OSError as error:
                raise HomeError(
                    f"The home folder {folder} cannot be used: {error.strerror}.",
                    todo="Choose another with --home DIR or SOCIALDESK_HOME, or mend its rights.",
                ) from error
            if not os.access(folder, os.W_OK):
                raise HomeError(
                    f"The home folder {folder} cannot be written.",
                    todo="Choose another with --home DIR or SOCIALDESK_HOME, or mend its rights.",
                )


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all, and durable on return."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{new_id().hex}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def create_private(path: Path, content: bytes) -> bool:
    """Create a private file unless it exists, atomically; return whether this call made it.

    Two processes starting at once agree on one content: the loser keeps the winner's file.
    """
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{new_id().hex}")
    write_private(fresh, content)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink(missing_ok=True)
    return True
