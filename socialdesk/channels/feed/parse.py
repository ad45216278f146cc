"""From a feed's entries to messages, through feedparser, one entry at a time.

An entry is known by its guid, else its link, else its words; an entry whose words changed is a new
version in the same thread. feedparser takes what is not quite a feed; an entry from which it can
take neither words nor link is rejected, and kept.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import feedparser

from socialdesk.channels.base import Author, Item, Rejected, Stream
from socialdesk.channels.feed.entries import Cut, CutFeed, cut_feed
from socialdesk.channels.markup import plain_text
from socialdesk.core.text import encoded

MOST_ENTRIES = 1000
ENTRY_LIMIT = 256 * 1024
"""Bytes of one entry that are parsed; a larger one is kept whole and not read."""
MOST_MARKUP = 200_000
"""Characters of one entry's HTML that are read; its bytes are kept whole."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a feed holds; `ids` are its entries' identities, in the feed's order."""

    title: str
    items: Sequence[Item]
    rejected: Sequence[Rejected]
    ids: Sequence[str]


def parse_feed(body: bytes, url: str, charset: str, now: datetime) -> Parsed:
    """Return what a feed holds.

    Args:
        url: where it was asked for; relative links are taken from there.
        charset: as the answer's header says; "" where it does not.
        now: stands in for a time that an entry lacks, or has in the future.

    Raises:
        ValueError: the body is no feed.
    """
    cut = cut_feed(body)
    if cut is None:
        raise ValueError("the answer is neither RSS nor Atom")
    reader = _Reader(cut, url, charset, now)
    read = [reader.read(entry) for entry in cut.entries[:MOST_ENTRIES]]
    items = [entry for entry in read if isinstance(entry, Item)]
    rejected = [entry for entry in read if isinstance(entry, Rejected)]
    if len(cut.entries) > MOST_ENTRIES:
        rest = b"".join(entry.raw for entry in cut.entries[MOST_ENTRIES:])
        rejected.append(
            Rejected(rest, f"the feed has more than {MOST_ENTRIES} entries; this is the rest")
        )
    ids = [item.remote_id.partition(".")[0] for item in items]
    return Parsed(reader.title, items, rejected, ids)


def short_hash(text: str, length: int = 32) -> str:
    """Return the first hexadecimal digits of a text's SHA-256."""
    return sha256(encoded(text)).hexdigest()[:length]


class _Reader:
    """Reads the entries of one feed."""

    def __init__(self, cut: CutFeed, url: str, charset: str, now: datetime) -> None:
        self._cut = cut
        self._feed_id = short_hash(url, 16)
        self._now = now
        self._headers = {
            "content-type": f"application/xml; charset={charset}" if charset else "application/xml",
            "content-location": url,
        }
        about = self._parsed(cut.head + cut.closing).feed
        self.title = _line(about.get("title", "")) or url
        self._author = _line(about.get("author", ""))

    def read(self, cut: Cut) -> Item | Rejected:
        """Return one entry as a message, or rejected."""
        if not cut.whole:
            return Rejected(cut.raw, "the feed ends in the middle of this entry")
        if len(cut.raw) > ENTRY_LIMIT:
            return Rejected(cut.raw, f"this entry is larger than {ENTRY_LIMIT} bytes")
        found = self._parsed(self._cut.alone(cut))
        if len(found.entries) != 1:
            return Rejected(cut.raw, "this entry cannot be read")
        entry = found.entries[0]
        words, link = _words(entry), str(entry.get("link", "")).strip()
        if not words and not link:
            return Rejected(cut.raw, "this entry has neither words nor a link")
        identity = str(entry.get("id", "")).strip() or link or " ".join(words.split())
        text = f"{words}\n\n{link}".strip() if link not in words else words
        name, version = short_hash(identity), short_hash(text, 16)
        contact = f"{self._feed_id}:{name}"
        author = _line(entry.get("author", "")) or self._author
        return Item(
            remote_id=f"{name}.{version}",
            stream=Stream.ENTRIES,
            thread_key=contact,
            contact_id=contact,
            author=Author(contact, "", f"{author}, {self.title}" if author else self.title),
            outbound=False,
            text=text,
            created_at=self._moment(entry),
            in_reply_to=None,
            raw=cut.raw,
        )

    def _parsed(self, document: bytes) -> Any:
        return feedparser.parse(
            BytesIO(document),
            response_headers=self._headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )

    def _moment(self, entry: Any) -> datetime:
        """Return when this version was published, as far as the entry says.

        Past feedparser's own `get`, which gives out another time where one is missing.
        """
        for name in ("updated_parsed", "published_parsed", "created_parsed"):
            said = dict.get(entry, name)
            if said is not None:
                try:
                    return min(datetime.fromtimestamp(calendar.timegm(said), UTC), self._now)
                except (ValueError, OverflowError, OSError):
                    continue
        return self._now


def _words(entry: Any) -> str:
    """Return an entry's title and its fullest text, without markup."""
    title = _plain(entry.get("title_detail") or {})
    bodies = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    body = max((_plain(part) for part in bodies), key=len)
    return body if body.startswith(title) else f"{title}\n\n{body}".strip()


def _plain(detail: Any) -> str:
    value = str(detail.get("value") or "")[:MOST_MARKUP]
    if detail.get("type") == "text/plain":
        return value.strip()
    return plain_text(value)


def _line(text: Any) -> str:
    return " ".join(plain_text(str(text)[:2000]).split())[:200]
