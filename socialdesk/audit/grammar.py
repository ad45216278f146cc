"""Reading entries: the form of an entry as one grammar, so that a million are read in seconds.

The grammar admits exactly the members that version 1 has, in the one order and spelling that
RFC 8785 gives them. What it cannot see, the order of members inside `details` and `commitments`,
is checked by writing those again. Whatever does not fit is no entry of this version.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from socialdesk.audit.entry import VERSION, canonical
from socialdesk.core.errors import AuditError

TEXT = rb'"[ !#-\[\]-\xff]*+(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))[ !#-\[\]-\xff]*+)*+"'
_NUMBER = rb"(?:0|-?[1-9][0-9]{0,15})"
_PLAIN = rb"[ !#-\[\]-\xff]*+"
_DEPTH = 4


def _values(depth: int) -> bytes:
    scalar = b"(?:" + TEXT + b"|" + _NUMBER + b"|true|false"
    if depth == 0:
        return scalar + b")"
    inner = _values(depth - 1)
    listed = rb"\[(?:" + inner + rb"(?:," + inner + rb")*+)?\]"
    return scalar + b"|" + listed + b"|" + _members(inner) + b")"


def _members(value: bytes) -> bytes:
    member = TEXT + b":" + value
    return rb"\{(?:" + member + rb"(?:," + member + rb")*+)?\}"


COMMITMENTS = b"(?P<commitments>" + _members(TEXT) + b")"
DETAILS = b"(?P<details>" + _members(_values(_DEPTH - 1)) + b")"


def entry_pattern(commitments: bytes, details: bytes) -> bytes:
    """Return the pattern of a whole entry, given those of its two open parts."""
    return (
        rb'\{"core":(?P<core>\{"action":"(?P<action>[a-z_]++)","actor":\{"id":"(?P<actor>'
        + _PLAIN
        + rb')","role":"'
        + _PLAIN
        + rb'"\}(?:,"clock_behind_ms":(?P<behind>[1-9][0-9]{0,15}))?'
        + rb'(?:,"commitments":'
        + commitments
        + rb')?(?:,"details":'
        + details
        + rb')?,"force":"(?P<force>'
        + _PLAIN
        + rb')","id":"(?P<id>[0-9a-f-]{36})","reason":'
        + TEXT
        + rb'(?:,"recipients":\['
        + TEXT
        + rb"(?:,"
        + TEXT
        + rb")*+\])?"
        + rb'(?:,"seen":\{"root":"(?P<seen_root>[A-Za-z0-9+/]{43}=)"'
        + rb',"size":(?P<seen_size>0|[1-9][0-9]{0,15})\})?'
        + rb',"seq":(?P<seq>0|[1-9][0-9]{0,15}),"session":"[0-9a-f-]{36}","subject":'
        + TEXT
        + rb',"time":"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)","v":1\})'
        + rb',"key":"(?P<key>[0-9a-f]{16})"'
        + rb'(?:,"sig":"(?P<sig>[A-Za-z0-9+/]{86}==)"(?:,"span":(?P<span>[1-9][0-9]{0,6}))?)?\}'
    )


_ENTRY = re.compile(entry_pattern(COMMITMENTS, DETAILS))

_DOUBTFUL = re.compile(rb",|[0-9]{16}")
"""What the grammar cannot judge: the order of several members, and the largest integers."""


class Entry(NamedTuple):
    """What verification needs of one entry, as the bytes say it; None where it says nothing."""

    core: bytes
    action: bytes
    actor: bytes
    behind: bytes | None
    commitments: bytes | None
    details: bytes | None
    force: bytes
    id: bytes
    seen_root: bytes | None
    seen_size: bytes | None
    seq: bytes
    time: bytes
    key: bytes
    sig: bytes | None
    span: bytes | None


def read_entry(body: bytes) -> Entry | None:
    """Return the entry that `body` is, or None if it is not exactly one of this version."""
    match = _ENTRY.fullmatch(body)
    if match is None:
        return None
    entry = Entry._make(match.groups())
    if not is_utf8(body):
        return None
    for part in (entry.commitments, entry.details):
        if part is not None and not is_canonical(part):
            return None
    return entry


@dataclass(frozen=True, slots=True)
class Envelope:
    """An entry taken apart: the core's exact bytes, who signed, and how many acts it covers."""

    core: bytes
    key_id: str
    signature: bytes | None
    span: int


def open_entry(body: bytes) -> tuple[Envelope, dict[str, Any]]:
    """Take an entry apart; return its envelope and its core as a mapping.

    Raises:
        AuditError: it is not an entry: not canonical, an unknown version, a foreign key.
    """
    entry = read_entry(body)
    if entry is None:
        raise AuditError(what_is_wrong(body))
    signature = None if entry.sig is None else base64.b64decode(entry.sig)
    core: dict[str, Any] = json.loads(entry.core)
    return Envelope(entry.core, entry.key.decode(), signature, int(entry.span or 1)), core


def what_is_wrong(body: bytes) -> str:
    """Say why `body` is not an entry that this verifier can read."""
    try:
        version = json.loads(body)["core"]["v"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "it is not an audit entry"
    if version != VERSION:
        return f"its version {str(version)[:20]} is not known to this verifier"
    return "its bytes are not canonical, or it holds what no entry of its version may hold"


def is_utf8(text: bytes) -> bool:
    """Say whether `text` is well-formed UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_canonical(part: bytes) -> bool:
    """Say whether members that fit the grammar are in order, none twice, no integer too large."""
    if _DOUBTFUL.search(part) is None:
        return True
    try:
        return canonical(json.loads(part)) == part
    except (AuditError, ValueError):
        return False
