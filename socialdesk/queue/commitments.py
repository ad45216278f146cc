"""Commitments: what binds the log to a text without holding it.

The salt lies with the sealed text and dies with it: then the commitment says nothing of the text
any more. Every text has a salt of its own, so that disclosing one text helps to guess no other.
"""

import secrets
from hmac import digest

SALT_BYTES = 32


def fresh_salt() -> bytes:
    """Return the random salt (32 bytes) of one text."""
    return secrets.token_bytes(SALT_BYTES)


def commitment(salt: bytes | None, plain: bytes) -> bytes:
    """Return HMAC-SHA256(salt, plain), as entries hold it.

    Raises:
        ValueError: there is no salt: a text without one must not be committed to.
    """
    if salt is None:
        raise ValueError("a commitment needs a salt")
    return digest(salt, plain, "sha256")
