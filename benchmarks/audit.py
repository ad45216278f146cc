"""What the audit log costs, as ratios to the limit measured in the same run.

    python -m benchmarks.audit [ENTRIES]     how many entries to verify (default 100,000)

"Bare" is the same engine and file without a log: the same bytes into a plain table with the same
index, committed as durably; reading the rows as the log does, hashing every leaf and the tree over
them, and no more. Passes are taken in turn, the best of three counts. TMPDIR says which disk.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from uuid import UUID

from sqlalchemy import Connection, event, text

from socialdesk.audit.checkpoint import LogKeys
from socialdesk.audit.entry import Action
from socialdesk.audit.history import SERVICE
from socialdesk.audit.keylife import introduction, log_introduction
from socialdesk.audit.keys import ServiceKeys, SigningKey, create_officer_key
from socialdesk.audit.log import AuditLog
from socialdesk.audit.merkle import leaf_hashes, root_over
from socialdesk.audit.signer import CheckpointSigner, load_log_keys
from socialdesk.audit.verify import verify_log
from socialdesk.core.clock import SystemClock
from socialdesk.core.home import Home
from socialdesk.store.engine import WRITES, open_engine
from socialdesk.store.schema import upgrade
from socialdesk.store.transaction import Act, Actor, Store

FORCE, ORIGIN = "bench", "socialdesk.bench.example/audit/1"
BATCH, PROOFS = 100, 200
PLAIN = "CREATE TABLE plain (f TEXT, seq INTEGER, body BLOB, subject TEXT, PRIMARY KEY (f, seq))"
ADD = "INSERT INTO plain VALUES (?, ?, ?, ?)"


class Bench:
    """A log in a scratch folder."""

    def __init__(self, folder: Path) -> None:
        home = Home(folder)
        home.prepare()
        engine = open_engine(f"sqlite:///{home.database}")
        upgrade(engine)
        self.log = AuditLog(FORCE, ORIGIN, SystemClock())
        self.store = Store(engine, SystemClock(), self.log)
        self.keys: LogKeys = load_log_keys(home, ORIGIN)
        self.signer = CheckpointSigner(self.log, self.keys, home.signer)
        services = ServiceKeys(home.keys)
        self.service = Actor("service:ingest", SERVICE, FORCE, UUID(int=7), services)
        first = services.named("")
        with self.writing() as connection:
            said = [introduction(first.key_id, first.public, SERVICE), log_introduction(self.keys)]
            acts = [Act("key_change", f"key:{d['key']}", "first use", dict(d)) for d in said]
            self.log.append(connection, self.service, acts)
            connection.execute(text(PLAIN))
            connection.execute(text("CREATE INDEX plain_subject ON plain (subject)"))
        self.officer = self._officer(home)

    def _officer(self, home: Home) -> Actor:
        key: SigningKey = create_officer_key(home.keys / "pat.json", "correct horse battery")
        person = f"person:{UUID(int=9)}"
        details = dict(introduction(key.key_id, key.public, person))
        with self.writing() as connection:
            act = Act("key_change", f"key:{key.key_id}", "joins", details)
            self.log.append(connection, self.service, [act])
        return Actor(person, "officer", FORCE, UUID(int=8), key)

    def writing(self) -> "_Begun":
        """Open one durable write transaction."""
        return _Begun(self.store)

    def bodies(self, connection: Connection, count: int) -> list[tuple[str, int, bytes, str]]:
        """Return rows of the log's own newest bytes, to be committed without a log."""
        size = self.log.head(connection).size
        rows = self.log.entries(connection, size - count)
        return [(FORCE, seq, body, f"message:{seq:032}") for seq, body in rows]


class _Begun:
    def __init__(self, store: Store) -> None:
        self._connection = store.engine.connect().execution_options(**{WRITES: True})

    def __enter__(self) -> Connection:
        self._begun = self._connection.begin()
        return self._connection

    def __exit__(self, *_failure: object) -> None:
        self._begun.commit()
        self._connection.close()


