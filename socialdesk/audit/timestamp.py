"""Time-stamps (RFC 3161): a public authority's word on when a checkpoint existed at the latest.

Optional: needs the extra `timestamps`, which is loaded on first use.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType

import requests
from cryptography import x509

from socialdesk.core.errors import AuditError

ANSWER_SECONDS = 20
_ASK = {"Content-Type": "application/timestamp-query"}


def request_timestamp(note: str, url: str) -> bytes:
    """Return an authority's answer (a TimeStampResp, DER) about a signed checkpoint.

    Raises:
        AuditError: the extra is not installed, or the authority is away or refuses.
    """
    client = _client()
    asked = client.TimestampRequestBuilder().data(note.encode()).build()
    try:
        answer = requests.post(url, data=asked.as_bytes(), headers=_ASK, timeout=ANSWER_SECONDS)
        answer.raise_for_status()
        content = answer.content
        granted = client.decode_timestamp_response(content)
    except (requests.RequestException, ValueError) as error:
        raise AuditError(
            f"The time-stamping authority gave no time-stamp: {error}.", todo="Try again later."
        ) from error
    if client.PKIStatus(granted.status) is not client.PKIStatus.GRANTED:
        raise AuditError("The time-stamping authority refused.", todo="Ask its operator why.")
    if granted.tst_info.nonce != asked.nonce:
        raise AuditError("The time-stamp answers another request.", todo="Do not use it.")
    return content


def verify_timestamp(note: str, answer: bytes, roots: Sequence[x509.Certificate]) -> datetime:
    """Return the moment at which an authority under `roots` saw this signed checkpoint.

    Raises:
        AuditError: the extra is not installed, or the time-stamp is not genuine or of another note.
    """
    client = _client()
    builder = client.VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        granted = client.decode_timestamp_response(answer)
        builder.build().verify_message(granted, note.encode())
    except (client.VerificationError, ValueError) as error:
        raise AuditError(
            f"The time-stamp does not hold: {error}.", todo="Keep the file as evidence."
        ) from error
    moment: datetime = granted.tst_info.gen_time
    return moment


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Return the certificates in a PEM file.

    Raises:
        AuditError: there is none.
    """
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AuditError(f"{path} holds no certificate.", todo="Give the root as PEM.") from error


def _client() -> ModuleType:
    try:
        import rfc3161_client  # noqa: PLC0415 an optional extra
    except ModuleNotFoundError as error:
        raise AuditError(
            "Time-stamps need the extra `timestamps`.",
            todo="Install it with: pip install 'socialdesk[timestamps]'",
        ) from error
    return rfc3161_client
