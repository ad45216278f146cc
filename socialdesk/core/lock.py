"""Only one at a time: a lock that ends with its holder, however the holder ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from socialdesk.core.errors import HomeError

PAUSE_SECONDS = 0.1


@contextmanager
def only_one(path: Path, what: str, wait_seconds: float = 15.0) -> Iterator[None]:
    """Hold the lock at `path` for as long as the block runs.

    Raises:
        HomeError: someone else holds it for longer than `wait_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait_seconds
        while not _locked(handle):
            if time.monotonic() > deadline:
                raise HomeError(
                    f"{what} is running in this home folder already.",
                    todo="Stop it first, or choose another home with --home DIR.",
                )
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
