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
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from socialdesk.audit.merkle import Edge, leaf_hash
from socialdesk.core.errors import AuditError
from socialdesk.core.ids import new_id
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


@dataclass(frozen=True, slots=True)
class Envelope:
    """An entry taken apart: the core's exact bytes, who signed, and how many acts it covers."""

    core: bytes
    key_id: str
    signature: bytes | None
    span: int


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes of `value` under the restricted profile.

    Within the profile (ASCII keys, strings, booleans, arrays, integers of 53 bits) Python's own
    encoder with sorted keys gives the same bytes as RFC 8785; a property test holds it to that.

    Raises:
        AuditError: the value leaves the profile.
    """
    _check_profile(value)
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise AuditError("An audit entry may not hold half a surrogate pair.") from error


def _check_profile(value: Any) -> None:
    if isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise AuditError("An audit entry may not hold an integer beyond 53 bits.")
    elif isinstance(value, dict):
        for key, part in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise AuditError("An audit entry's keys are ASCII strings.")
            _check_profile(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _check_profile(part)
    else:
        raise AuditError(f"An audit entry may not hold a {type(value).__name__}.")


def entry_time(moment: datetime) -> str:
    """Return a moment as entries write it: RFC 3339, UTC, microseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def write_core(
    act: Act,
    actor: Actor,
    *,
    seq: int,
    moment: datetime,
    seen: tuple[int, str] | None,
    behind_ms: int,
) -> bytes:
    """Return the canonical core of one act.

    Args:
        seen: size and base64 root of the last checkpoint the actor had seen.
        behind_ms: how far the machine's clock had fallen behind the entry before; 0 normally.

    Raises:
        AuditError: the act's verb is not in the vocabulary, or its facts leave the profile.
    """
    if act.action not in _ACTIONS:
        raise AuditError(f"{act.action!r} is not an act the audit log knows.")
    core: dict[str, Any] = {
        "v": VERSION,
        "id": str(new_id()),
        "seq": seq,
        "time": entry_time(moment),
        "force": actor.force_id,
        "actor": {"id": actor.id, "role": actor.role},
        "session": str(actor.session),
        "action": act.action,
        "subject": act.subject,
        "reason": act.reason,
    }
    if act.details:
        core["details"] = act.details
    if act.commitments:
        core["commitments"] = {
            name: base64.b64encode(value).decode() for name, value in act.commitments.items()
        }
    if act.recipients:
        core["recipients"] = list(act.recipients)
    if seen is not None:
        core["seen"] = {"size": seen[0], "root": seen[1]}
    if behind_ms:
        core["clock_behind_ms"] = behind_ms
    return canonical(core)


def action_message(origin: str, core: bytes) -> bytes:
    """Return what is signed for a single act."""
    return ACTION_DOMAIN + origin.encode() + b"\n" + core


def batch_message(origin: str, cores: Sequence[bytes]) -> bytes:
    """Return what is signed for the acts of one transaction of a service."""
    tree = Edge(0, ())
    for core in cores:
        for _node in tree.append(leaf_hash(core)):
            pass
    return BATCH_DOMAIN + origin.encode() + b"\n" + tree.root()


def seal_entries(origin: str, cores: Sequence[bytes], actor: Actor) -> list[bytes]:
    """Return the entries of one transaction's cores, signed by the actor.

    Raises:
        AuditError: an entry is longer than 60 KiB.
    """
    signer = actor.signer
    if len(cores) > 1 and actor.id.startswith("service:"):
        signature = signer.sign(batch_message(origin, cores))
        entries = [_entry(core, signer.key_id, None, 1) for core in cores[:-1]]
        entries.append(_entry(cores[-1], signer.key_id, signature, len(cores)))
    else:
        entries = [
            _entry(core, signer.key_id, signer.sign(action_message(origin, core)), 1)
            for core in cores
        ]
    if any(len(entry) > MAX_BYTES for entry in entries):
        raise AuditError(f"An audit entry is longer than {MAX_BYTES} bytes.")
    return entries


def _entry(core: bytes, key_id: str, signature: bytes | None, span: int) -> bytes:
    parts = [_OPENING, core, _KEY, key_id.encode(), b'"']
    if signature is not None:
        parts += [b',"sig":"', base64.b64encode(signature), b'"']
    if span > 1:
        parts += [b',"span":', str(span).encode()]
    return b"".join([*parts, b"}"])


def open_entry(entry: bytes) -> tuple[Envelope, dict[str, Any]]:
    """Take an entry apart; return its envelope and its core as a mapping.

    Raises:
        AuditError: it is not an entry: not canonical, an unknown version, a foreign key.
    """
    try:
        whole = json.loads(entry, object_pairs_hook=_no_twins)
        core = whole["core"]
        signature = base64.b64decode(whole["sig"]) if "sig" in whole else None
        cut = entry[len(_OPENING) : entry.rindex(_KEY)]
        envelope = Envelope(cut, whole["key"], signature, whole.get("span", 1))
        version = core["v"]
    except (ValueError, KeyError, TypeError) as error:
        raise AuditError("it is not an audit entry") from error
    if version != VERSION:
        raise AuditError(f"its version {version} is not known to this verifier")
    rebuilt = _entry(cut, envelope.key_id, envelope.signature, envelope.span)
    if rebuilt != entry or canonical(core) != cut:
        raise AuditError("its bytes are not canonical")
    return envelope, core


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members
