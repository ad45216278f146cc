"""Verify a whole log: recompute everything, trust nothing stored, name the first bad entry.

What a good verdict proves: the entries are those that were signed, in that order, none changed,
removed or put between, up to the newest checkpoint given. What it cannot prove: that an entry was
true when written, or that an act nobody logged did not happen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from socialdesk.audit.checkpoint import Checkpoint, open_checkpoint
from socialdesk.audit.entry import Action, Envelope, action_message, batch_message, open_entry
from socialdesk.audit.history import SERVICE, KeyHistory
from socialdesk.audit.log import NODES, AuditLog
from socialdesk.audit.merkle import EMPTY_ROOT, Edge, leaf_hash
from socialdesk.audit.note import NoteKey
from socialdesk.core.errors import AuditError

PROGRESS_EVERY = 500


@dataclass(slots=True)
class Verdict:
    """What verification found. `problems` is empty for a good log; the first is the earliest."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    checkpoints: int = 0
    covered: int = 0
    clock_behind: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


@dataclass(slots=True)
class _Reader:
    """State of one pass over the entries."""

    origin: str
    force_id: str
    history: KeyHistory = field(default_factory=KeyHistory)
    pending: list[Envelope] = field(default_factory=list)
    last_time: str = ""
    behind: int = 0

    def fault(self, seq: int, body: bytes) -> str | None:
        """Say what is wrong with the entry found at `seq`, or None."""
        try:
            envelope, core = open_entry(body)
        except AuditError as error:
            return error.what
        return (
            self._place_fault(seq, core)
            or self._key_fault(seq, envelope, core)
            or self._signature_fault(envelope, core)
        )

    def _place_fault(self, seq: int, core: dict[str, Any]) -> str | None:
        if core.get("seq") != seq:
            return f"it says it is entry {core.get('seq')}: moved or replayed"
        if core.get("force") != self.force_id:
            return f"it belongs to the log of {core.get('force')}"
        moment = str(core.get("time"))
        if moment < self.last_time:
            return f"its time {moment} is before the entry ahead of it"
        self.last_time = moment
        self.behind += "clock_behind_ms" in core
        return None

    def _key_fault(self, seq: int, envelope: Envelope, core: dict[str, Any]) -> str | None:
        if core["action"] == Action.KEY_CHANGE:
            if seq > 0 and not str(core["actor"]["id"]).startswith(f"{SERVICE}:"):
                return "it changes a key but is not by the service"
            if (fault := self.history.learn(core)) is not None:
                return fault
        return self.history.fault(envelope.key_id, core)

    def _signature_fault(self, envelope: Envelope, core: dict[str, Any]) -> str | None:
        if envelope.signature is None:
            if not str(core["actor"]["id"]).startswith(f"{SERVICE}:"):
                return "it is an officer's act without the officer's signature"
            self.pending.append(envelope)
            return None
        batch, self.pending = [*self.pending, envelope], []
        if len(batch) != envelope.span or any(e.key_id != envelope.key_id for e in batch):
            return f"it closes a batch of {envelope.span}, but {len(batch)} stand open"
        if envelope.span == 1:
            message = action_message(self.origin, envelope.core)
        else:
            message = batch_message(self.origin, [part.core for part in batch])
        if not self.history.verifies(envelope.key_id, envelope.signature, message):
            return "its signature is forged or its text was changed"
        return None


def verify_log(
    log: AuditLog,
    connection: Connection,
    keys: Sequence[NoteKey],
    saved: Iterable[str] = (),
    progress: Callable[[int], None] = lambda _done: None,
) -> Verdict:
    """Verify a log in its database against its keys and saved checkpoints.

    Args:
        keys: the log's verifier keys.
        saved: signed checkpoints kept outside the database (the signer's, a witness's, a file).
        progress: called now and then with the number of entries read.
    """
    verdict = Verdict()
    marks = _checkpoints(verdict, [*log.checkpoints(connection), *saved], keys, log.origin)
    reader = _Reader(log.origin, log.force_id)
    edge = Edge(0, ())
    stored = _stored_nodes(log, connection)
    for seq, body in log.entries(connection):
        fault = (
            f"entry {edge.size} is missing"
            if seq != edge.size
            else reader.fault(seq, body) or _leaf_fault(edge, body, stored)
        )
        if fault is not None:
            subject = "" if seq != edge.size else f"entry {seq}: "
            verdict.problems.append(f"{subject}{fault}")
            break
        _compare(verdict, marks, edge)
        if edge.size % PROGRESS_EVERY == 0:
            progress(edge.size)
    verdict.size, verdict.root, verdict.clock_behind = edge.size, edge.root(), reader.behind
    if verdict.good:
        if verdict.size == 0:
            verdict.problems.append("the log is empty: there is nothing to verify")
        _check_end(verdict, marks, reader, log.head(connection).size)
    return verdict


def _checkpoints(
    verdict: Verdict, notes: Sequence[str], keys: Sequence[NoteKey], origin: str
) -> dict[int, set[bytes]]:
    marks: dict[int, set[bytes]] = {}
    for note in notes:
        try:
            found: Checkpoint = open_checkpoint(note, keys)
        except AuditError as error:
            verdict.problems.append(str(error))
            continue
        if found.origin != origin:
            verdict.problems.append(f"a checkpoint is of another log, {found.origin}")
            continue
        marks.setdefault(found.size, set()).add(found.root)
        verdict.checkpoints += 1
    if marks.pop(0, {EMPTY_ROOT}) != {EMPTY_ROOT}:
        verdict.problems.append("the checkpoint of size 0 is not of an empty log")
    return marks


def _stored_nodes(log: AuditLog, connection: Connection) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(
        select(NODES.c.level, NODES.c.position, NODES.c.hash).where(
            NODES.c.force_id == log.force_id
        )
    )
    return {(row.level, row.position): row.hash for row in rows}


def _leaf_fault(edge: Edge, body: bytes, nodes: dict[tuple[int, int], bytes]) -> str | None:
    for level, position, content in edge.append(leaf_hash(body)):
        if nodes.get((level, position)) != content:
            return f"the stored tree disagrees with it at level {level}"
    return None


def _compare(verdict: Verdict, marks: dict[int, set[bytes]], edge: Edge) -> None:
    roots = marks.get(edge.size)
    if roots is None:
        return
    if roots != {edge.root()}:
        verdict.problems.append(
            f"the first {edge.size} entries are not those signed in the checkpoint of that size"
        )
    verdict.covered = edge.size


def _check_end(
    verdict: Verdict, marks: dict[int, set[bytes]], reader: _Reader, head_size: int
) -> None:
    newest = max(marks, default=0)
    if newest > verdict.size:
        verdict.problems.append(
            f"entry {verdict.size} is missing: a checkpoint signed for {newest} entries exists, "
            f"the log holds {verdict.size}: its tail was cut"
        )
    if reader.pending:
        verdict.problems.append(
            f"entry {verdict.size - 1}: the batch it belongs to was never signed"
        )
    if head_size != verdict.size:
        verdict.problems.append(
            f"entry {verdict.size} is missing: the head says {head_size} entries"
        )
