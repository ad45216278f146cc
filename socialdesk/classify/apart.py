"""The model in a process of its own, so that reading messages and storing them use two cores.

The service that stores asks over a socket pair; the process behind it ends when that closes, as it
does when the service is killed. One that dies is started anew, once for each question: a text that
kills it twice is told as a failure, and whoever asked tries again later.
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from socialdesk.classify.assessment import Assessment, Reason
from socialdesk.classify.locate import load_model
from socialdesk.core.errors import ModelError, SocialdeskError

_GONE = (EOFError, OSError)


class ModelApart:
    """A trained model behind the `Assessor` door; safe to share between threads.

    Args:
        lexicon: the force's own danger phrases; the shipped file when None.

    Raises:
        ModelError, ConfigError: as `load_model`.
    """

    def __init__(self, lexicon: Path | None = None) -> None:
        self._lexicon = lexicon
        self._lock = Lock()
        self._start()

    @property
    def model(self) -> str:
        """Version of the model, as recorded with every assessment."""
        return self._version

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return one assessment a text, in order; never raises for any text."""
        found: list[Assessment] = self._ask("assess", list(texts))
        return found

    def explain(self, text: str, limit: int = 8) -> list[Reason]:
        """Return the spans that weighed most for the flags `assess` raises, heaviest first."""
        found: list[Reason] = self._ask("explain", text, limit)
        return found

    def assess_explained(
        self, texts: Sequence[str], limit: int = 8
    ) -> list[tuple[Assessment, list[Reason]]]:
        """Return one assessment a text, with reasons where it is `flagged`."""
        found: list[tuple[Assessment, list[Reason]]] = self._ask(
            "assess_explained", list(texts), limit
        )
        return found

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.wait()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        words = [sys.executable, "-m", "socialdesk.classify.apart", str(theirs.fileno())]
        words += [str(self._lexicon)] if self._lexicon else []
        self._process = subprocess.Popen(words, pass_fds=[theirs.fileno()])  # noqa: S603 our own program
        theirs.close()
        self._connection: Connection[Any, Any] = Connection(ours.detach())
        self._version: str = self._answer()

    def _ask(self, *question: Any) -> Any:
        with self._lock:
            try:
                self._connection.send(question)
                return self._answer()
            except _GONE:
                self.close()
                self._start()
            try:
                self._connection.send(question)
                return self._answer()
            except _GONE as error:
                self.close()
                self._start()
                raise ModelError(
                    "The model's process ended while it read these messages, twice.",
                    todo="Nothing is lost: they are read again. If it stays so, please report it.",
                ) from error

    def _answer(self) -> Any:
        answer = self._connection.recv()
        if isinstance(answer, SocialdeskError):
            raise answer
        return answer


def serve(connection: "Connection[Any, Any]", lexicon: Path | None) -> None:
    """Answer questions until the connection closes."""
    try:
        model = load_model(lexicon=lexicon)
    except SocialdeskError as error:
        connection.send(error)
        return
    connection.send(model.model)
    while True:
        try:
            name, *values = connection.recv()
        except EOFError:
            return
        connection.send(getattr(model, name)(*values))


if __name__ == "__main__":
    for _stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(_stopping, signal.SIG_IGN)
    serve(Connection(int(sys.argv[1])), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
