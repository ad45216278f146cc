"""The evidence bundle: a conversation, what the log says of it, and the means to check both.

The texts are opened in the same transaction that records to whom they are disclosed. A checkpoint
is signed before (a log that does not hold is not shown to anyone) and after, so that the
disclosure's own entry is among those proven.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from socialdesk.audit.checkpoint import cosigners, parse_checkpoint
from socialdesk.audit.entry import canonical
from socialdesk.audit.note import NoteKey, parse_note
from socialdesk.audit.proof import Proof
from socialdesk.core.errors import RuleError
from socialdesk.evidence import verifier
from socialdesk.evidence.account import Cover, write_account
from socialdesk.evidence.archive import archive
from socialdesk.evidence.gather import (
    Media,
    Opened,
    Place,
    Written,
    entries_about,
    open_conversation,
    places,
)
from socialdesk.queue.authority import DECIDERS, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer
from socialdesk.store.tables import Conversation

DOMAIN = b"socialdesk/evidence/v1\n"
README = """\
An evidence bundle of socialdesk.

account.html   the conversation and its timeline, for reading
messages/      each message: .text and .raw byte for byte as taken in, .json with times, ids, salt
replies/       each reply or draft at its last wording; notes/ THRIVE assessments and escalations
entries/       log entries, byte for byte; proofs/ ties each to the checkpoint (C2SP tlog-proof)
batches/       the place of entries that a service signed as one
checkpoint     size and root of the whole log, signed by the log and its witnesses; keys/ holds the
               keys to check it with
manifest.json  the SHA-256 of every file; manifest.sig is the signature of the officer who made it

Check it, offline, with Python 3.11 or later and the package cryptography:
    python verify.py BUNDLE.zip --log-key KEY --witness-key KEY
Take verify.py and the keys from the force, the witnesses or the project, not from here: a forger
would change them too.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """Which conversation is bundled, for whom, and why; `media` is what its messages carried."""

    conversation: UUID
    recipient: str
    reason: str
    media: Mapping[UUID, Sequence[Media]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle: its zip, and how many witnesses stand under its checkpoint."""

    content: bytes
    witnessed: int


def make_bundle(desk: Desk, officer: Officer, request: Request) -> Made:
    """Return the bundle, and record it as a disclosure to its recipient.

    Witnesses are asked to cosign; one that is away delays nothing, and the bundle says so.

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
        opened = open_conversation(desk, current, conversation, request.recipient, request.media)
    note = desk.signer().sign(desk.store)
    cosigning = desk.cosigning()
    note = cosigning.collect(desk.store) or note
    witnesses = [witness.key for witness in cosigning.witnesses]
    with desk.store.reading() as session:
        files = _texts(opened) | _log(desk, session, conversation, opened, note)
    files["keys/log.txt"] = _lines(desk.signer().keys.public)
    files["keys/witnesses.txt"] = _lines(witnesses)
    files["verify.py"] = Path(verifier.__file__).read_bytes()
    files["README.txt"] = README.encode()
    content = archive(_signed(desk, officer, request, opened, files))
    return Made(content, len(cosigners(note, witnesses)))


def _texts(opened: Opened) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for one in opened.messages:
        row, name = one.row, f"messages/{one.row.id}"
        told: dict[str, object] = {
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
        told |= {"media": [asdict(part) for part in one.media]} if one.media else {}
        files |= {f"{name}.json": _readable(told)}
        files |= {} if one.text is None else {f"{name}.text": one.text}
        files |= {} if one.raw is None else {f"{name}.raw": one.raw}
    for folder, written in (("replies", opened.replies), ("notes", opened.notes)):
        for text in written:
            files |= _written(f"{folder}/{text.id}", text)
    return files


def _written(name: str, one: Written) -> dict[str, bytes]:
    told: dict[str, object] = {"id": str(one.id), "kind": one.kind, "at": one.at.isoformat()}
    told |= one.facts
    told |= {"salt": base64.b64encode(one.salt).decode()} if one.salt else {}
    files = {f"{name}.json": _readable(told)}
    return files if one.text is None else files | {f"{name}.text": one.text}


def _lines(keys: Iterable[NoteKey]) -> bytes:
    return "".join(f"{key}\n" for key in keys).encode()


def _log(
    desk: Desk,
    session: Session,
    conversation: Conversation,
    opened: Opened,
    note: str,
) -> dict[str, bytes]:
    connection = session.connection()
    size = parse_checkpoint(parse_note(note)[0]).size
    seqs = [seq for seq in entries_about(desk, session, conversation, opened) if seq < size]
    placed = places(desk, session, seqs)
    files = {"checkpoint": note.encode()}
    for seq in sorted({*seqs, *placed}):
        entry, proof = verifier.entry_files(seq)
        files[entry] = desk.log.entry(connection, seq)
        path = tuple(desk.log.inclusion_proof(connection, seq, size))
        files[proof] = str(Proof(seq, path, note)).encode()
        if seq in placed:
            files[f"batches/{seq:012d}.json"] = _place(placed[seq])
    return files


def _place(place: Place) -> bytes:
    path = [base64.b64encode(part).decode() for part in place.path]
    return _readable({"closing": place.closing, "span": place.span, "path": path})


def _signed(
    desk: Desk,
    officer: Officer,
    request: Request,
    opened: Opened,
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
    files |= {"account.html": write_account(cover, opened, cores)}
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
            "quorum": desk.force.quorum,
            "messages": [str(one.row.id) for one in opened.messages],
            "replies": [str(one.id) for one in opened.replies],
            "notes": [str(one.id) for one in opened.notes],
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
