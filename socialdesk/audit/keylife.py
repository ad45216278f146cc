"""What the log says when a key begins or ends: the details of `key_change` entries."""

import base64

from socialdesk.audit.checkpoint import LogKeys
from socialdesk.audit.history import LOG, endorsement_message
from socialdesk.audit.keys import SigningKey


def introduction(key_id: str, public: bytes, owner: str) -> dict[str, str]:
    """Return the details of the entry that brings a key into the log's key history."""
    return {
        "key": key_id,
        "owner": owner,
        "public_key": base64.b64encode(public).decode(),
        "state": "created",
    }


def log_introduction(keys: LogKeys, before: SigningKey | None = None) -> dict[str, str]:
    """Return the details of the entry that brings in the log's own keys.

    Args:
        before: the log key until now, which signs the new pair; None for the first.
    """
    classic = keys.ed25519.public
    lasting = keys.mldsa44.public_key().public_bytes_raw()
    details = introduction(keys.ed25519.key_id, classic, LOG)
    details["public_key_mldsa44"] = base64.b64encode(lasting).decode()
    if before is not None:
        message = endorsement_message(keys.origin, classic, lasting)
        details["endorsement"] = base64.b64encode(before.sign(message)).decode()
    return details


def ending(key_id: str, owner: str, state: str, since: int | None = None) -> dict[str, str | int]:
    """Return the details of the entry that ends a key.

    Args:
        state: "retired" in good order, "revoked" after a theft or loss.
        since: first entry to doubt, where it is known.
    """
    details: dict[str, str | int] = {"key": key_id, "owner": owner, "state": state}
    if since is not None:
        details["since"] = since
    return details
