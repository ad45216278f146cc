"""An item as it is kept: its own bytes and, after a line's end, those of what it cannot do without.

That is on X its author's profile, on Bluesky the conversation that a message stands in.
"""

from collections.abc import Callable

from socialdesk.channels.base import Item, Rejected
from socialdesk.channels.members import Unfit
from socialdesk.channels.slices import Slice, document

Read = Callable[[Slice, Slice | None], Item]
"""From an item, and what is kept beside it, to what it says; raises Unfit."""


def joined(piece: Slice, beside: Slice | None) -> bytes:
    """Return what is kept of an item."""
    return piece.as_bytes() + (b"\n" + beside.as_bytes() if beside else b"")


def understood(raw: bytes, read: Read) -> Item | Rejected:
    """Read again an item as it was kept; bytes still not understood come back with the reason."""
    try:
        return read(*_parted(raw))
    except Unfit as unfit:
        return Rejected(raw, str(unfit))
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        return Rejected(raw, f"not a JSON object as the network writes it ({type(error).__name__})")


def _parted(raw: bytes) -> tuple[Slice, Slice | None]:
    whole, _, beside = raw.partition(b"\n{")
    try:
        return document(whole), document(b"{" + beside) if beside else None
    except ValueError:
        return document(raw), None
