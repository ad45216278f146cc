"""`socialdesk serve`, the real command: what it accepted outlives being killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from sqlmodel import select

from socialdesk.core.errors import ConfigError, HomeError
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import Message
from socialdesk.web.server import bind

from .platform import Platform, partner_desk, report

STARTUP_SECONDS = 90


def command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "socialdesk", "--home", str(home), *arguments]


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command on a free port; yield its process and address."""
    process = subprocess.Popen(
        command(home, "serve", "--port", "0"), stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "partners report to" in said, said + process.stderr.read()
        yield process, said.rpartition(" ")[2].strip().removesuffix("/v1/reports")
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def key_by_command(home: Path) -> tuple[str, str]:
    made = subprocess.run(
        command(home, "partner", "new-key", "safer-streets"),
        capture_output=True,
        text=True,
        check=True,
        timeout=STARTUP_SECONDS,
    )
    names = subprocess.run(
        command(home, "partner", "keys", "safer-streets"),
        capture_output=True,
        text=True,
        check=True,
        timeout=STARTUP_SECONDS,
    )
    return names.stdout.strip(), made.stdout.strip()


class Live(Platform):
    """A partner whose clock runs."""

    def send(self, body: object = None, **more: object) -> requests.Response:
        """Sign with the present time."""
        return super().send(body, timestamp=int(time.time()), **more)


def stored(desk: Desk) -> set[str]:
    with desk.store.reading() as session:
        return set(session.exec(select(Message.remote_id)).all())


@pytest.mark.e2e
@pytest.mark.fault
def test_what_was_accepted_outlives_kill_9_and_what_was_not_can_be_sent_again(home: Path) -> None:
    desk = partner_desk(home)
    key, secret = key_by_command(home)
    accepted: dict[str, str] = {}
    lock = threading.Lock()

    def report_on(platform: Live, worker: int) -> None:
        for number in range(10_000):
            name = f"worker-{worker}-{number}"
            try:
                answer = platform.send(report(name), idempotency_key=name)
            except requests.RequestException:
                return
            assert answer.status_code == 202, answer.text
            with lock:
                accepted[name] = answer.json()["id"]

    with serving(home) as (process, address):
        platform = Live(address, key, secret)
        workers = [threading.Thread(target=report_on, args=(platform, n)) for n in range(4)]
        for worker in workers:
            worker.start()
        while len(accepted) < 40:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        for worker in workers:
            worker.join()
    assert len(accepted) >= 40
    assert set(accepted.values()) <= stored(desk)
    before = stored(desk)
    with serving(home) as (process, address):
        platform = replace(platform, base_url=address)
        for name, remote_id in list(accepted.items())[:10]:
            again = platform.send(report(name), idempotency_key=name)
            assert (again.status_code, again.json()["id"]) == (202, remote_id)
        assert stored(desk) == before
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    desk.store.engine.dispose()


def test_a_second_server_in_a_home_is_refused_in_words(home: Path) -> None:
    partner_desk(home).store.engine.dispose()
    with serving(home):
        second = subprocess.run(
            command(home, "serve", "--port", "0"),
            capture_output=True,
            text=True,
            timeout=STARTUP_SECONDS,
            check=False,
        )
    assert second.returncode == 2
    assert "is running in this home folder already" in second.stderr


def test_no_address_but_this_machine_is_served_without_tls() -> None:
    with pytest.raises(ConfigError, match="unencrypted"):
        bind("0.0.0.0", 0, None)  # noqa: S104 the test is that it is refused
    with pytest.raises(ConfigError, match="not an IP address"):
        bind("desk.example", 0, None)


def test_a_taken_port_is_told_in_words() -> None:
    with bind("127.0.0.1", 0, None) as taken, pytest.raises(HomeError, match="in use"):
        bind("127.0.0.1", taken.getsockname()[1], None)


def test_the_commands_help_loads_no_web_server() -> None:
    program = (
        "import sys\nfrom socialdesk.cli.app import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([n for n in ('starlette', 'uvicorn', 'h11', 'feedparser', 'anyio')"
        " if n in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.splitlines()[-1] == "[]"
