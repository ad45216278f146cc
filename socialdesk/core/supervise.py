"""The supervisor: keeps a desk's services running, and stops them together."""

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from socialdesk.core.backoff import backoff
from socialdesk.core.processes import start_child, stop_children

logger = structlog.get_logger()

CHECK_SECONDS = 0.3
STEADY_SECONDS = 30.0


@dataclass(slots=True)
class Service:
    """One service: the `socialdesk` arguments that run it, and its process once started."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class Supervisor:
    """Starts services in order, restarts what dies (waiting longer each time), stops all."""

    services: Sequence[Service]
    logs: Path
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start every service and watch over them until `stop`."""
        for service in self.services:
            self._start(service)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop every service, the last started first to be asked; none outlives this call."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        stop_children([s.process for s in reversed(self.services) if s.process is not None])

    def _watch(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            for service in self.services:
                self._look_after(service)

    def _look_after(self, service: Service) -> None:
        now = time.monotonic()
        if service.process is not None and service.process.poll() is not None:
            steady = now - service.started_at > STEADY_SECONDS
            service.failures = 1 if steady else service.failures + 1
            wait = backoff(service.failures, first=1.0, longest=30.0)
            code = service.process.returncode
            logger.error("service ended", service=service.name, status=code, restart_in=wait)
            service.process, service.restart_at = None, now + wait
        if service.process is None and now >= service.restart_at:
            self._start(service)

    def _start(self, service: Service) -> None:
        service.started_at = time.monotonic()
        service.process = start_child(service.arguments, self.logs / f"{service.name}.log")
