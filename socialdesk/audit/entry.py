"""Audit entries: canonical JSON (RFC 8785, a restricted profile), one act each, signed.

An entry is `{"core":{…},"key":"…","sig":"…"}`. The core says what happened. Because RFC 8785 is
compositional, the core's own canonical bytes stand unchanged inside the entry, so a verifier cuts
them out and never re-serialises. The signature is Ed25519 by the actor's key:

    one act      socialdesk/action/v1 LF origin LF core
    n acts of    socialdesk/batch/v1 LF origin LF root     (root: RFC 6962 over the n cores)
    a service    stands on the last of them, which carries "span":n; the others carry no "sig"

An officer's acts are always signed one by one. The schema is documented in docs/audit-entry.md.
"""

import base64
import json
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import uuid_utils

from socialdesk.audit.merkle import leaf_hashes, root_over
from socialdesk.core.errors import AuditError
from socialdesk.store.transaction import Act, Actor

VERSION = 1
MAX_BYTES = 60 * 1024
MAX_INTEGER = 2**53 - 1
ACTION_DOMAIN = b"socialdesk/action/v1\n"
BATCH_DOMAIN = b"socialdesk/batch/v1\n"
_OPENING = b'{"core":'
_KEY = b',"key":"'


class Action(StrEnum):
    """The closed vocabulary of acts. The first six are those of DPA 2018 s.62(1)."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    ASSESS = "assess"
    CLAIM = "claim"
    RELEASE = "release"
    DRAFT = "draft"
    APPROVE = "approve"
    SEND = "send"
    ESCALATE = "escalate"
    HAND_OVER = "hand_over"
    CLOSE = "close"
    REOPEN = "reopen"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    CONFIGURATION = "configuration"
    MODEL_CHANGE = "model_change"
    KEY_CHANGE = "key_change"


_ACTIONS = frozenset(action.value for action in Action)


class EntrySigner(Protocol):
    """Signs entries: an unlocked key and its name."""

    @property
    def key_id(self) -> str:
        """Names the public key, as the log's key history does."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of `message`."""
        ...


_quoted = json.encoder.encode_basestring


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes of `value` under the restricted profile.

    Within the profile (ASCII keys, strings, booleans, arrays, integers of 53 bits) sorting by
    code point and Python's own spelling of strings give the same bytes as RFC 8785; a property
    test holds it to that.

    Raises:
        AuditError: the value leaves the profile.
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise AuditError("An audit entry may not hold half a surrogate pair.") from error


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise AuditError("An audit entry may not hold an integer beyond 53 bits.")
        return int.__repr__(value)
    if isinstance(value, dict):
        return _object({_name(key): _text(part) for key, part in value.items()})
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_text, value))}]"
    raise AuditError(f"An audit entry may not hold a {type(value).__name__}.")


def _object(members: dict[str, str]) -> str:
    """Return a JSON object of members whose values are JSON already."""
    return f"{{{','.join([f'{_quoted(name)}:{members[name]}' for name in sorted(members)])}}}"


def _name(key: Any) -> str:
    if not (isinstance(key, str) and key.isascii()):
        raise AuditError("An audit entry's keys are ASCII strings.")
    return key


def entry_time(moment: datetime) -> str:
    """Return a moment as entries write it: RFC 3339, UTC, microseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What all acts of one transaction have in common.

    Attributes:
        seen: size and base64 root of the last checkpoint the actor had seen.
        behind_ms: how far the machine's clock had fallen behind the entry before; 0 normally.
    """

    actor: Actor
    moment: datetime
    seen: tuple[int, str] | None
    behind_ms: int


def write_cores(acts: Sequence[Act], around: Circumstances, first_seq: int) -> list[bytes]:
    """Return the canonical cores of one transaction's acts.

    Members are written in their sorted order, the common ones once; a property test holds the
    result to the `rfc8785` library's.

    Raises:
        AuditError: an act's verb is not in the vocabulary, or its facts leave the profile.
    """
    actor = around.actor
    who = f'"actor":{{"id":{_quoted(actor.id)},"role":{_quoted(actor.role)}}}'
    behind = f',"clock_behind_ms":{around.behind_ms}' if around.behind_ms else ""
    seen = ""
    if around.seen is not None:
        seen = f',"seen":{{"root":{_quoted(around.seen[1])},"size":{around.seen[0]}}}'
    opening = f",{who}{behind}"
    force = f',"force":{_quoted(actor.force_id)},"id":"'
    session = f',"session":"{actor.session}","subject":'
    closing = f',"time":"{entry_time(around.moment)}","v":{VERSION}}}'
    texts = [
        f'{{"action":"{_known(act.action)}"{opening}{_details(act)}{force}{uuid_utils.uuid7()}",'
        f'"reason":{_quoted(act.reason)}{_recipients(act)}{seen},"seq":{seq}'
        f"{session}{_quoted(act.subject)}{closing}"
        for seq, act in enumerate(acts, first_seq)
    ]
    try:
        return [text.encode() for text in texts]
    except UnicodeEncodeError as error:
        raise AuditError("An audit entry may not hold half a surrogate pair.") from error


def _known(action: str) -> str:
    if action not in _ACTIONS:
        raise AuditError(f"{action!r} is not an act the audit log knows.")
    return str(action)


def _details(act: Act) -> str:
    parts = ""
    if act.commitments:
        said = {_name(name): _base64(salted) for name, salted in act.commitments.items()}
        parts += f',"commitments":{_object(said)}'
    if act.details:
        parts += f',"details":{_text(act.details)}'
    return parts


def _base64(content: bytes) -> str:
    return f'"{b2a_base64(content, newline=False).decode()}"'


def _recipients(act: Act) -> str:
    return f',"recipients":[{",".join(map(_quoted, act.recipients))}]' if act.recipients else ""


def action_message(origin: str, core: bytes) -> bytes:
    """Return what is signed for a single act."""
    return ACTION_DOMAIN + origin.encode() + b"\n" + core


def batch_message(origin: str, cores: Sequence[bytes]) -> bytes:
    """Return what is signed for the acts of one transaction of a service."""
    return BATCH_DOMAIN + origin.encode() + b"\n" + root_over(leaf_hashes(cores))


def seal_entries(
    origin: str, cores: Sequence[bytes], signer: EntrySigner, *, as_batch: bool
) -> list[bytes]:
    """Return the entries of one transaction's cores, signed.

    Args:
        as_batch: one signature over them all, as services sign; else each has its own.

    Raises:
        AuditError: an entry is longer than 60 KiB.
    """
    if as_batch and len(cores) > 1:
        signature = signer.sign(batch_message(origin, cores))
        closing = _KEY + signer.key_id.encode() + b'"}'
        entries = [_OPENING + core + closing for core in cores[:-1]]
        entries.append(_entry(cores[-1], signer.key_id, signature, len(cores)))
    else:
        entries = [
            _entry(core, signer.key_id, signer.sign(action_message(origin, core)), 1)
            for core in cores
        ]
    if max(map(len, entries)) > MAX_BYTES:
        raise AuditError(f"An audit entry is longer than {MAX_BYTES} bytes.")
    return entries


def _entry(core: bytes, key_id: str, signature: bytes | None, span: int) -> bytes:
    parts = [_OPENING, core, _KEY, key_id.encode(), b'"']
    if signature is not None:
        parts += [b',"sig":"', base64.b64encode(signature), b'"']
    if span > 1:
        parts += [b',"span":', str(span).encode()]
    return b"".join([*parts, b"}"])
