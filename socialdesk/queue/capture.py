"""Capturing a message as evidence: what is kept of it besides its words.

Raw payload byte for byte, canonical link, the author's id on the network, time of capture, the tool
and its version, and hashes (College of Policing, ACPO good practice v5; BS 10008-1). Images and
video are noted here and fetched later, outside intake's transaction.
"""

import json
import secrets
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any
from uuid import UUID

from socialdesk.channels.base import Item, Stream
from socialdesk.channels.registry import capabilities_of
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import encoded
from socialdesk.store.tables import Media
from socialdesk.store.vault import ContactKey

SALT_BYTES = 32
FIRST_RECHECK = timedelta(minutes=15)
MOST_MEDIA = 16
"""Attachments noted of one message: no network allows so many."""


@cache
def tool(channel: str) -> str:
    """Return what captured a message, and its version."""
    return f"socialdesk {version('socialdesk')}, channel {channel}"


def sealed_evidence(item: Item, key: ContactKey) -> dict[str, Any]:
    """Return the columns a message and a later version of it have in common."""
    source = {
        "link": item.link,
        "author_id": item.author.remote_id,
        "author_handle": item.author.handle,
        "author_name": item.author.name,
    }
    return {
        "sealed_text": key.seal(encoded(item.text)),
        "sealed_raw": key.seal(item.raw),
        "sealed_source": key.seal(json.dumps(source).encode()),
        "raw_sha256": sha256(item.raw).digest(),
        "salt": secrets.token_bytes(SALT_BYTES),
    }


def recheck_at(account: Account, item: Item, now: datetime) -> datetime | None:
    """Return when to look whether a message is still there; None where that cannot be seen."""
    if item.outbound or item.stream is Stream.DMS or not capabilities_of(account.channel).rechecks:
        return None
    return now + FIRST_RECHECK


def media_rows(
    force_id: str,
    account: Account,
    item: Item,
    key: ContactKey,
    *,
    message_id: UUID,
    conversation_id: UUID,
    first: int = 0,
) -> list[Media]:
    """Return the images and videos of a message, waiting to be fetched; `first` numbers them on."""
    return [
        Media(
            id=new_id(),
            force_id=force_id,
            account_id=account.id,
            message_id=message_id,
            conversation_id=conversation_id,
            position=first + position,
            state="waiting",
            sealed_link=key.seal(
                json.dumps(
                    {"url": one.url, "kind": one.kind, "description": one.description}
                ).encode()
            ),
        )
        for position, one in enumerate(item.media[:MOST_MEDIA])
    ]
