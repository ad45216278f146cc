"""Which thread a status is in: Mastodon tells a reply's parent, and the way up only when asked.

A status' root never changes, so what was once found is kept: a walk that is walked again, and the
next message of a thread, need not ask.
"""

from collections import OrderedDict
from collections.abc import Callable

KEPT = 20_000

Ancestors = Callable[[str], list[str] | None]
"""From a status id to the ids above it, the root first; None where the instance will not tell."""


class Roots:
    """Finds and remembers the first visible status of a thread."""

    def __init__(self, ancestors: Ancestors) -> None:
        self._ancestors = ancestors
        self._known: OrderedDict[str, str] = OrderedDict()

    def of(self, remote_id: str, in_reply_to: str | None) -> str:
        """Return the root of a status; the status itself where it answers none, or none is told."""
        if in_reply_to is None:
            return remote_id
        known = self._known.get(remote_id) or self._known.get(in_reply_to)
        if known is None:
            above = self._ancestors(remote_id)
            if above is None:
                return remote_id
            known = above[0] if above else remote_id
            for one in above:
                self._keep(one, known)
        self._keep(remote_id, known)
        return known

    def _keep(self, remote_id: str, root: str) -> None:
        self._known[remote_id] = root
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
