"""One pass over the entries of a log: what each must be, given all that came before it."""

import base64
from dataclasses import dataclass, field

from socialdesk.audit.entry import Action, action_message, batch_message
from socialdesk.audit.grammar import Entry, read_entry, what_is_wrong
from socialdesk.audit.history import KeyHistory

SERVICE_ACTOR = b"service:"
KEY_CHANGE = Action.KEY_CHANGE.value.encode()


@dataclass(slots=True)
class Reader:
    """State of one pass over the entries.

    Attributes:
        skip_officers: leave officers' signatures unchecked, and count them.
        roots: root at each checkpoint passed that a later entry may say it saw.
    """

    origin: str
    force: bytes
    history: KeyHistory
    skip_officers: bool = False
    roots: dict[int, bytes] = field(default_factory=dict)
    time: bytes = b""
    behind: int = 0
    officers_checked: int = 0
    officers_skipped: int = 0
    batch: list[bytes] = field(default_factory=list)
    _batch_key: bytes = b""
    _seen: tuple[bytes | None, bytes | None] = (None, None)
    _allowed: set[tuple[bytes, bytes]] = field(default_factory=set)

    def fault(self, seq: int, body: bytes) -> str | None:
        """Say what is wrong with the entry found at `seq`, or None."""
        entry = read_entry(body) if isinstance(body, bytes) else None
        if entry is None:
            return what_is_wrong(body)
        if int(entry.seq) != seq:
            return f"it says it is entry {int(entry.seq)}: moved or replayed"
        if entry.force != self.force:
            return f"it belongs to the log of {entry.force.decode()}"
        if entry.time < self.time:
            return f"its time {entry.time.decode()} is before the entry ahead of it"
        self.time = entry.time
        self.behind += entry.behind is not None
        if entry.action == KEY_CHANGE:
            fault = self._key_change(seq, entry)
            self._allowed.clear()
            return fault
        return self._seen_fault(seq, entry) or self._key_fault(entry) or self._signature(entry)

    def _key_change(self, seq: int, entry: Entry) -> str | None:
        """The first entry brings the key it is signed by; a later one is judged by those before."""
        if seq == 0:
            return (
                self.history.learn(seq, entry) or self._key_fault(entry) or self._signature(entry)
            )
        return (
            self._seen_fault(seq, entry)
            or self._key_fault(entry)
            or self._signature(entry)
            or self.history.learn(seq, entry)
        )

    def _seen_fault(self, seq: int, entry: Entry) -> str | None:
        if (entry.seen_size, entry.seen_root) == self._seen or entry.seen_size is None:
            return None
        size = int(entry.seen_size)
        known = self.roots.get(size)
        if known is None:
            return f"it saw a checkpoint of {size} entries, which is no longer there"
        if base64.b64encode(known) != entry.seen_root:
            return f"it saw another checkpoint of {size} entries: the log was rewritten"
        self._seen = (entry.seen_size, entry.seen_root)
        for older in [kept for kept in self.roots if kept < size]:
            del self.roots[older]
        return None

    def _key_fault(self, entry: Entry) -> str | None:
        pair = (entry.key, entry.actor)
        if pair in self._allowed:
            return None
        fault = self.history.fault(entry.key.decode(), entry.actor.decode())
        if fault is None:
            self._allowed.add(pair)
        return fault

    def _signature(self, entry: Entry) -> str | None:
        service = entry.actor.startswith(SERVICE_ACTOR)
        if self.batch and (entry.key != self._batch_key or not service):
            return f"it stands inside a batch of {self._batch_key.decode()} that it is not part of"
        if entry.sig is None:
            if not service:
                return "it is an officer's act without the officer's signature"
            self._batch_key = entry.key
            self.batch.append(entry.core)
            return None
        if service:
            return self._service_signature(entry, entry.sig)
        if entry.span is not None:
            return "it is an officer's act signed as a batch"
        if self.skip_officers:
            self.officers_skipped += 1
            return None
        self.officers_checked += 1
        return self._check(entry, entry.sig, action_message(self.origin, entry.core))

    def _service_signature(self, entry: Entry, signature: bytes) -> str | None:
        cores = [*self.batch, entry.core]
        self.batch = []
        span = int(entry.span or 1)
        if len(cores) != span:
            return f"it closes a batch of {span}, but {len(cores)} stand open"
        message = (
            action_message(self.origin, entry.core)
            if span == 1
            else batch_message(self.origin, cores)
        )
        return self._check(entry, signature, message)

    def _check(self, entry: Entry, signature: bytes, message: bytes) -> str | None:
        if self.history.verifies(entry.key.decode(), base64.b64decode(signature), message):
            return None
        return "its signature is forged or its text was changed"
