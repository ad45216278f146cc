"""Policies (C2SP tlog-policy): whose signatures make a checkpoint good, in a file of lines.

    log <key> [<url>]
    witness <name> <key> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

A name is defined before it is used, and is a member of one group at most, so that no witness
counts twice. Names and the file are octets; we read them as UTF-8 and compare them exactly.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from socialdesk.audit.checkpoint import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    cosigners,
    open_checkpoint,
)
from socialdesk.audit.note import NoteKey, parse_key
from socialdesk.core.errors import AuditError

NONE = "none"
MAX_LINES = 1000
_BLANK = re.compile(r"[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(slots=True)
class Policy:
    """What a policy file demands.

    Attributes:
        logs: keys of which one must have signed.
        witnesses: cosigners' keys by the name that the file gives them.
        groups: how many of which members make a group a witness.
        quorum: the witness or group that must have witnessed; "none" demands nobody.
    """

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: dict[str, NoteKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = ""

    def cosigned(self, note: str) -> list[str]:
        """Return the names of the witnesses whose cosignature on a checkpoint is good."""
        return [name for name, key in self.witnesses.items() if cosigners(note, [key])]

    def accepts(self, note: str) -> bool:
        """Say whether a checkpoint is witnessed as demanded.

        Raises:
            AuditError: none of the logs signed it, or a signature on it is forged.
        """
        open_checkpoint(note, self.logs)
        return self.quorum == NONE or self._witnessed(self.quorum, self.cosigned(note))

    def _witnessed(self, name: str, present: Sequence[str]) -> bool:
        if name in self.witnesses:
            return name in present
        wanted, members = self.groups[name]
        return sum(self._witnessed(member, present) for member in members) >= wanted


def parse_policy(text: str) -> Policy:
    """Return the policy in a file's text.

    Raises:
        AuditError: it breaks the rules; the line is named.
    """
    policy = Policy()
    used: set[str] = set()
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise AuditError(f"The policy has more than {MAX_LINES} lines.")
    for number, line in enumerate(lines, 1):
        words = [word for word in _BLANK.split(line) if word]
        if words and not words[0].startswith("#"):
            try:
                _take(policy, used, words)
            except AuditError as error:
                raise AuditError(
                    f"Line {number} of the policy cannot be taken: {error.what}",
                    todo="See c2sp.org/tlog-policy for what a line may say.",
                ) from error
    if not policy.quorum:
        raise AuditError("The policy names no quorum.", todo="Add a line: quorum none")
    return policy


def write_policy(
    logs: Iterable[NoteKey], witnesses: Iterable[tuple[str, NoteKey]], quorum: int
) -> str:
    """Return the policy file of a log whose checkpoints need `quorum` of these witnesses."""
    known = list(witnesses)
    lines = [f"log {key}" for key in logs]
    lines += [f"witness {name} {key}" for name, key in known]
    if quorum:
        lines.append(f"group all-witnesses {quorum} {' '.join(name for name, _key in known)}")
    lines.append(f"quorum {'all-witnesses' if quorum else NONE}")
    return "\n".join(lines) + "\n"


def _take(policy: Policy, used: set[str], words: Sequence[str]) -> None:
    if any(_CONTROL.search(word) for word in words):
        raise AuditError("it holds a control character")
    match words:
        case ["log", key, *rest] if len(rest) <= 1:
            policy.logs.append(_fresh(policy, key, {ED25519, MLDSA44_COSIGNATURE}))
        case ["witness", name, key, *rest] if len(rest) <= 1:
            kinds = {ED25519_COSIGNATURE, MLDSA44_COSIGNATURE}
            policy.witnesses[_unused(policy, name)] = _fresh(policy, key, kinds)
        case ["group", name, threshold, *members] if members:
            for member in members:
                if member in used or member not in {*policy.witnesses, *policy.groups}:
                    raise AuditError(f"{member} is not defined above, or is a member already")
                used.add(member)
            wanted = {"any": "1", "all": str(len(members))}.get(threshold, threshold)
            count = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
            if not 1 <= count <= len(members) or str(count) != wanted:
                raise AuditError(f"{threshold} of {len(members)} members can never be")
            policy.groups[_unused(policy, name)] = (count, tuple(members))
        case ["quorum", name] if not policy.quorum:
            if name not in {NONE, *policy.witnesses, *policy.groups}:
                raise AuditError(f"{name} is not defined above")
            policy.quorum = name
        case _:
            raise AuditError("it is no log, witness, group or first quorum")


def _unused(policy: Policy, name: str) -> str:
    if name == NONE or name in {*policy.witnesses, *policy.groups}:
        raise AuditError(f"the name {name} is taken")
    return name


def _fresh(policy: Policy, text: str, kinds: set[int]) -> NoteKey:
    key = parse_key(text)
    if key.kind not in kinds:
        raise AuditError(f"the key of {key.name} is not of a kind for that")
    if key.public in {known.public for known in (*policy.logs, *policy.witnesses.values())}:
        raise AuditError(f"the key of {key.name} is given twice")
    return key
