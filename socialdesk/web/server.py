"""The server: uvicorn on one socket, until asked to stop; requests under way are finished."""

import asyncio
import socket
import ssl
import threading
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import h11
import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from socialdesk.core.errors import ConfigError, HomeError

logger = structlog.get_logger()

HEADER_SECONDS = 10.0
"""How long a connection may take over a request's headers."""
HEADER_LIMIT = 16 * 1024
CONNECTIONS = 200
GRACE_SECONDS = 15
CHECK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a TLS certificate chain and its key."""

    chain: Path
    key: Path


def bind(host: str, port: int, certificate: Certificate | None) -> socket.socket:
    """Return a listening socket.

    Raises:
        ConfigError: the address is not one, or reports would cross a network unencrypted.
        HomeError: the address is taken.
    """
    try:
        loopback = ip_address(host).is_loopback
    except ValueError as error:
        raise ConfigError(
            f"{host!r} is not an IP address to listen on.", todo="Write for example 127.0.0.1."
        ) from error
    if not loopback and certificate is None:
        raise ConfigError(
            f"On {host} reports would cross the network unencrypted.",
            todo="Give --certificate and --key, or listen on 127.0.0.1 behind a proxy with TLS.",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise HomeError(
            f"Nothing can listen on {host} port {port}: {error.strerror}.",
            todo="Choose another with --port.",
        ) from error
    return listening


def serve(
    app: ASGIApp,
    listening: socket.socket,
    stop: threading.Event,
    certificate: Certificate | None = None,
) -> None:
    """Answer requests until `stop` is set, then finish those under way.

    Raises:
        ConfigError: the certificate cannot be used.
    """
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEADER_LIMIT,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"The certificate cannot be used: {error}.") from error
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not stop.wait(CHECK_SECONDS) and thread.is_alive():
        pass
    server.should_exit = True
    thread.join()


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, patient up to a point: headers that drip in do not hold a connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take in more of a request."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._rest()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Keep a clock running for as long as a request's headers have not all arrived."""
        if self.conn.their_state is not h11.IDLE:
            self._rest()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEADER_SECONDS, self._hang_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
