"""A whole desk in a temporary home, and the public writing to it, for any test that needs one."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from socialdesk.channels.base import Author, Item, Stream
from socialdesk.classify.assessment import Assessment, Category, Reason, Urgency, Vulnerability
from socialdesk.core.clock import SetClock
from socialdesk.core.settings import Settings
from socialdesk.core.shipped import shipped
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.queue.people import Officer, Role, add_person, sign_in

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSPHRASE = "correct horse battery"
_numbers = itertools.count(1000)


class KeywordAssessor:
    """Grades by one word, so that tests of rules need no trained model."""

    model = "keyword-1"

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return `immediate` for texts with "knife", `priority` with "theft", else `none`."""
        return [self._one(text.casefold()) for text in texts]

    def explain(self, text: str, limit: int = 8) -> list[Reason]:
        """Point at the word that decided."""
        found = text.casefold().find("knife")
        return [Reason(found, found + 5, "immediate", 3.0)][:limit] if found >= 0 else []

    def _one(self, text: str) -> Assessment:
        urgency, category, crime = Urgency.NONE, Category.CHATTER, 0.02
        if "knife" in text:
            urgency, category, crime = Urgency.IMMEDIATE, Category.VIOLENCE, 0.97
        elif "theft" in text:
            urgency, category, crime = Urgency.PRIORITY, Category.THEFT, 0.9
        return Assessment(
            category=category,
            categories={kind: 0.9 if kind is category else 0.01 for kind in Category},
            possible_crime=crime,
            urgency=urgency,
            urgency_scores={grade: 0.97 if grade is urgency else 0.01 for grade in Urgency},
            vulnerability=dict.fromkeys(Vulnerability, 0.01),
            model=self.model,
        )


def make_desk(home: Path, clock: SetClock | None = None, database_url: str | None = None) -> Desk:
    """Return Northshire's desk in `home`, with a clock that stands still."""
    settings = Settings(home=home, config=shipped("config"), database_url=database_url)
    return open_desk(settings, clock or SetClock(START))


def reopened(desk: Desk, clock: SetClock | None = None) -> Desk:
    """Return the same desk as another process would open it."""
    url = desk.store.engine.url.render_as_string(hide_password=False)
    return make_desk(desk.home.root, clock, url)


@contextmanager
def desk_for_one_example() -> Iterator[Desk]:
    """Lend a fresh desk to one example of a property."""
    with TemporaryDirectory() as folder:
        desk = make_desk(Path(folder) / "home")
        try:
            yield desk
        finally:
            desk.store.engine.dispose()


def make_officer(desk: Desk, login: str = "pat", name: str = "Pat Morgan") -> Officer:
    """Return a new officer of the desk, signed in."""
    add_person(desk, login, name, Role.OFFICER, PASSPHRASE)
    return sign_in(desk, login, PASSPHRASE)


def post(
    text: str,
    *,
    handle: str = "jo",
    stream: Stream = Stream.MENTIONS,
    thread: str | None = None,
    at: datetime = START,
    remote_id: str | None = None,
    outbound: bool = False,
) -> Item:
    """Return something said on a network; by default a mention by @jo in a thread of its own."""
    number = remote_id or str(next(_numbers))
    person = Author(f"u-{handle}", handle, handle.title())
    return Item(
        remote_id=number,
        stream=stream,
        thread_key=thread
        or (f"dm:{handle}" if stream is Stream.DMS else f"post:{number}:{handle}"),
        contact_id=person.remote_id,
        author=Author("u-force", "NorthshirePolice", "Northshire Police") if outbound else person,
        outbound=outbound,
        text=text,
        created_at=at,
        in_reply_to=None,
        raw=f'{{"id":"{number}"}}'.encode() + text.encode("utf-8", "surrogatepass"),
    )


def hear(desk: Desk, *items: Item) -> int:
    """Take items in as the poller would; return how many were new."""
    account = desk.force.accounts[0]
    judged = judge(items, KeywordAssessor())
    return take_in(desk, desk.service("ingest"), account, "mentions", judged)
