"""Kill -9 at any point: on restart nothing is lost, nothing is twice, and the log verifies."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROUNDS = 5


def demo(home: Path, seconds: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "socialdesk", "demo", "--headless", "--json",
         "--seconds", str(seconds), "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def tree(home: Path) -> dict[str, int]:
    """Return the processes that work in this home, by what they do."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if "socialdesk" in words and any(str(home) in word for word in words):
                kinds = ("simulate", "ingest", "outbox", "demo")
                kind = next((k for k in kinds if k in words), "other")
                found[kind] = int(entry.name)
    return found


def kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.fault
def test_a_demonstration_killed_again_and_again_loses_nothing_and_says_nothing_twice(
    tmp_path: Path,
) -> None:
    home, chance = tmp_path / "demo", random.Random(9)
    for number in range(ROUNDS):
        running = demo(home, 60)
        time.sleep(chance.uniform(4.0, 11.0))
        processes = tree(home)
        if number % 2:
            victim = chance.choice(sorted(set(processes) - {"demo"}) or ["demo"])
            kill(processes[victim])
            time.sleep(chance.uniform(0.5, 3.0))
        targets = tree(home).values() if number % 3 else [running.pid]
        for process in targets:
            kill(process)
        running.wait()
        deadline = time.monotonic() + 20
        while tree(home) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert tree(home) == {}, "a killed demonstration left something running"
    last = demo(home, 10)
    printed, _ = last.communicate(timeout=120)
    summary = json.loads(printed)
    assert last.returncode == 0, summary
    assert summary["lost"] == []
    assert summary["twice"] == []
    assert summary["log_verified"]
    assert summary["ingested"] == summary["on_network"] > 0
    assert summary["replies_sent"] == summary["replies_on_network"]
