"""A conversation with a whole life, told to the log and cosigned, for tests of its bundle."""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from socialdesk.audit.checkpoint import Checkpoint, parse_checkpoint
from socialdesk.audit.cosigning import WitnessKey
from socialdesk.audit.entry import canonical
from socialdesk.audit.note import parse_note
from socialdesk.channels.base import Receipt
from socialdesk.classify.assessment import Urgency
from socialdesk.evidence import verifier
from socialdesk.evidence.archive import archive
from socialdesk.evidence.bundle import DOMAIN, Request, make_bundle
from socialdesk.evidence.gather import Media
from socialdesk.queue import acts, claims, delivery, replies
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer, Role, add_person, sign_in
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from tests.desks import PASSPHRASE, START, hear, make_officer, post

HOSTILE = "<script>alert(1)</script> \x1b]0;x\x07 \u202egnihtemos </td> & \ud800"
Files = dict[str, bytes]


class Case:
    """The conversation, who answered it, its desk and the desk's witnesses."""

    def __init__(self, desk: Desk, witnesses: list[WitnessKey]) -> None:
        self.desk, self.witnesses = desk, witnesses
        self.officer: Officer = make_officer(desk)
        add_person(desk, "sam", "Sam Field", Role.SUPERVISOR, PASSPHRASE)
        self.chief: Officer = sign_in(desk, "sam", PASSPHRASE)
        self.conversation = self._heard()
        self._answered()
        self.key = str(desk.signer().keys.public[0])
        self.bundle = b""

    def _heard(self) -> UUID:
        mine = [post("he has a knife", thread="t"), post(HOSTILE, thread="t")]
        hear(self.desk, *mine, *(post(f"other {n}", handle=f"h{n}") for n in range(5)))
        found = lines(self.desk, self.officer, order(self.desk, self.officer, Query()))
        return next(one for one, line in found.items() if line.handle == "jo")

    def _answered(self) -> None:
        desk, officer, conversation = self.desk, self.officer, self.conversation
        claims.claim(desk, officer, conversation)
        grade = acts.ThriveNote(Urgency.IMMEDIATE, "a knife, and children in the house")
        acts.assess(desk, officer, conversation, grade)
        acts.escalate(desk, officer, conversation, "dispatch", "send a car to her")
        draft = replies.begin_draft(desk, officer, conversation)
        replies.save_draft(desk, officer, draft, "We are coming, you fool.")
        replies.submit(desk, officer, draft, "We are on our way.")
        outbox = desk.service("outbox")
        due = delivery.take_next(desk, outbox, "northshire-x")
        assert due is not None
        delivery.published(desk, outbox, due.reply_id, Receipt("900", START), found=False)
        unsent = replies.begin_draft(desk, officer, conversation)
        replies.save_draft(desk, officer, unsent, "And another thing")
        replies.save_draft(desk, officer, unsent, "And another thing: lock the door.")
        replies.abandon(desk, officer, unsent)
        open_thread(desk, officer, conversation)
        acts.close(desk, officer, conversation, "incident_created")

    def make(self, media: Mapping[UUID, Sequence[Media]] | None = None) -> bytes:
        """Return a bundle of it; `media` is what its messages carried."""
        request = Request(self.conversation, "Defence Ltd", "CPIA disclosure 12", media or {})
        return make_bundle(self.desk, self.chief, request).content

    def resealed(self, files: Files, **changes: object) -> bytes:
        """Return these files as a bundle that the officer who makes bundles has signed again.

        Whoever signs bundles can list and sign anything; what the log holds must still refuse it.
        """
        manifest = json.loads(files["manifest.json"]) | changes
        inside = {name for name in files if not name.startswith("manifest.")}
        manifest["files"] = {name: sha256(files[name]).hexdigest() for name in inside}
        body = canonical(manifest)
        signer = self.chief.actor.signer
        signature = signer.sign(DOMAIN + self.desk.log.origin.encode() + b"\n" + body)
        told = {"key": signer.key_id, "sig": base64.b64encode(signature).decode()}
        return archive(files | {"manifest.json": body, "manifest.sig": canonical(told)})


def with_note(files: Files, note: str) -> Files:
    """Return the files with another checkpoint in all places."""
    old = files["checkpoint"]
    return {
        name: content.replace(old, note.encode()) if name.startswith("proofs/") else content
        for name, content in files.items()
    } | {"checkpoint": note.encode()}


def checkpoint_of(files: Files) -> Checkpoint:
    """Return the checkpoint in a bundle."""
    return parse_checkpoint(parse_note(files["checkpoint"].decode())[0])


def members(bundle: bytes) -> Files:
    """Return what a bundle holds, by name."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def named(files: Files, wanted: Callable[[str], bool]) -> str:
    """Return the first name that is wanted."""
    return next(name for name in sorted(files) if wanted(name))


def verdict(content: bytes, folder: Path, *arguments: str) -> int:
    """Return the exit status of the stand-alone verifier."""
    path = folder / "bundle.zip"
    path.write_bytes(content)
    return verifier.main([str(path), *arguments])