def acts(count: int, start: int) -> list[Act]:
    """Return acts as the ingest service records them."""
    return [
        Act(
            Action.COLLECTION,
            f"message:{number:032}",
            "read from the account's stream",
            {
                "account": "northshire-x",
                "conversation": str(UUID(int=number * 7919)),
                "stream": "mentions",
            },
            {"text": sha256(b"%d" % number).digest()},
        )
        for number in range(start, start + count)
    ]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def append_rates(bench: Bench, batch: int, rounds: int) -> tuple[float, float]:
    """Return median seconds of a commit with a log and of one without, taken in turn."""
    logged, bare = [], []
    for number in range(rounds):
        wanted = acts(batch, number * batch)

        def with_log(wanted: list[Act] = wanted) -> None:
            with bench.writing() as connection:
                bench.log.append(connection, bench.service, wanted)

        logged.append(seconds(with_log))
        with bench.store.engine.connect() as connection:
            rows = bench.bodies(connection, batch)

        def without(rows: list[tuple[str, int, bytes, str]] = rows) -> None:
            with bench.writing() as connection:
                connection.exec_driver_sql(ADD, rows if batch > 1 else rows[0])

        bare.append(seconds(without))
    return median(logged), median(bare)


def grow(bench: Bench, size: int) -> None:
    """Bring the log to `size` entries, one in a hundred an officer's, signed every 10,000."""
    number = 0
    with bench.store.engine.connect() as connection:
        have = bench.log.head(connection).size
    while have < size:
        with bench.writing() as connection:
            for _ in range(20):
                bench.log.append(connection, bench.service, acts(BATCH - 1, number))
                bench.log.append(connection, bench.officer, acts(1, number))
                number, have = number + BATCH, have + BATCH
        if number % 10_000 == 0:
            bench.signer.sign(bench.store)
    bench.signer.sign(bench.store)


def bare_pass(bench: Bench) -> bytes:
    """Read every row and compute the root over them: the least that any verifier must do."""
    hashes: list[bytes] = []
    with bench.store.engine.connect() as connection:
        for rows in bench.log.pages(connection):
            hashes += leaf_hashes(body for _seq, body in rows)
    return root_over(hashes)


def verify_pass(bench: Bench, *, skip_officers: bool) -> None:
    with bench.store.engine.connect() as connection:
        found = verify_log(bench.log, connection, bench.keys.public, skip_officers=skip_officers)
    assert found.good, found.problems


def proofs(bench: Bench, size: int) -> tuple[float, float]:
    """Return median milliseconds and mean statements of an inclusion proof at `size`."""
    times, statements = [], 0

    def count(*_call: object) -> None:
        nonlocal statements
        statements += 1

    with bench.store.engine.connect() as connection:
        event.listen(bench.store.engine, "before_cursor_execute", count)
        for number in range(PROOFS):
            index = number * 7919 % size

            def prove(index: int = index) -> None:
                bench.log.inclusion_proof(connection, index, size)

            times.append(seconds(prove) * 1000)
        event.remove(bench.store.engine, "before_cursor_execute", count)
    return median(times), statements / PROOFS


def row(name: str, ours: str, limit: str, ratio: str, aim: str) -> None:
    print(f"| {name:34} | {ours:>16} | {limit:>16} | {ratio:>8} | {aim:>8} |", flush=True)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        row("what", "ours", "bare", "ratio", "aim")
        append_rates(bench, BATCH, 20)
        logged, bare = append_rates(bench, BATCH, 150)
        row("append, batches of 100", f"{BATCH / logged:,.0f}/s", f"{BATCH / bare:,.0f}/s",
            f"{bare / logged:.2f}", ">= 0.50")  # fmt: skip
        logged, bare = append_rates(bench, 1, 400)
        row("append, one durable entry", f"{logged * 1e6:,.0f} us", f"{bare * 1e6:,.0f} us",
            f"{logged / bare:.2f}", "<= 1.50")  # fmt: skip
        sizes = [step for step in (1_000, 10_000, 100_000, 1_000_000) if step <= size]
        for step in sizes:
            grow(bench, step)
            spent, reads = proofs(bench, step)
            row(f"inclusion proof at {step:,}", f"{spent:.2f} ms", f"{reads:.1f} reads", "",
                "< 1 ms")  # fmt: skip
        grow(bench, size)
        passes: dict[str, Callable[[], object]] = {
            "": partial(bare_pass, bench),
            "verify": partial(verify_pass, bench, skip_officers=True),
            "verify, officers' signatures too": partial(verify_pass, bench, skip_officers=False),
        }
        best = dict.fromkeys(passes, float("inf"))
        for name in list(passes) * 3:
            best[name] = min(best[name], seconds(passes[name]))
        for name in list(passes)[1:]:
            row(f"{name} {size:,}", f"{best[name]:.2f} s", f"{best['']:.2f} s",
                f"{best[name] / best['']:.2f}", "<= 3.00" if name == "verify" else "")  # fmt: skip


if __name__ == "__main__":
    main()
