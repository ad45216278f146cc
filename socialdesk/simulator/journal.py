"""The journal: every change of the simulated network as one JSON line, so that it survives a kill.

A line is written in one system call and flushed at once; a process killed in the middle leaves at
most one torn last line, which the next start cuts off.
"""

import json
from pathlib import Path
from typing import Any, BinaryIO

from socialdesk.core.errors import ConfigError

Record = dict[str, Any]


class Journal:
    """An append-only file of records; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def open(self) -> list[Record]:
        """Return the records kept so far, in order, and be ready to append.

        Raises:
            ConfigError: a line before the last is not a record: the file is not ours or is damaged.
        """
        if self._path is None:
            return []
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = self._path.read_bytes() if self._path.exists() else b""
        whole = kept[: kept.rfind(b"\n") + 1]
        records = _records(whole, self._path)
        self._file = self._path.open("r+b" if kept else "wb", buffering=0)
        self._file.truncate(len(whole))
        self._file.seek(len(whole))
        return records

    def append(self, record: Record) -> None:
        """Keep one record; it is the operating system's before this returns."""
        if self._file is not None:
            self._file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Stop writing."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _records(lines: bytes, path: Path) -> list[Record]:
    """Return the records in `lines`, naming the line that is not one."""
    records: list[Record] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise ConfigError(
                f"{path} line {number} is not a journal record, so the network cannot be rebuilt.",
                todo="Delete the file to start with an empty network, or name another --journal.",
            )
        records.append(record)
    return records
