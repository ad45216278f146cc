"""Speed of intake: a backlog across three accounts, with the real model, storage and audit.

Give the number of messages as argument (default 20,000; the promise is for 100,000).
"""

import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from sqlalchemy import Table, event, func, insert, select
from sqlmodel import SQLModel

from socialdesk.channels.base import Allowance, Author, Capabilities, Item, Page, Stream
from socialdesk.classify.corpus import load_corpus
from socialdesk.classify.locate import load_model
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
    model = load_model()
    model.assess(corpus)
    with TemporaryDirectory() as folder:
        desk = open_desk(Settings(home=Path(folder) / "home", config=shipped("config")))
        before = _memory()
        began = time.perf_counter()
        _drain(desk, texts, model)
        ours = count / (time.perf_counter() - began)
        after = _memory()
        with desk.store.reading() as session:
            assert session.connection().scalar(select(func.count()).select_from(Message)) == count
        bare = _bare(desk, Path(folder) / "bare.db", count)
    print(f"intake: {ours:,.0f} messages/s of {count:,} (aim {AIM:,})")
    print(f"{ours / bare:.2f} of bare inserts of the same rows ({bare:,.0f} messages/s)")
    print(f"memory: {before:.0f} MB at the start, {after:.0f} MB at the end")


def _drain(desk: Desk, texts: Sequence[str], model: Any) -> None:
    share = -(-len(texts) // 3)
    for number in range(3):
        update = {"id": f"account-{number}", "streams": ("mentions",)}
        account = desk.force.accounts[0].model_copy(update=update)
        backlog: Any = Backlog(texts[number * share : (number + 1) * share], number * 10**9 + 1)
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
