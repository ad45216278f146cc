"""Speed of intake: a backlog across three accounts, with the real model, storage and audit.

The model reads in a process of its own, as in the ingest service; its processor time is not in the
second figure.

Give the number of messages as argument (default 20,000; the promise is for 100,000). A first fifth
is not measured: it warms the model and the database. SOCIALDESK_BENCHMARKS names a folder on the
disk to be measured.
"""

import logging
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import structlog
from sqlalchemy import Table, event, func, insert, select
from sqlmodel import SQLModel

from socialdesk.channels.base import Allowance, Author, Capabilities, Item, Page, Stream
from socialdesk.classify.apart import ModelApart
from socialdesk.classify.assessment import Assessor
from socialdesk.classify.corpus import load_corpus
from socialdesk.core.settings import Settings
from socialdesk.core.shipped import shipped
from socialdesk.ingest.poller import Poller
from socialdesk.queue.coverage import open_gaps
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.store.engine import WRITES, open_engine
from socialdesk.store.tables import Message

PAGE = 100
AIM = 2000
TABLES = ("vault_key", "contact", "contact_identity", "conversation", "message", "assessment",
          "message_word", "log_entry")  # fmt: skip
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


class Backlog:
    """A network in memory that holds one account's backlog, newest first."""

    capabilities = Capabilities("x", frozenset((Stream.MENTIONS,)), {}, lambda _s, text: len(text))

    def __init__(self, texts: Sequence[str], first: int) -> None:
        self._texts, self._first = texts, first

    def read(self, stream: Stream, *, since: str | None, page: str | None) -> Page:
        """Return one page down from the place that the token names."""
        top = int(page) if page else len(self._texts)
        low = max(0, top - PAGE, 0 if since is None else int(since) - self._first + 1)
        items = [self._item(stream, at) for at in reversed(range(low, top))]
        reached = low == 0 or (since is not None and low > top - PAGE)
        return Page(items, [], None if reached else str(low), Allowance(None, None, None))

    def newest(self, first: str, second: str) -> str:
        """Return the later id."""
        return max(first, second, key=int)

    def _item(self, stream: Stream, at: int) -> Item:
        number, who = str(self._first + at), f"u{self._first}-{at // 3}"
        text = self._texts[at]
        return Item(
            number, stream, f"post:{number}", who, Author(who, f"h{at // 3}", "Someone"),
            outbound=False, text=text, created_at=BEGAN + timedelta(seconds=at), in_reply_to=None,
            raw=f'{{"id":"{number}","text":"{text}"}}'.encode(),
        )  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    corpus = [one.text for one in load_corpus(shipped("models") / "corpus")]
    texts = [f"{corpus[at % len(corpus)]} {at}" for at in range(count)]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    model = ModelApart()
    with TemporaryDirectory(dir=os.environ.get("SOCIALDESK_BENCHMARKS")) as folder:
        desk = open_desk(Settings(home=Path(folder) / "home", config=shipped("config")))
        part = count // 5
        _drain(desk, texts[:part], model, first=0)
        before, began, worked = _memory(), time.perf_counter(), time.process_time()
        _drain(desk, texts[part:], model, first=3)
        drained = count - part
        ours = drained / (time.perf_counter() - began)
        of_work = drained / (time.process_time() - worked)
        after = _memory()
        with desk.store.reading() as session:
            assert session.connection().scalar(select(func.count()).select_from(Message)) == count
        bare = _bare(desk, Path(folder) / "bare.db", count)
        waits = _waits(desk, corpus, model)
    print(f"intake: {ours:,.0f} messages/s of {drained:,}, after {part:,} others (aim {AIM:,})")
    print(f"{of_work:,.0f} messages a second of processor time, the model's process apart")
    print(f"{ours / bare:.2f} of bare inserts of the same rows ({bare:,.0f} messages/s)")
    print(f"memory: {before:.0f} MB when measuring began, {after:.0f} MB at the end")
    print(f"one new message, read to queue: {waits[49]:.0f} ms median, {waits[98]:.0f} ms p99")
    model.close()


def _waits(desk: Desk, corpus: Sequence[str], model: Assessor) -> list[float]:
    """Return in order how many ms each of 100 messages took from the poll's start to the queue."""
    account = desk.force.accounts[0].model_copy(update={"id": "live", "streams": ("mentions",)})
    waits, texts = [], list[str]()
    backlog: Any = Backlog(texts, 10**12)
    poller = Poller(desk, desk.service("ingest"), account, model, backlog)
    for text in corpus[:100]:
        texts.append(text)
        began = time.perf_counter()
        poller.poll()
        waits.append((time.perf_counter() - began) * 1000)
    return sorted(waits)


def _drain(desk: Desk, texts: Sequence[str], model: Assessor, *, first: int) -> None:
    """Drain three accounts at once, as the ingest service does."""
    share = -(-len(texts) // 3)
    with ThreadPoolExecutor(3) as pool:
        running = [
            pool.submit(_drain_one, desk, texts[at * share : (at + 1) * share], at + first, model)
            for at in range(3)
        ]
    for one in running:
        one.result()


def _drain_one(desk: Desk, texts: Sequence[str], number: int, model: Assessor) -> None:
    update = {"id": f"account-{number}", "streams": ("mentions",)}
    account = desk.force.accounts[0].model_copy(update=update)
    backlog: Any = Backlog(texts, number * 10**9 + 1)
    poller = Poller(desk, desk.service("ingest"), account, model, backlog)
    poller.poll()
    while open_gaps(desk, account, "mentions"):
        poller.turn()


def _bare(desk: Desk, path: Path, messages: int) -> float:
    """Messages a second for the same rows, inserted a page a transaction and nothing else."""
    tables: list[Table] = [SQLModel.metadata.tables[name] for name in TABLES]
    with desk.store.reading() as session:
        rows = {table.name: session.connection().execute(select(table)).mappings().all()
                for table in tables}  # fmt: skip
    engine = open_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys=OFF"))
    SQLModel.metadata.create_all(engine)
    pages = -(-messages // PAGE)
    began = time.perf_counter()
    for page in range(pages):
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            for table in tables:
                size = -(-len(rows[table.name]) // pages)
                part = [dict(row) for row in rows[table.name][page * size : (page + 1) * size]]
                if part:
                    connection.execute(insert(table), part)
    return messages / (time.perf_counter() - began)


def _memory() -> float:
    words = Path("/proc/self/status").read_text("utf-8").split("VmRSS:")[1].split()
    return int(words[0]) / 1024


if __name__ == "__main__":
    main()
