"""Escrow: signing keys sealed under a passphrase, to be kept far from the desk.

The file is JSON: the key's derivation as for officers' keys (Argon2id), then AES-256-GCM over the
seeds by file name.
"""

import base64
import json
from collections.abc import Mapping

from socialdesk.audit.keys import seal_under, unseal_under
from socialdesk.core.errors import AuditError

FORM = "socialdesk/escrow/v1"


def seal_escrow(seeds: Mapping[str, bytes], passphrase: str) -> bytes:
    """Return the escrow file of these key files, by name."""
    plain = {name: base64.b64encode(seed).decode() for name, seed in sorted(seeds.items())}
    sealed = seal_under(passphrase, json.dumps(plain).encode())
    return json.dumps({"form": FORM, **sealed}, indent=1).encode() + b"\n"


def open_escrow(content: bytes, passphrase: str) -> dict[str, bytes]:
    """Return the key files in an escrow file, by name.

    Raises:
        AuditError: it is no escrow file, or the passphrase is wrong.
    """
    try:
        outer = json.loads(content)
        sealed = {str(outer.pop("form")): outer}[FORM]
        plain = json.loads(unseal_under(passphrase, sealed))
        return {name: base64.b64decode(seed) for name, seed in plain.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AuditError("This is not an escrow file.", todo="Fetch another copy.") from error
