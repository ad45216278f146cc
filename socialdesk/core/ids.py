"""Identifiers: UUIDv7, so that ids sort by the time they were made (RFC 9562 §5.7)."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a fresh UUIDv7."""
    return uuid7()


def first_id_at(moment: datetime) -> UUID:
    """Return the lowest UUIDv7 of a moment: ids made from then on sort after it."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (0x2 << 62))
