"""The evidence bundle: a conversation, what the log says of it, and the means to check both.

The texts are opened in the same transaction that records to whom they are disclosed. A checkpoint
is signed before (a log that does not hold is not shown to anyone) and after, so that the
disclosure's own entry is among those proven.
"""

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.entry import canonical
from socialdesk.audit.note import parse_note
from socialdesk.core.errors import RuleError
from socialdesk.evidence import verifier
from socialdesk.evidence.account import Cover, write_account
from socialdesk.evidence.archive import archive
from socialdesk.evidence.gather import Captured, Place, entries_about, open_messages, places
from socialdesk.queue.authority import DECIDERS, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import Conversation

DOMAIN = b"socialdesk/evidence/v1\n"
README = """\
An evidence bundle of socialdesk.

account.html   the conversation and its timeline, for reading
messages/      each message: .text and .raw byte for byte as taken in, .json with times, ids, salt
entries/       log entries, byte for byte; proofs/ ties each to the checkpoint (C2SP tlog-proof)
batches/       the place of entries that a service signed as one
checkpoint     size and root of the whole log, signed; keys/ holds the keys to check it with
manifest.json  the SHA-256 of every file; manifest.sig is the signature of the officer who made it

Check it, offline, with Python 3.11 or later and the package cryptography:
    python verify.py BUNDLE.zip --log-key KEY
Take verify.py and KEY from the force or the project, not from here: a forger would change both.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """Which conversation is bundled, for whom, and why."""

    conversation: UUID
    recipient: str
    reason: str


def make_bundle(desk: Desk, officer: Officer, request: Request) -> bytes:
    """Return the bundle's zip, and record it as a disclosure to its recipient.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: no recipient or reason, or no such conversation.
        SignerRefused: the log does not hold; nothing was opened.
    """
    require_role(officer, DECIDERS, "disclose a conversation")
    if not request.recipient.strip() or not request.reason.strip():
        raise RuleError("A disclosure needs a recipient and a reason.")
    desk.signer().sign(desk.store)
    with desk.store.transaction(officer.actor, request.reason) as current:
        conversation = desk.conversation(current.session, request.conversation)
        captured = open_messages(desk, current, conversation, request.recipient)
    note = desk.signer().sign(desk.store)
    with desk.store.reading() as session:
        files = _messages(captured) | _log(desk, session, conversation, captured, note)
    files["verify.py"] = Path(verifier.__file__).read_bytes()
    files["README.txt"] = README.encode()
    return archive(_signed(desk, officer, request, captured, files))


def _messages(captured: list[Captured]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for one in captured:
        row, name = one.row, f"messages/{one.row.id}"
        told = {
            "id": str(row.id),
            "account": row.account_id,
            "stream": row.stream,
            "outbound": row.outbound,
            "network_id": row.remote_id,
            "sent_at": row.sent_at.isoformat(),
            "received_at": row.received_at.isoformat(),
        }
        told |= {"in_reply_to": row.in_reply_to} if row.in_reply_to else {}
        told |= {"reply": str(one.reply)} if one.reply else {}
        told |= {"salt": base64.b64encode(row.salt).decode()} if row.salt else {}
        told |= {"sha256": row.raw_sha256.hex()} if row.raw_sha256 else {}
        files[f"{name}.json"] = _readable(told)
        if one.text is not None:
            files[f"{name}.text"] = one.text
        if one.raw is not None:
            files[f"{name}.raw"] = one.raw
    return files


def _log(
    desk: Desk,
    session: Session,
    conversation: Conversation,
    captured: list[Captured],
    note: str,
) -> dict[str, bytes]:
    connection = session.connection()
    size = parse_checkpoint(parse_note(note)[0]).size
    seqs = [seq for seq in entries_about(desk, session, conversation, captured) if seq < size]
    placed = places(desk, session, seqs)
    keys = [str(key) for key in desk.signer().keys.public]
    files = {"checkpoint": note.encode(), "keys/log.txt": "".join(f"{k}\n" for k in keys).encode()}
    for seq in sorted({*seqs, *placed}):
        entry, proof = verifier.entry_files(seq)
        files[entry] = desk.log.entry(connection, seq)
        files[proof] = proof_file(seq, desk.log.inclusion_proof(connection, seq, size), note)
        if seq in placed:
            files[f"batches/{seq:012d}.json"] = _place(placed[seq])
    return files


def proof_file(index: int, path: list[bytes], note: str) -> bytes:
    """Return a proof as C2SP tlog-proof writes it: index, siblings leaf to root, checkpoint."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}"]
    lines += [base64.b64encode(part).decode() for part in path]
    return ("\n".join(lines) + "\n\n" + note).encode()


def _place(place: Place) -> bytes:
    path = [base64.b64encode(part).decode() for part in place.path]
    return _readable({"closing": place.closing, "span": place.span, "path": path})


def _signed(
    desk: Desk,
    officer: Officer,
    request: Request,
    captured: list[Captured],
    files: dict[str, bytes],
) -> dict[str, bytes]:
    """Add the account, the manifest and the officer's signature over it."""
    cores = [
        json.loads(content)["core"]
        for name, content in sorted(files.items())
        if name.startswith("entries/")
    ]
    disclosure = max(core["seq"] for core in cores if core["action"] == "disclosure")
    now = desk.clock.now()
    cover = Cover(
        desk.force.name,
        str(request.conversation),
        request.recipient,
        request.reason,
        officer.name,
        now,
        files["checkpoint"].decode(),
    )
    files |= {"account.html": write_account(cover, captured, cores)}
    manifest = canonical(
        {
            "format": verifier.FORMAT,
            "origin": desk.log.origin,
            "force": desk.force.id,
            "conversation": str(request.conversation),
            "recipient": request.recipient,
            "reason": request.reason,
            "made_at": now.isoformat(),
            "made_by": officer.actor.id,
            "disclosure": disclosure,
            "messages": [str(one.row.id) for one in captured],
            "entries": [core["seq"] for core in cores],
            "files": {name: sha256(content).hexdigest() for name, content in files.items()},
        }
    )
    signer = officer.actor.signer
    signature = signer.sign(DOMAIN + desk.log.origin.encode() + b"\n" + manifest)
    told = {"key": signer.key_id, "sig": base64.b64encode(signature).decode()}
    return files | {"manifest.json": manifest, "manifest.sig": canonical(told)}


def _readable(told: dict[str, object]) -> bytes:
    return (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()
