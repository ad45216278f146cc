"""The writers' gate: writers of one SQLite file queue at a file lock, first come, first served.

SQLite lets waiting writers poll, and one of four was measured to starve for seconds. The kernel's
lock wakes them in order, and lets go by itself when its holder dies. PostgreSQL needs none.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class WritersGate:
    """Lets one writer through at a time, across threads and processes."""

    def __init__(self, database: Path | None) -> None:
        self._lock = threading.Lock()
        self._path = database.with_name(f"{database.name}.gate") if database else None

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Hold the gate for the length of one write transaction."""
        if self._path is None:
            yield
            return
        with self._lock:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
