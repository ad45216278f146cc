import base64
import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from socialdesk.audit.checkpoint import (
    Checkpoint,
    cosigners,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from socialdesk.audit.cosigning import Cosigning, WitnessKey, witness_keys
from socialdesk.audit.keys import load_service_key
from socialdesk.audit.merkle import leaf_hash, node_hash
from socialdesk.audit.note import parse_note
from socialdesk.audit.witness import Answer, Witness, write_request
from socialdesk.audit.witness_server import serve_witness
from socialdesk.core.errors import AuditError, ConfigError
from socialdesk.core.force import load_force
from socialdesk.core.shipped import shipped
from tests.audit.logs import ORIGIN, Book


def make_witness(book: Book, folder: Path, name: str = "oversight.example/w") -> Witness:
    key = load_service_key(folder / "witness.key")
    return Witness(name, key, folder, {ORIGIN: list(book.signer.keys.public)}, book.clock)


@pytest.fixture
def witness(book: Book, tmp_path: Path) -> Witness:
    book.act(40)
    return make_witness(book, tmp_path / "witness")


def serving(witness: Witness) -> Iterator[WitnessKey]:
    server = serve_witness(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield WitnessKey("w", f"http://127.0.0.1:{server.server_port}", witness.public)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def served(witness: Witness) -> Iterator[WitnessKey]:
    yield from serving(witness)


def proof(book: Book, first: int, second: int) -> list[bytes]:
    with book.store.reading() as session:
        return book.log.consistency_proof(session.connection(), first, second)


def submit(book: Book, witness: Witness, old: int) -> Answer:
    note = book.sign()
    size = parse_checkpoint(parse_note(note)[0]).size
    return witness.add_checkpoint(write_request(old, proof(book, old, size), note))


def test_a_log_that_grows_is_cosigned_each_time(book: Book, witness: Witness) -> None:
    assert submit(book, witness, 0).status == 200
    book.act(9)
    answer = submit(book, witness, 42)
    assert answer.status == 200
    note = book.sign() + answer.text
    assert cosigners(note, [witness.public]) == [witness.name]
    assert open_checkpoint(note, [witness.public]).size == 51
    seconds, signature = _cosignature(answer)
    assert seconds == int(book.clock.now().timestamp())
    assert len(signature) == 64


def _cosignature(answer: Answer) -> tuple[int, bytes]:
    content = base64.b64decode(answer.text.split(" ")[2])
    return int.from_bytes(content[4:12], "big"), content[12:]


def test_another_old_size_is_told_the_known_one(book: Book, witness: Witness) -> None:
    submit(book, witness, 0)
    book.act()
    for old in (0, 7):
        answer = submit(book, witness, old)
        assert (answer.status, answer.text, answer.kind) == (409, "42\n", "text/x.tlog.size")


def test_a_witness_remembers_across_a_restart(book: Book, witness: Witness, tmp_path: Path) -> None:
    submit(book, witness, 0)
    again = make_witness(book, tmp_path / "witness")
    assert again.remembered(ORIGIN).size == 42
    assert submit(book, again, 42).status == 200


def evidence(witness: Witness) -> list[str]:
    return [path.read_text() for path in sorted((witness.state / "evidence").glob("*"))]


def test_a_fork_of_the_same_size_is_refused_and_kept(book: Book, witness: Witness) -> None:
    submit(book, witness, 0)
    other = sign_checkpoint(Checkpoint(ORIGIN, 42, bytes(32)), book.signer.keys, book.clock.now())
    for _ in range(2):
        assert witness.add_checkpoint(write_request(42, [], other)).status == 422
    [kept] = evidence(witness)
    assert kept.count(ORIGIN) >= 4
    assert other in kept


def test_a_rollback_is_refused_and_kept(book: Book, witness: Witness) -> None:
    early = book.sign()
    book.act()
    submit(book, witness, 0)
    answer = witness.add_checkpoint(write_request(0, [], early))
    assert (answer.status, answer.text) == (409, "43\n")
    assert early in evidence(witness)[0]
    assert witness.remembered(ORIGIN).size == 43


def test_a_proof_that_does_not_hold_is_refused(book: Book, witness: Witness) -> None:
    submit(book, witness, 0)
    book.act(5)
    note = book.sign()
    good = proof(book, 42, 47)
    for bad in ([], good[:-1], [*good, good[0]], [bytes(32), *good[1:]]):
        assert witness.add_checkpoint(write_request(42, bad, note)).status == 422
    assert witness.add_checkpoint(write_request(42, good, note)).status == 200


def test_strangers_and_nonsense_are_told_so(book: Book, witness: Witness) -> None:
    note = book.sign()
    foreign = note.replace(ORIGIN, "elsewhere.example/log")
    assert witness.add_checkpoint(write_request(0, [], foreign)).status == 404
    text, rest = note.split("\n\n")
    unsigned = f"{text}\n\n— {ORIGIN} {base64.b64encode(bytes(68)).decode()}\n"
    assert witness.add_checkpoint(write_request(0, [], unsigned)).status == 403
    spoilt = note.replace("\n42\n", "\n41\n")
    assert witness.add_checkpoint(write_request(0, [], spoilt)).status == 403
    assert witness.add_checkpoint(write_request(43, [], note)).status == 400
    assert rest
    for body in (
        b"", b"\xff", b"old 0", b"old -1\n\n", b"old 00\n\n" + note.encode(),
        b"old 0\nAAAA\n\n" + note.encode(), write_request(0, [bytes(32)] * 64, note),
        b"new 0\n\n" + note.encode(), b"old 0\n\nnot a note", b"old 1e3\n\n" + note.encode(),
    ):  # fmt: skip
        assert witness.add_checkpoint(body).status == 400


def test_only_one_of_two_histories_is_cosigned_when_they_race(book: Book, witness: Witness) -> None:
    """Many forks of one size arrive at once: exactly one is cosigned, the rest are evidence."""
    roots = [node_hash(leaf_hash(b"%d" % number), bytes(32)) for number in range(8)]
    notes = [
        sign_checkpoint(Checkpoint(ORIGIN, 5, root), book.signer.keys, book.clock.now())
        for root in roots
    ]
    answers: list[int] = []

    def ask(note: str) -> None:
        answers.append(witness.add_checkpoint(write_request(0, [], note)).status)

    threads = [threading.Thread(target=ask, args=(note,)) for note in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 7
    assert len(evidence(witness)) == 7


def test_over_http_it_answers_as_the_specification_says(book: Book, served: WitnessKey) -> None:
    note = book.sign()
    url = f"{served.url}/add-checkpoint"
    first = requests.post(url, data=write_request(0, [], note), timeout=5)
    assert (first.status_code, cosigners(note + first.text, [served.key])) == (
        200,
        [served.key.name],
    )
    again = requests.post(url, data=write_request(0, [], note), timeout=5)
    assert (again.status_code, again.headers["Content-Type"]) == (409, "text/x.tlog.size")
    assert requests.post(f"{served.url}/other", data=b"x", timeout=5).status_code == 404
    assert requests.post(url, data=b"x" * 70_000, timeout=5).status_code == 413
    assert requests.get(url, timeout=5).status_code == 501


def cosigning(book: Book, *witnesses: WitnessKey) -> Cosigning:
    return Cosigning(book.log, witnesses, book.home.signer)


def test_the_desk_collects_and_keeps_cosignatures(book: Book, served: WitnessKey) -> None:
    book.sign()
    collected = cosigning(book, served).collect(book.store)
    assert collected is not None
    assert cosigners(collected, [served.key]) == [served.key.name]
    book.act(30)
    book.sign()
    note = cosigning(book, served).collect(book.store)
    with book.store.reading() as session:
        assert book.log.newest_checkpoint(session.connection()) == note
    assert note is not None
    assert cosigners(note, [served.key])
    assert book.verify(*cosigning(book, served).kept()).status == 0


def test_a_desk_that_forgot_what_a_witness_saw_is_told_and_asks_again(
    book: Book, served: WitnessKey
) -> None:
    book.sign()
    desk = cosigning(book, served)
    desk.collect(book.store)
    desk.memory(served).unlink()
    book.act()
    book.sign()
    note = desk.collect(book.store)
    assert note is not None
    assert cosigners(note, [served.key])


def test_what_a_witness_cosigned_proves_a_cut_tail(book: Book, served: WitnessKey) -> None:
    book.act(20)
    book.sign()
    desk = cosigning(book, served)
    desk.collect(book.store)
    book.attack(
        "DELETE FROM log_entry WHERE seq >= 42",
        "DELETE FROM log_checkpoint",
        "UPDATE log_head SET size = 42, seen_root = ''",
    )
    found = book.verify(*desk.kept())
    assert "its tail was cut" in " ".join(found.problems)


def liar(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def says(status: int, text: str, kind: str = "text/plain") -> Callable[..., None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


def drips(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        time.sleep(0.05)
        try:
            handler.wfile.write(b"x")
            handler.wfile.flush()
        except OSError:
            return


LIES: dict[str, Callable[..., None]] = {
    "nonsense": says(200, "hello\n"),
    "a signature of nothing": says(200, f"— oversight.example/w {'A' * 100}\n"),
    "a size beyond the log": says(409, "99999\n", "text/x.tlog.size"),
    "a size that is none": says(409, "99x\n", "text/x.tlog.size"),
    "an endless conflict": says(409, "3\n", "text/x.tlog.size"),
    "refusal": says(500, "no\n"),
    "too much": says(200, "x" * 40_000),
    "a trickle": drips,
}


@pytest.mark.parametrize("name", LIES)
def test_a_lying_witness_gives_nothing_and_blocks_nobody(
    book: Book, served: WitnessKey, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialdesk.audit.cosigning.ANSWER_SECONDS", 0.5)
    book.sign()
    for url in liar(LIES[name]):
        stray = replace(served, id="liar", url=url, key=replace(served.key, name="liar"))
        began = time.monotonic()
        note = cosigning(book, stray, served).collect(book.store)
        assert time.monotonic() - began < 3
        assert note is not None
        assert cosigners(note, [served.key, stray.key]) == [served.key.name]
        book.act()


def test_a_silent_witness_blocks_no_act(
    book: Book, served: WitnessKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialdesk.audit.cosigning.ANSWER_SECONDS", 1.0)
    book.sign()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stray = replace(served, id="silent", url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        asking = threading.Thread(target=cosigning(book, stray).collect, args=(book.store,))
        asking.start()
        acted = 0
        while asking.is_alive():
            book.act()
            acted += 1
        asking.join()
    assert acted > 20


def test_a_forces_file_lists_witnesses_and_a_reachable_quorum(
    witness: Witness, tmp_path: Path
) -> None:
    base = (shipped("config") / "forces" / "northshire.yaml").read_text("utf-8")
    (tmp_path / "forces").mkdir()
    file = tmp_path / "forces" / "northshire.yaml"
    listed = f"\nwitnesses:\n  - {{id: w, url: 'http://127.0.0.1:9', key: '{witness.public}'}}\n"
    file.write_text(f"{base}{listed}quorum: 1\n", "utf-8")
    [known] = witness_keys(load_force(tmp_path, None))
    assert (known.id, known.url, known.key) == ("w", "http://127.0.0.1:9", witness.public)
    file.write_text(f"{base}{listed}quorum: 2\n", "utf-8")
    with pytest.raises(ConfigError, match="more witnesses are demanded"):
        load_force(tmp_path, None)
    file.write_text(f"{base}{listed.replace('+B', '+C')}quorum: 1\n", "utf-8")
    with pytest.raises(AuditError):
        witness_keys(load_force(tmp_path, None))
