"""The whole desk, end to end: real services, a real network, a real pseudo-terminal."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from socialdesk.queue.people import Role, add_person
from socialdesk.simulator.server import XSimulator
from tests.desks import PASSPHRASE
from tests.networks import desk_on, port_of, say
from tests.ptys import running

PATIENCE = 40.0
CTRL_S = b"\x13"


@pytest.fixture
def home(x: XSimulator, tmp_path: Path) -> Path:
    """Prepare a home with an officer, and services that read and send."""
    desk = desk_on(port_of(x), tmp_path / "home")
    add_person(desk, "pat", "Pat Morgan", Role.OFFICER, PASSPHRASE)
    desk.store.engine.dispose()
    return tmp_path / "home"


@pytest.fixture
def services(home: Path) -> Iterator[None]:
    program = subprocess.Popen(
        [sys.executable, "-m", "socialdesk", "run", "--home", str(home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "SOCIALDESK_CONFIG": str(home / "config")},
    )
    yield
    program.terminate()
    assert program.wait(20) == 0


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def published(x: XSimulator) -> list[str]:
    return [post["text"] for post in x.control.summary()["desk"]["posts"]]


def leftovers(home: Path) -> list[str]:
    """Return the command lines of processes that still work in this home."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if "-m socialdesk" in line and str(home) in line:
                found.append(line)
    return found


@pytest.mark.e2e
@pytest.mark.usefixtures("services")
def test_a_message_on_the_network_is_answered_by_keys_and_the_answer_is_public(
    x: XSimulator, home: Path
) -> None:
    say(x, "jo_w", "is the front desk at Wexley open on Sunday?")
    arguments = ["-m", "socialdesk", "desk", "pat", "--home", str(home)]
    with running(arguments, SOCIALDESK_PASSPHRASE=PASSPHRASE) as at:
        at.read("front desk at Wexley", PATIENCE)
        at.press(b"\r")
        at.read("waits for us")
        at.press(b"c")
        at.read("you")
        at.press(b"r")
        at.read("Reply to")
        at.press(b"Yes, from ten until four.")
        at.read("until four.")
        at.press(CTRL_S)
        at.read("Review before sending")
        at.press(b"s")
        until(lambda: published(x) == ["Yes, from ten until four."])
        at.read("sent")
        answered = x.control.summary()["desk"]["posts"][0]["id"]
        say(x, "jo_w", "brilliant, thank you", reply_to=answered)
        at.read("brilliant, thank you", PATIENCE)
        at.press(b"q")
        assert at.ended() == 0
    for command in ("checkpoint", "verify"):
        ran = subprocess.run(
            [sys.executable, "-m", "socialdesk", "--home", str(home), "audit", command],
            capture_output=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.e2e
def test_the_demonstration_starts_ends_on_quit_and_leaves_nothing_running(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with running(["-m", "socialdesk", "demo", "--home", str(home)]) as at:
        at.read("in the queue", 90)
        assert leftovers(home)
        at.press(b"q")
        assert at.ended() == 0
    until(lambda: leftovers(home) == [])


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_the_demonstration_runs_in_tmux(tmp_path: Path) -> None:
    home, name = tmp_path / "demo", f"socialdesk-{tmp_path.name}"
    command = f"{sys.executable} -m socialdesk demo --home {home}"

    def tmux(*arguments: str) -> str:
        ran = subprocess.run(["tmux", "-L", name, *arguments], capture_output=True, check=False)
        return ran.stdout.decode()

    def screen() -> str:
        return tmux("capture-pane", "-t", "desk", "-p")

    tmux("new-session", "-d", "-s", "desk", "-x", "120", "-y", "30", command)
    try:
        until(lambda: "in the queue" in screen())
        tmux("send-keys", "-t", "desk", "?")
        until(lambda: "At the desk" in screen())
        tmux("send-keys", "-t", "desk", "Escape")
        until(lambda: "At the desk" not in screen())
        tmux("send-keys", "-t", "desk", "q")
        until(lambda: leftovers(home) == [])
    finally:
        tmux("kill-server")
