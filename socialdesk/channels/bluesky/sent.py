"""Is this on Bluesky the reply that we sent? Pure comparison; Bluesky changes no text."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from socialdesk.channels.base import Item, Outgoing
from socialdesk.channels.bluesky.parse import part
from socialdesk.channels.members import text_of, when
from socialdesk.channels.readback import earliest


def is_the_message(item: Item, outgoing: Outgoing) -> bool:
    """Say whether a private message is `outgoing`."""
    return (
        item.outbound
        and item.created_at >= earliest(outgoing)
        and item.contact_id == outgoing.contact_id
        and comparable(item.text) == comparable(outgoing.text)
    )


def is_the_record(record: Mapping[str, Any], outgoing: Outgoing) -> bool:
    """Say whether the record under the reply's own key is `outgoing`.

    Another reply under this key was never ours to send; the key stays taken, so that saying no here
    can make no second post.

    Raises:
        Unfit: the record is not a reply.
    """
    parent = text_of(part(part(record, "reply"), "parent"), "uri")
    return (
        comparable(text_of(record, "text")) == comparable(outgoing.text)
        and parent == outgoing.in_reply_to
        and parent.startswith(f"at://{outgoing.contact_id}/")
        and when(record, "createdAt") >= earliest(outgoing)
    )


def comparable(text: str) -> str:
    """Return a text in one of its equal spellings."""
    return " ".join(unicodedata.normalize("NFC", text).split())
