"""Witnesses as the product runs them: processes of their own, asked over HTTP, sometimes away."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from socialdesk.audit.cosigning import WitnessKey
from socialdesk.audit.note import parse_key
from socialdesk.cli.desk import _lines
from socialdesk.core.clock import SetClock
from socialdesk.ingest.evidence import have_witnessed
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import Health, read_health
from tests.desks import START, hear, make_desk, post
from tests.witnesses import with_witnesses


@dataclass
class Running:
    """A witness's process, and what a desk must know of it."""

    process: subprocess.Popen[str]
    known: WitnessKey

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def start_witness(folder: Path, name: str, log_keys: Path, port: str = "0") -> Running:
    process = subprocess.Popen(
        [sys.executable, "-m", "socialdesk", "audit", "witness", "--name", f"{name}.example/w",
         "--state", str(folder / name), "--log-key", str(log_keys), "--port", port],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    key = parse_key(process.stdout.readline())
    said = process.stderr.readline()
    while "http://" not in said:
        said += process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found is not None
    return Running(process, WitnessKey(name, found[0], key))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Desk]:
    made = make_desk(tmp_path / "home", SetClock(START))
    hear(made, *(post(f"message {number}") for number in range(3)))
    made.signer().sign(made.store)
    yield made
    made.store.engine.dispose()


@pytest.fixture
def pair(log: Desk, tmp_path: Path) -> Iterator[list[Running]]:
    keys = tmp_path / "log.vkeys"
    keys.write_text("".join(f"{key}\n" for key in log.signer().keys.public))
    running = [start_witness(tmp_path, name, keys) for name in ("oversight", "sister")]
    yield running
    for one in running:
        one.stop()


def witnessed(desk: Desk) -> Health:
    desk.signer().sign(desk.store)
    have_witnessed(desk)
    return read_health(desk)


def shown(health: Health) -> str:
    return "\n".join(_lines(health))


def test_two_of_two_then_one_is_down_then_back(log: Desk, pair: list[Running]) -> None:
    both = with_witnesses(log, [one.known for one in pair], 2)
    either = with_witnesses(log, [one.known for one in pair], 1)
    health = witnessed(both)
    assert (health.witnessed, health.quorum, health.witness_problems) == (2, 2, {})
    assert "witnessed: 2 of 2, 2 demanded" in shown(health)
    pair[1].stop()
    hear(log, post("one more"))
    health = witnessed(both)
    assert health.witnessed == 1 < health.quorum
    assert not health.well
    assert "witnessed: 1 of 2, 2 demanded" in shown(health)
    assert "witness w1: it does not answer" in shown(health)
    lenient = read_health(either)
    assert lenient.witnessed == lenient.quorum == 1
    keys = pair[1].process.args[-3]  # type: ignore[index]
    folder = Path(str(pair[1].process.args[-5])).parent  # type: ignore[index]
    port = pair[1].known.url.rsplit(":", 1)[1]
    pair[1] = start_witness(folder, "sister", Path(str(keys)), port)
    hear(log, post("and another"))
    health = witnessed(both)
    assert (health.witnessed, health.witness_problems) == (2, {})


def test_a_log_that_was_rolled_back_with_its_signer_is_refused_and_that_is_shown(
    log: Desk, pair: list[Running], tmp_path: Path
) -> None:
    """A thief who rolls back database, signer and what the desk remembers of its witnesses."""
    desk = with_witnesses(log, [one.known for one in pair], 2)
    early = witnessed(desk).signed_size
    hear(log, *(post(f"inconvenient {number}") for number in range(9)))
    assert witnessed(desk).witnessed == 2
    with desk.store.engine.connect() as raw, raw.begin():
        raw.exec_driver_sql("DELETE FROM log_entry WHERE seq >= ?", (early,))
        raw.exec_driver_sql("DELETE FROM log_checkpoint WHERE size > ?", (early,))
        raw.exec_driver_sql("UPDATE log_head SET size = ?, seen_size = 0", (early,))
    for path in desk.home.signer.glob("*.checkpoint"):
        path.unlink()
    with desk.store.engine.connect() as raw, raw.begin():
        raw.exec_driver_sql("DELETE FROM log_checkpoint")
    health = witnessed(desk)
    assert health.signed_size == early
    assert health.witnessed == 0
    assert not health.well
    assert "the log was cut, or the witness is wrong" in shown(health)
    assert list((tmp_path / "oversight" / "evidence").iterdir())
