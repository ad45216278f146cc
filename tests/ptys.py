"""A program in a real pseudo-terminal, read as a person would read it."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

COLUMNS, ROWS = 140, 40
QUIET_SECONDS = 0.25


class Pty:
    """The program, its pseudo-terminal and all that it ever wrote."""

    def __init__(self, program: "subprocess.Popen[bytes]", handle: int) -> None:
        self.program, self._handle = program, handle
        self.written = b""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def read(self, until: bytes | str = "", seconds: float = 30.0) -> None:
        """Read until the screen shows words (or the stream holds bytes), or all is quiet."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self._handle], [], [], QUIET_SECONDS)
            piece = b""
            if ready:
                with contextlib.suppress(OSError):
                    piece = os.read(self._handle, 65536)
            self.written += piece
            self._stream.feed(piece)
            found = until in self.written if isinstance(until, bytes) else until in self.text
            if found and (until or not piece):
                return
            if not piece and self.program.poll() is not None:
                break
        raise AssertionError(f"{until!r} never came:\n{self.text}")

    def ended(self, seconds: float = 30.0) -> int:
        """Read to the end of the program and return its exit status."""
        deadline = time.monotonic() + seconds
        while self.program.poll() is None:
            assert time.monotonic() < deadline, f"it did not end:\n{self.text}"
            ready, _, _ = select.select([self._handle], [], [], QUIET_SECONDS)
            with contextlib.suppress(OSError):
                self.written += os.read(self._handle, 65536) if ready else b""
        return self.program.returncode

    def press(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._handle, keys)

    @property
    def text(self) -> str:
        """The screen as a person would read it."""
        return "\n".join(self._screen.display)


@contextmanager
def running(arguments: Sequence[str], **environment: str) -> Iterator[Pty]:
    """Run `python ARGUMENTS` in a pseudo-terminal; kill it at the end."""
    handle, its_side = pty.openpty()
    fcntl.ioctl(its_side, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    program = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=its_side,
        stdout=its_side,
        stderr=its_side,
        start_new_session=True,
        env=kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
        cwd=Path(__file__).parents[1],
    )
    os.close(its_side)
    try:
        yield Pty(program, handle)
    finally:
        program.kill()
        program.wait()
        os.close(handle)
