"""The wire: HTTP/1.1 with keep-alive on loopback, and the faults that the socket itself suffers.

Each answer leaves in one write, so that latency is the network's and not Nagle's.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from urllib.parse import parse_qsl, urlsplit

from socialdesk.simulator.exchange import Answer, Request
from socialdesk.simulator.faults import FaultKind, FaultRule

BODY_LIMIT = 1_000_000
DROPS = 20
"""How many pieces a slow answer is cut into."""

Outcome = tuple[Answer | None, FaultRule | None]
Decide = Callable[[Request], Outcome]
"""From a request to its answer (None: say nothing at all) and the fault to play on the wire."""


class Wire(ThreadingHTTPServer):
    """A server on 127.0.0.1 that can be stopped while connections are open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, decide: Decide) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.decide = decide
        self.stopping = Event()
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    @property
    def port(self) -> int:
        """The port listened on, also when 0 was asked for."""
        return int(self.server_address[1])

    def hold(self, connection: socket.socket) -> None:
        """Note an open connection."""
        with self._lock:
            self._open.add(connection)

    def release(self, connection: socket.socket) -> None:
        """Forget a closed connection."""
        with self._lock:
            self._open.discard(connection)

    def stop(self) -> None:
        """Stop listening and cut every open connection at once."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Wire

    def setup(self) -> None:
        super().setup()
        self.server.hold(self.connection)

    def finish(self) -> None:
        self.server.release(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._exchange()

    def do_POST(self) -> None:
        self._exchange()

    def do_DELETE(self) -> None:
        self._exchange()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its parameter's name
        """Say nothing: the summary tells what happened."""

    def _exchange(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            return
        split = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=split.path,
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        answer, fault = self.server.decide(request)
        if answer is None:
            self._say_nothing(fault)
        else:
            self._write(answer, fault)

    def _say_nothing(self, fault: FaultRule | None) -> None:
        if fault is not None and fault.kind is FaultKind.HANG:
            self.server.stopping.wait(fault.seconds)
        self.close_connection = True

    def _write(self, answer: Answer, fault: FaultRule | None) -> None:
        kind = fault.kind if fault else None
        extra = len(answer.body) if kind is FaultKind.TRUNCATED else 0
        head = _head(answer, len(answer.body) + extra)
        if fault is not None and kind is FaultKind.SLOW:
            self._trickle(head, answer.body, fault.seconds)
            return
        self.wfile.write(head + answer.body)
        if kind is FaultKind.TRUNCATED:
            self.close_connection = True

    def _trickle(self, head: bytes, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // DROPS))
        self.wfile.write(head)
        for start in range(0, len(body), size):
            if self.server.stopping.wait(seconds / DROPS):
                break
            self.wfile.write(body[start : start + size])


def _head(answer: Answer, length: int) -> bytes:
    headers = {
        "content-type": answer.content_type,
        "content-length": str(length),
        **answer.headers,
    }
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
