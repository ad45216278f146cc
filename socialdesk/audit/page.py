"""Many entries read at once: what is plainly in order is taken by the page, the rest one by one.

The grammar of a page is that of an entry, and differs in speed alone: one search reads all its
lines, and the order of a few flat facts is judged by their names instead of by writing them again.
Whatever else there is to doubt makes no page: `grammar.read_entry` has the last word on it.
"""

import re
from collections.abc import Sequence
from itertools import chain
from operator import lt
from typing import NamedTuple

from socialdesk.audit.grammar import (
    COMMITMENTS,
    DETAILS,
    TEXT,
    entry_pattern,
    is_canonical,
    is_utf8,
)

_SCALAR = rb"(?:" + TEXT + rb"|0|-?[1-9][0-9]{0,14}+|true|false)"
_FACT = rb"(?:" + _SCALAR + rb"|\[(?:" + _SCALAR + rb"(?:," + _SCALAR + rb")*+)?\])"
_FACTS, _COMMITMENTS = 6, 2


def _flat(name: bytes, most: int, value: bytes, otherwise: bytes) -> bytes:
    """Match one to `most` plain members, each name in a group; or else what `otherwise` admits."""
    members = b""
    for number in range(most, 0, -1):
        group = b'"(?P<%b_%d>[!#-Z\\]^_`a-z{|}~]++)":' % (name, number)
        members = group + value + members
        members = b"(?:," + members + b")?" if number > 1 else members
    return rb"(?:\{" + members + rb"\}|" + otherwise + rb")"


_LINE = re.compile(
    rb"^"
    + entry_pattern(
        _flat(b"commitment", _COMMITMENTS, TEXT, COMMITMENTS),
        _flat(b"fact", _FACTS, _FACT, DETAILS),
    )
    + rb"$",
    re.MULTILINE,
)
_PLACE = {name: number - 1 for name, number in _LINE.groupindex.items()}
_NAMES = [
    slice(_PLACE["commitment_1"], _PLACE["commitment_1"] + _COMMITMENTS),
    slice(_PLACE["fact_1"], _PLACE["fact_1"] + _FACTS),
]


class Page(NamedTuple):
    """What verification needs of a run of entries, by column; b"" where an entry says nothing."""

    core: Sequence[bytes]
    action: Sequence[bytes]
    actor: Sequence[bytes]
    behind: Sequence[bytes]
    force: Sequence[bytes]
    seen_root: Sequence[bytes]
    seen_size: Sequence[bytes]
    seq: Sequence[bytes]
    time: Sequence[bytes]
    key: Sequence[bytes]
    sig: Sequence[bytes]
    span: Sequence[bytes]


_COLUMNS = [_PLACE[name] for name in Page._fields]


def read_page(bodies: Sequence[bytes]) -> Page | None:
    """Return the entries that `bodies` are; None if any is none, or needs a closer look."""
    if set(map(type, bodies)) != {bytes}:
        return None
    text = b"\n".join(bodies)
    if text.count(b"\n") != len(bodies) - 1 or not is_utf8(text):
        return None
    columns = list(zip(*_LINE.findall(text), strict=True))
    if not columns or len(columns[0]) != len(bodies):
        return None
    named = chain.from_iterable(set(zip(*columns[names], strict=True)) for names in _NAMES)
    written = chain(columns[_PLACE["commitments"]], columns[_PLACE["details"]])
    if not (all(map(_in_order, named)) and all(map(is_canonical, filter(None, written)))):
        return None
    return Page._make(columns[place] for place in _COLUMNS)


def _in_order(names: tuple[bytes, ...]) -> bool:
    """Say whether names stand in order, none twice; b"" stands for no further one."""
    given = names[: names.index(b"")] if b"" in names else names
    return all(map(lt, given, given[1:]))
