"""Cutting a feed into its entries, byte for byte, before anyone parses it.

Each entry is then parsed alone, so that a broken one breaks nothing but itself, and what is kept as
evidence is what was served. The cut knows comments and CDATA, runs once over the bytes, and takes
any input.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass

ROOT_LIMIT = 16 * 1024
_ROOT = re.compile(rb"<((?:[\w.-]{1,40}:)?(?:rss|feed|RDF))(?=[\s>/])[^>]*>")
_DECLARATION = re.compile(rb"^\s*<\?xml\b[^>]*\?>")
_CLOSED_BY = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}


@dataclass(frozen=True, slots=True)
class Cut:
    """One entry as served; `whole` False: the feed ended before the entry did."""

    raw: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class CutFeed:
    """A feed in pieces.

    Attributes:
        head: everything before the first entry.
        opening, closing: what makes an entry a feed of its own again.
    """

    head: bytes
    opening: bytes
    closing: bytes
    entries: tuple[Cut, ...]

    def alone(self, cut: Cut) -> bytes:
        """Return a feed that holds one entry."""
        return self.opening + cut.raw + self.closing


def cut_feed(body: bytes) -> CutFeed | None:
    """Return a feed in pieces; None where the body is no feed at all."""
    body = _as_utf8(body)
    root = _ROOT.search(body)
    if root is None or root.end() - root.start() > ROOT_LIMIT:
        return None
    name = root[1]
    is_atom = name.endswith(b"feed")
    entries = tuple(_entries(body, root.end(), b"entry" if is_atom else b"item"))
    first = body.find(entries[0].raw, root.end()) if entries else len(body)
    declaration = _DECLARATION.match(body)
    channel = (b"<channel>", b"</channel>") if name.endswith(b"rss") else (b"", b"")
    return CutFeed(
        head=body[:first],
        opening=(declaration[0] if declaration else b"") + root[0] + channel[0],
        closing=channel[1] + b"</" + name + b">",
        entries=entries,
    )


def _entries(body: bytes, start: int, name: bytes) -> Iterator[Cut]:
    """Yield the entries; one that begins inside another ends the other."""
    token = re.compile(rb"<!--|<!\[CDATA\[|<(/?)(?:[\w.-]{1,40}:)?" + name + rb"(?=[\s>/])[^>]*>")
    begun: int | None = None
    missing = set[bytes]()
    at = start
    while (found := token.search(body, at)) is not None:
        at = found.end()
        closer = _CLOSED_BY.get(found[0])
        if closer is not None:
            end = -1 if closer in missing else body.find(closer, at)
            if end < 0:
                missing.add(closer)
            else:
                at = end + len(closer)
        elif found[1]:
            if begun is not None:
                yield Cut(body[begun:at], whole=True)
            begun = None
        else:
            if begun is not None:
                yield Cut(body[begun : found.start()], whole=True)
            begun = found.start()
    if begun is not None:
        yield Cut(body[begun:], whole=False)


def _as_utf8(body: bytes) -> bytes:
    """Return a body in UTF-16 as UTF-8, which the cut can read; any other as it is."""
    if not body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return body
    text = body.decode("utf-16", "replace")
    return re.sub(r"^\s*<\?xml\b[^>]*\?>", "", text).encode()
