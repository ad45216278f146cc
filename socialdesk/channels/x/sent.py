"""Is this message on X the reply that we sent? Pure comparison after what X is known to change.

X puts the @name of the person answered before a reply, turns links into t.co links, writes `&`, `<`
and `>` as entities (undone by `parse`), trims and normalises the text.
"""

import re
import unicodedata
from datetime import UTC, datetime

from socialdesk.channels.base import Item, Outgoing, Stream
from socialdesk.channels.readback import earliest
from socialdesk.channels.x.length import LINK

_EPOCH_MS = 1_288_834_974_657
_SEQUENCE_BITS = 22
_LEADING_NAMES = re.compile(r"^(?:@\w{1,20}\s+)+")


def is_the_same(item: Item, outgoing: Outgoing) -> bool:
    """Say whether `item`, read from X, is `outgoing`."""
    return (
        item.outbound
        and item.created_at >= earliest(outgoing)
        and item.contact_id == outgoing.contact_id
        and (outgoing.stream is Stream.DMS or item.in_reply_to == outgoing.in_reply_to)
        and comparable(item.text) == comparable(outgoing.text)
    )


def comparable(text: str) -> str:
    """Return what is left of a text when all that X may change is taken away."""
    normal = unicodedata.normalize("NFC", text).strip()
    unaddressed = _LEADING_NAMES.sub("", normal)
    return " ".join(LINK.sub("⟨link⟩", unaddressed).split())


def moment_of(remote_id: str) -> datetime:
    """Return when X gave out an id: the milliseconds above its 22 lowest bits, from X's epoch.

    X's answer to a send carries no time. Source: Snowflake, as X announced and published it.
    """
    milliseconds = (int(remote_id) >> _SEQUENCE_BITS) + _EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
