"""`socialdesk audit` as people run it: exit statuses, words, and never a traceback."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.note import NoteKey, parse_note
from socialdesk.cli import context
from socialdesk.cli.app import main
from socialdesk.core.shipped import shipped
from socialdesk.queue.desk import Desk
from tests.desks import hear, post


@dataclass(frozen=True)
class Done:
    returncode: object
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run the command; anything but an exit with a status fails the test."""
    monkeypatch.setattr(context, "_chosen", {})

    def command(home: Path, *arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["socialdesk", "--home", str(home), "audit", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code, *capsys.readouterr())

    yield command
    structlog.reset_defaults()


@pytest.fixture
def home(desk: Desk) -> Path:
    hear(desk, *(post(f"message {number}") for number in range(5)))
    desk.signer().sign(desk.store)
    desk.store.engine.dispose()
    return desk.home.root


def test_verify_ends_with_0_for_a_log_that_holds(home: Path, run: Run) -> None:
    done = run(home, "verify")
    assert (done.returncode, "entries verify" in done.stdout) == (0, True)


def test_verify_ends_with_1_and_names_the_entry_for_one_that_does_not(
    home: Path, desk: Desk, run: Run
) -> None:
    with desk.store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM log_entry WHERE seq = 3")
    done = run(home, "verify")
    assert (done.returncode, "entry 3 is missing" in done.stdout) == (1, True)


def test_verify_ends_with_2_where_it_cannot_check(
    home: Path, desk: Desk, tmp_path: Path, run: Run
) -> None:
    nowhere = run(tmp_path / "nowhere", "verify")
    assert (nowhere.returncode, (tmp_path / "nowhere").exists()) == (2, False)
    wrong = tmp_path / "wrong.vkey"
    wrong.write_text("nonsense\n")
    assert run(home, "verify", "--key", str(wrong)).returncode == 2
    assert run(home, "verify", "--checkpoint", str(tmp_path / "none")).returncode == 2
    with desk.store.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    unknown = run(home, "verify")
    assert (unknown.returncode, "at version 9999" in unknown.stderr) == (2, True)


def test_verify_ends_with_2_for_a_file_that_is_no_database(home: Path, run: Run) -> None:
    for path in home.glob("socialdesk.db*"):
        path.unlink()
    (home / "socialdesk.db").write_bytes(b"not a database" * 1000)
    done = run(home, "verify")
    assert done.returncode == 2
    assert "cannot be read" in done.stderr


def test_a_proof_is_verified_from_its_files_alone(
    home: Path, desk: Desk, tmp_path: Path, run: Run
) -> None:
    proof, keys = tmp_path / "p", tmp_path / "log.vkeys"
    keys.write_text("".join(f"{key}\n" for key in desk.signer().keys.public))
    run(home, "prove", "3", "--out", str(proof))
    nowhere = tmp_path / "nowhere"
    done = run(nowhere, "proof", "verify", str(proof), "--key", str(keys), "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["index"], told["proven"], told["witnessed"]) == (3, True, True)
    policy = tmp_path / "policy"
    policy.write_text(run(home, "policy").stdout)
    assert run(nowhere, "proof", "verify", str(proof), "--policy", str(policy)).returncode == 0
    entry = proof.with_name("p.entry.json")
    entry.write_bytes(entry.read_bytes().replace(b"message", b"massage"))
    changed = run(nowhere, "proof", "verify", str(proof), "--key", str(keys))
    assert (changed.returncode, "✗ These bytes are not" in changed.stdout) == (1, True)


def test_a_proof_that_cannot_be_checked_ends_with_2(
    home: Path, desk: Desk, tmp_path: Path, run: Run
) -> None:
    proof, other = tmp_path / "p", tmp_path / "other.vkeys"
    run(home, "prove", "3", "--out", str(proof))
    key = desk.signer().keys.public[0]
    other.write_text(str(NoteKey(key.name, 1, bytes(32))))
    for arguments in (
        (str(proof), "--key", str(other)),
        (str(proof), "--entry", str(tmp_path / "none")),
        (str(tmp_path / "none"),),
        (str(proof.with_name("p.entry.json")),),
        (str(proof), "--policy", str(proof)),
    ):
        done = run(home, "proof", "verify", *arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), arguments


def test_a_checkpoint_on_standard_output_is_nothing_else_even_where_a_witness_is_away(
    home: Path, desk: Desk, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    shutil.copytree(shipped("config"), config)
    force = config / "forces" / "northshire.yaml"
    key = NoteKey("oversight.example/w", 4, bytes(32))
    listed = f"\nwitnesses:\n  - {{id: w, url: 'http://127.0.0.1:9', key: '{key}'}}\nquorum: 1\n"
    force.write_text(force.read_text("utf-8") + listed, "utf-8")
    monkeypatch.setenv("SOCIALDESK_CONFIG", str(config))
    done = run(home, "checkpoint")
    assert done.returncode == 0
    assert parse_checkpoint(parse_note(done.stdout)[0]).origin == desk.log.origin
    assert "no cosignature" in done.stderr
    proof = tmp_path / "p"
    run(home, "prove", "3", "--out", str(proof))
    unwitnessed = run(home, "proof", "verify", str(proof))
    assert (unwitnessed.returncode, "Cosigned by nobody" in unwitnessed.stdout) == (1, True)
