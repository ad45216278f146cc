"""The signature on a partner's request: HMAC-SHA256 (RFC 2104) over what the request says.

Pure: what is signed, how, and whether a signature is right. Who may sign and what was seen before
is decided elsewhere. docs/partners.md describes the same, with a worked example that a test checks.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

SCHEME = "socialdesk/partner/v1"
WINDOW_SECONDS = 300
"""How far a request's time may be from the desk's clock, either way."""

PARTNER_HEADER = "socialdesk-partner"
KEY_HEADER = "socialdesk-key"
TIMESTAMP_HEADER = "socialdesk-timestamp"
NONCE_HEADER = "socialdesk-nonce"
IDEMPOTENCY_HEADER = "idempotency-key"
SIGNATURE_HEADER = "socialdesk-signature"

FORMS = {
    PARTNER_HEADER: r"^[a-z0-9][a-z0-9_-]{0,62}$",
    KEY_HEADER: r"^[A-Za-z0-9_-]{1,32}$",
    TIMESTAMP_HEADER: r"^[1-9][0-9]{0,11}$",
    NONCE_HEADER: r"^[A-Za-z0-9_-]{16,64}$",
    IDEMPOTENCY_HEADER: r"^[A-Za-z0-9._:-]{8,128}$",
    SIGNATURE_HEADER: r"^[0-9a-f]{64}$",
}
"""Each header a request is signed with, and its form (a regular expression of JSON Schema)."""

_NO_SECRET = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a request claims about itself.

    Attributes:
        path: as on the request line, byte for character, with its query where there is one.
        timestamp: seconds since 1970, as written by the sender.
    """

    method: str
    path: str
    partner: str
    key: str
    timestamp: int
    nonce: str
    idempotency_key: str

    def canonical(self, body: bytes) -> bytes:
        """Return what is signed: nine lines, joined by LF, none at the end."""
        lines = (
            SCHEME,
            self.method,
            self.path,
            self.partner,
            self.key,
            str(self.timestamp),
            self.nonce,
            self.idempotency_key,
            sha256(body).hexdigest(),
        )
        return "\n".join(lines).encode("latin-1")


def ill_formed(headers: dict[str, list[str]]) -> str | None:
    """Return the first header that is missing, repeated or of the wrong form; None: all are right.

    Args:
        headers: every value of each header, by lower-case name.
    """
    for name, form in FORMS.items():
        values = headers.get(name, [])
        if len(values) != 1 or not re.fullmatch(form.strip("^$"), values[0]):
            return name
    return None


def claimed(method: str, path: str, headers: dict[str, list[str]]) -> Claimed:
    """Return what a request claims; its headers were found well formed."""
    return Claimed(
        method=method,
        path=path,
        partner=headers[PARTNER_HEADER][0],
        key=headers[KEY_HEADER][0],
        timestamp=int(headers[TIMESTAMP_HEADER][0]),
        nonce=headers[NONCE_HEADER][0],
        idempotency_key=headers[IDEMPOTENCY_HEADER][0],
    )


def sign(request: Claimed, body: bytes, secret: str) -> str:
    """Return the signature, in lower-case hexadecimal; the HMAC's key is the secret's own text."""
    return hmac.new(secret.encode(), request.canonical(body), sha256).hexdigest()


def is_signed(request: Claimed, body: bytes, secret: str | None, signature: str) -> bool:
    """Say whether `signature` is right, in a time that does not depend on it.

    `secret` None (nobody known by that name or key) takes as long as a wrong signature.
    """
    key = _NO_SECRET if secret is None else secret.encode()
    right = hmac.new(key, request.canonical(body), sha256).hexdigest()
    return hmac.compare_digest(right, signature) and secret is not None


def in_time(timestamp: int, now: float) -> bool:
    """Say whether a request's time lies within the window."""
    return abs(now - timestamp) <= WINDOW_SECONDS


def headers_of(request: Claimed, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which a partner sends `body`."""
    return {
        PARTNER_HEADER: request.partner,
        KEY_HEADER: request.key,
        TIMESTAMP_HEADER: str(request.timestamp),
        NONCE_HEADER: request.nonce,
        IDEMPOTENCY_HEADER: request.idempotency_key,
        SIGNATURE_HEADER: sign(request, body, secret),
    }


def grouped(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return every value of each header, by lower-case name."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    return found
