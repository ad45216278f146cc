"""Where the reading of a feed stands: what to ask the publisher by, and what was in it last.

The cursor must fit the ledger's 255 characters, so hashes are cut short and an ETag that is too
long is left out: the feed is then asked for without it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 255
KEPT_IDS = 4
ID_DIGITS = 10
_TIGHT = (",", ":")


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """What is known of a feed since it was last read.

    Attributes:
        feed: names the address: nothing here holds for another.
        body: names the last body read.
        ids: names of its first entries.
    """

    feed: str
    etag: str = ""
    modified: str = ""
    body: str = ""
    ids: tuple[str, ...] = ()

    def written(self) -> str:
        """Return the cursor as text of at most 255 characters."""
        for etag, modified in ((self.etag, self.modified), ("", self.modified), ("", "")):
            text = json.dumps(
                [self.feed, etag, modified, self.body, list(self.ids)], separators=_TIGHT
            )
            if len(text) <= LIMIT:
                return text
        return json.dumps([self.feed, "", "", "", []], separators=_TIGHT)

    def conditions(self) -> dict[str, str]:
        """Return the headers of a conditional GET (RFC 9110 section 13.1)."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}

    def has_lost_sight(self, ids: Sequence[str]) -> bool:
        """Say whether nothing that was in the feed is still in it: more may have passed unseen."""
        now = {name[:ID_DIGITS] for name in ids}
        return bool(self.ids) and not now & set(self.ids)


def read_cursor(text: str | None, feed: str) -> FeedCursor:
    """Return a cursor; a fresh one where there is none, or it belongs to another address."""
    try:
        name, etag, modified, body, ids = json.loads(text or "[]")
        kept = FeedCursor(name, str(etag), str(modified), str(body), tuple(ids))
    except (ValueError, TypeError):
        return FeedCursor(feed)
    return kept if name == feed else FeedCursor(feed)


def first_ids(ids: Sequence[str]) -> tuple[str, ...]:
    """Return the names under which a feed's first entries are remembered."""
    return tuple(name[:ID_DIGITS] for name in ids[:KEPT_IDS])
