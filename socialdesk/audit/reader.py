"""One pass over the entries of a log: what each must be, given all that came before it.

`fault` judges one entry, and is the rule. `after` judges a page of them by the same rule at a
third of the price; it only ever says yes, and leaves what it cannot say yes to for `fault`.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from socialdesk.audit.entry import Action, action_message, batch_message
from socialdesk.audit.grammar import Entry, read_entry, what_is_wrong
from socialdesk.audit.history import KeyHistory
from socialdesk.audit.page import Page, read_page

SERVICE_ACTOR = b"service:"
KEY_CHANGE = Action.KEY_CHANGE.value.encode()

Signer = tuple[bytes, bytes]
"""A key's name and the actor that it signs for."""


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
        return self._fault_in_history(entry)

    def after(self, first: int, bodies: Sequence[bytes]) -> "Reader | None":
        """Return this reader as it stands after a page of entries of which the first is `first`.

        None where any of them needs a closer look, by `fault`; this reader has not moved.
        """
        page = read_page(bodies)
        if page is None or not self._in_place(first, page):
            return None
        signers = list(zip(page.key, page.actor, strict=True))
        if any(self._key_fault(signer) for signer in set(signers)):
            return None
        moved = replace(self, batch=[*self.batch], roots=dict(self.roots), time=page.time[-1])
        moved.behind += len(bodies) - page.behind.count(b"")
        return moved if moved._saw(page) and moved._signed(page, signers) else None  # noqa: SLF001 itself, further on

    def _in_place(self, first: int, page: Page) -> bool:
        return (
            list(map(int, page.seq)) == list(range(first, first + len(page.seq)))
            and set(page.force) == {self.force}
            and self.time <= page.time[0]
            and sorted(page.time) == list(page.time)
            and KEY_CHANGE not in page.action
        )

    def _saw(self, page: Page) -> bool:
        seen = groupby(zip(page.seen_size, page.seen_root, strict=True))
        return not any(size and self._seen_fault(size, root) for (size, root), _alike in seen)

    def _signed(self, page: Page, signers: Sequence[Signer]) -> bool:
        start = 0
        for at in [place for place, sig in enumerate(page.sig) if sig]:
            if not self._waits(page.core[start:at], signers[start:at]):
                return False
            if self._signature(page.core[at], signers[at], page.sig[at], page.span[at]):
                return False
            start = at + 1
        return self._waits(page.core[start:], signers[start:])

    def _waits(self, cores: Sequence[bytes], signers: Sequence[Signer]) -> bool:
        """Take acts that wait for their batch's signature: all a service's, under one key."""
        kinds = set(signers)
        keys = {key for key, _actor in kinds} | ({self._batch_key} if self.batch else set())
        if not cores:
            return True
        if len(keys) > 1 or not all(actor.startswith(SERVICE_ACTOR) for _key, actor in kinds):
            return False
        [self._batch_key] = keys
        self.batch += cores
        return True

    def _key_change(self, seq: int, entry: Entry) -> str | None:
        """The first entry brings the key it is signed by; a later one is judged by those before."""
        if seq == 0:
            return self.history.learn(seq, entry) or self._fault_in_history(entry)
        return self._fault_in_history(entry) or self.history.learn(seq, entry)

    def _fault_in_history(self, entry: Entry) -> str | None:
        signer = entry.key, entry.actor
        return (
            self._seen_fault(entry.seen_size, entry.seen_root)
            or self._key_fault(signer)
            or self._signature(entry.core, signer, entry.sig, entry.span)
        )

    def _seen_fault(self, seen_size: bytes | None, seen_root: bytes | None) -> str | None:
        if (seen_size, seen_root) == self._seen or seen_size is None:
            return None
        size = int(seen_size)
        known = self.roots.get(size)
        if known is None:
            return f"it saw a checkpoint of {size} entries, which is no longer there"
        if base64.b64encode(known) != seen_root:
            return f"it saw another checkpoint of {size} entries: the log was rewritten"
        self._seen = (seen_size, seen_root)
        for older in [kept for kept in self.roots if kept < size]:
            del self.roots[older]
        return None

    def _key_fault(self, signer: Signer) -> str | None:
        if signer in self._allowed:
            return None
        key, actor = signer
        fault = self.history.fault(key.decode(), actor.decode())
        if fault is None:
            self._allowed.add(signer)
        return fault

    def _signature(
        self, core: bytes, signer: Signer, sig: bytes | None, span: bytes | None
    ) -> str | None:
        key, actor = signer
        service = actor.startswith(SERVICE_ACTOR)
        if self.batch and (key != self._batch_key or not service):
            return f"it stands inside a batch of {self._batch_key.decode()} that it is not part of"
        if not sig:
            if not service:
                return "it is an officer's act without the officer's signature"
            self._batch_key = key
            self.batch.append(core)
            return None
        if service:
            return self._service_signature(core, key, sig, int(span or 1))
        if span:
            return "it is an officer's act signed as a batch"
        if self.skip_officers:
            self.officers_skipped += 1
            return None
        self.officers_checked += 1
        return self._check(key, sig, action_message(self.origin, core))

    def _service_signature(self, core: bytes, key: bytes, sig: bytes, span: int) -> str | None:
        cores = [*self.batch, core]
        self.batch = []
        if len(cores) != span:
            return f"it closes a batch of {span}, but {len(cores)} stand open"
        message = (
            action_message(self.origin, core) if span == 1 else batch_message(self.origin, cores)
        )
        return self._check(key, sig, message)

    def _check(self, key: bytes, sig: bytes, message: bytes) -> str | None:
        if self.history.verifies(key.decode(), base64.b64decode(sig), message):
            return None
        return "its signature is forged or its text was changed"
