"""Child processes that never outlive their parent, and stop when asked.

Each child holds the reading end of a pipe from its parent on standard input. When the parent ends,
however it ends, the pipe closes and the child stops by itself: kill -9 leaves nothing running.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

LIFELINE = "--lifeline"
GRACE_SECONDS = 8.0


def stop_event(*, lifeline: bool) -> threading.Event:
    """Return an event that is set on SIGTERM, SIGINT or SIGHUP, or when the parent is gone.

    Args:
        lifeline: standard input is the pipe from the parent.
    """
    stop = threading.Event()

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    if lifeline:
        threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
    return stop


def _watch_parent(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()


def start_child(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start `socialdesk ARGUMENTS --lifeline` in a session of its own, output to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 our own program with our own arguments
            [sys.executable, "-m", "socialdesk", *arguments, LIFELINE],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop_children(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, wait for a grace, then end what is left."""
    for child in children:
        if child.stdin is not None:
            child.stdin.close()
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
