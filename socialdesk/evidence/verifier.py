"""Verify an evidence bundle of socialdesk, alone and offline.

    python verify.py bundle.zip [--log-key KEY] [--witness-key KEY]... [--quorum N]

It needs Python 3.11 or later and the package `cryptography`; nothing of socialdesk. Take this file
and the keys (`name+id+base64`) from a source you trust, not from the bundle.

What is checked, in this order:
 1. The archive is plain: no path tricks, no hidden, doubled, linked or packed members.
 2. Every file is listed in manifest.json with its SHA-256, and none is missing or added.
 3. No signature on the checkpoint (C2SP tlog-checkpoint: the log's size and root) is forged, and
    enough witnesses cosigned it (C2SP tlog-cosignature).
 4. Each entry stands in the log at its place: its proof (RFC 9162 2.1.3.2) leads to that root.
 5. Each entry is signed by the key of whoever acted, as the log's own key history tells.
 6. The key that signed the checkpoint is the log's own at that size, as the entries tell from the
    first on; the key you trust is that key, or leads to it by rotations that it signed.
 7. Each text and raw payload is what the log committed to: HMAC-SHA256(salt, bytes) equals the
    newest commitment in a proven entry; and no text that an entry commits to is left out.
 8. The manifest is signed by the officer who made the bundle, and the log records the disclosure.

Verdicts: VERIFIED; ERASED (by an authority that a proven entry names); MISSING; FORGED; UNKNOWN.
Exit status: 0 all is verified or erased; 1 something is forged or missing; 2 it cannot be checked.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:  # an older cryptography: the Ed25519 signature alone is checked, and we say so
    MLDSA44PublicKey = None  # type: ignore[assignment,misc]

VERIFIED, ERASED, MISSING, FORGED, UNKNOWN = "VERIFIED", "ERASED", "MISSING", "FORGED", "UNKNOWN"
FORMAT = "socialdesk-evidence/1"
ENTRY_VERSION = 1
ED25519, COSIGNATURE, MLDSA44 = 1, 4, 6
KINDS = {ED25519: "Ed25519", COSIGNATURE: "cosignature", MLDSA44: "ML-DSA-44"}
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
LARGEST = 2**31
TEXTS = {"message": "messages", "reply": "replies", "note": "notes"}

Json = dict[str, Any]
Found = tuple[str, str]


class Key(NamedTuple):
    """A verifier key (C2SP signed-note)."""

    name: str
    id: bytes
    kind: int
    public: bytes

    def __str__(self) -> str:
        """Return it in words."""
        return f"{shown(self.name)} ({KINDS.get(self.kind, 'unknown kind')}, key {self.id.hex()})"


class Unreadable(Exception):  # noqa: N818 a verdict, not a fault of this program
    """The bundle cannot be checked at all."""


def read_members(path: Path) -> dict[str, bytes]:
    """Return every member of the archive by name; refuse any archive that is not plain."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            _refuse_tricks(infos, path.stat().st_size)
            return {info.filename: archive.read(info) for info in infos}
    except (OSError, zipfile.BadZipFile, RuntimeError, EOFError, struct.error, *MALFORMED) as error:
        raise Unreadable(f"it cannot be read as a whole zip file: {shown(error)}") from error


def _refuse_tricks(infos: list[zipfile.ZipInfo], file_size: int) -> None:
    names = [info.filename for info in infos]
    if not 0 < len(names) < 60_000 or sum(info.file_size for info in infos) > LARGEST:
        raise Unreadable("the archive is empty, or too large to be a bundle")
    if len({name.casefold() for name in names}) != len(names):
        raise Unreadable("the archive holds two files of one name")
    for info in infos:
        kind = info.external_attr >> 16
        if not SAFE_NAME.fullmatch(info.orig_filename):
            raise Unreadable(f"the archive holds a dangerous file name: {shown(info.filename)}")
        packed = info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 or info.extra
        if packed or kind & 0o170000 not in {0, 0o100000}:
            raise Unreadable(f"the archive holds a link or a packed file: {shown(info.filename)}")
    plain = 22 + sum(76 + 2 * len(info.filename) + info.file_size for info in infos)
    if plain != file_size:
        raise Unreadable("the archive holds bytes that belong to no file")


def shown(value: object) -> str:
    """Return any text as harmless ASCII of limited length."""
    return ascii(str(value))[:160]


def parse_json(content: bytes) -> Json:
    """Return a JSON object; refuse doubled keys, which readers understand differently."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key is given twice")
        return dict(pairs)

    if isinstance(found := json.loads(content.decode("utf-8"), object_pairs_hook=once), dict):
        return found
    raise TypeError("it is not an object")


def canonical(value: object) -> bytes:
    """Return RFC 8785 bytes, for the restricted values that entries hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unbase64(text: str) -> bytes:
    """Return the bytes of canonical base64; anything else is refused."""
    if base64.b64encode(content := base64.b64decode(text, validate=True)).decode() != text:
        raise ValueError("base64 that is not canonical")
    return content


def verifies(public: bytes, signature: bytes, message: bytes, kind: Any = Ed25519PublicKey) -> bool:
    """Say whether this key, Ed25519 unless said, made this signature."""
    try:
        kind.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def digest_of(content: bytes) -> str:
    """Return SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def leaf_hash(content: bytes) -> bytes:
    """Return SHA-256(00 || content)."""
    return hashlib.sha256(b"\0" + content).digest()


def root_from_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root that a path leads to from the leaf at `index`, or None where it does not."""
    if not 0 <= index < size or any(len(part) != 32 for part in path):
        return None
    position, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            current = hashlib.sha256(b"\1" + sibling + current).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            current = hashlib.sha256(b"\1" + current + sibling).digest()
        position, last = position >> 1, last >> 1
    return current if last == 0 else None


def parse_key(text: str) -> Key:
    """Return the verifier key written as `name+id+base64`."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    material = unbase64(encoded)
    wanted = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if not name or wanted.hex() != key_id:
        raise ValueError("its id is not its key's")
    return Key(name, wanted, material[0], material[1:])


def _note_signature_verifies(key: Key, body: bytes, text: str, root: bytes, size: int) -> bool:
    if key.kind == ED25519:
        return verifies(key.public, body, text.encode())
    seconds, signature = int.from_bytes(body[:8], "big"), body[8:]
    if key.kind == COSIGNATURE:
        return verifies(key.public, signature, f"cosignature/v1\ntime {seconds}\n{text}".encode())
    if key.kind != MLDSA44 or MLDSA44PublicKey is None:
        return False
    name, origin = key.name.encode(), text.partition("\n")[0].encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", seconds)
    message += bytes([len(origin)]) + origin + struct.pack(">QQ", 0, size) + root
    return verifies(key.public, signature, message, MLDSA44PublicKey)


@dataclass
class Checkpoint:
    """A checkpoint whose signatures by keys we hold are all good; `unchecked` are the others."""

    origin: str
    size: int
    root: bytes
    signers: list[Key]
    unchecked: list[str]


def open_checkpoint(note: str, keys: list[Key]) -> Checkpoint:
    """Read a checkpoint. Any signature by a key we hold must verify (C2SP signed-note)."""
    text, blank, lines = note.rpartition("\n\n")
    parts = (text + "\n").split("\n")
    if not blank or not lines.endswith("\n") or len(parts) != 4 or parts[3]:
        raise ValueError("it is not a checkpoint")
    size, root = int(parts[1]), unbase64(parts[2])
    if str(size) != parts[1] or len(root) != 32:
        raise ValueError("it is not a checkpoint")
    found = Checkpoint(parts[0], size, root, [], [])
    for line in lines[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        body = unbase64(encoded)
        if dash != "\u2014" or len(body) < 5:
            raise ValueError("a signature line is malformed")
        known = [key for key in keys if (key.name, key.id) == (name, body[:4])]
        for key in known:
            if key.kind == MLDSA44 and MLDSA44PublicKey is None:
                found.unchecked.append(f"ML-DSA-44 by {shown(name)}: needs a newer cryptography")
            elif not _note_signature_verifies(key, body[4:], text + "\n", root, size):
                raise ValueError(f"the signature by {shown(name)} is forged")
            else:
                found.signers.append(key)
        if not known:
            found.unchecked.append(f"{shown(name)}, key {body[:4].hex()}: no such key is at hand")
    return found


def tried(check: Callable[..., Found | None], *about: Any) -> Found | None:
    """Return what a check says; content that it cannot even read is forged."""
    try:
        return check(*about)
    except MALFORMED as error:
        return FORGED, f"it is malformed ({shown(error)})"


@dataclass
class LogKey:
    """A pair of the log's keys: signs checkpoints of more than `since`, up to `until` entries."""

    ed25519: bytes
    mldsa44: bytes
    since: int
    until: int | None
    endorsed: bool


class KeyHistory:
    """The keys that may sign at one point of the log, as its entries have told so far."""

    def __init__(self, origin: str) -> None:
        self.origin = origin.encode()
        self.keys: dict[str, tuple[str, bytes]] = {}
        self.log_keys: list[LogKey] = []

    def learn(self, seq: int, actor: str, details: Json) -> None:
        """Take in a key that an entry introduces or ends: one's own, or the service does it."""
        name, state, owner = details.get("key"), details.get("state"), str(details.get("owner"))
        if owner != actor and not actor.startswith("service:"):
            raise ValueError("it changes a key that is not its actor's own")
        if state == "created":
            public = unbase64(details["public_key"])
            swapped = owner not in {actor, "service"} and owner in dict(self.keys.values())
            if swapped or digest_of(public)[:16] != name or name in self.keys:
                raise ValueError("it brings a key that is not the one it names, or swaps one")
            if owner == "log":
                self._learn_log_key(seq, public, details)
            else:
                self.keys[name] = (owner, public)
        elif state in {"retired", "revoked"} and owner == "log":
            self.log_keys[-1].until = seq
        elif state in {"retired", "revoked"}:
            self.keys[str(name)] = ("", b"")

    def _learn_log_key(self, seq: int, public: bytes, details: Json) -> None:
        """A key in use must sign the one that follows it; after a theft it cannot."""
        lasting = unbase64(details["public_key_mldsa44"])
        before = self.log_keys[-1] if self.log_keys else None
        endorsed = before is None
        if before is not None and before.until is None:
            message = b"socialdesk/log-key/v1\n" + self.origin + b"\n" + public + lasting
            if not verifies(before.ed25519, unbase64(details["endorsement"]), message):
                raise ValueError("it brings a log key that the one before did not sign")
            endorsed, before.until = True, seq
        self.log_keys.append(LogKey(public, lasting, seq if before else 0, None, endorsed))

    def may_sign(self, name: str, actor: str) -> bytes | None:
        """Return the public key if it may sign for this actor now."""
        owner, public = self.keys.get(name, ("", b""))
        lawful = owner == ("service" if actor.startswith("service:") else actor)
        return public if lawful and public else None

    def checkpoint_fault(self, checkpoint: Checkpoint, trusted: Key | None) -> Found | None:
        """Say what speaks against the key that signed the checkpoint, or None."""
        size, origin = checkpoint.size, checkpoint.origin
        lineage = [key for key in self.log_keys if key.since < size]
        if not lineage or (lineage[-1].until or size) < size:
            return MISSING, "no proven entry says which key was the log's then"
        if lineage[-1].ed25519 not in {k.public for k in checkpoint.signers if k.name == origin}:
            return FORGED, "it is not signed by the key that its entries say was the log's then"
        while trusted and trusted.public not in {lineage[-1].ed25519, lineage[-1].mldsa44}:
            latest = lineage.pop()
            if not lineage:
                return FORGED, f"{trusted} is no key of this log, then or before"
            if not latest.endorsed:
                return UNKNOWN, f"{trusted} did not sign the key that followed it"
        named = trusted is None or trusted.name == origin
        return None if named else (FORGED, f"{trusted} names another log")


class Bundle:
    """One bundle being checked: what was read, what was found, and what is still to be said."""

    def __init__(self, files: dict[str, bytes], log_key: str | None, witnesses: list[str]) -> None:
        self.files = files
        self.trusted = (log_key, witnesses)
        self.findings: list[tuple[str, str, str]] = []
        self.cores: dict[int, Json] = {}

    def say(self, what: str, check: Callable[..., Found | None], *about: Any) -> None:
        """Run a check and note its verdict."""
        verdict, why = tried(check, *about) or (VERIFIED, "")
        self.findings.append((verdict, what, why))

    def check(self, quorum: int | None) -> None:
        """Run every check; a bundle without a readable manifest or checkpoint is unreadable."""
        try:
            self.manifest = parse_json(self.files["manifest.json"])
            seqs = [int(seq) for seq in self.manifest["entries"]]
            listed = {(kind, str(name)) for kind in TEXTS.values() for name in self.manifest[kind]}
            self.subject = f"conversation:{self.manifest['conversation']}"
            files = dict(self.manifest["files"])
            if self.manifest["format"] != FORMAT or not seqs or seqs != sorted(set(seqs)):
                raise ValueError(f"it is not of format {FORMAT}, or lists no entries in order")
            self._open_checkpoint()
        except MALFORMED as error:
            raise Unreadable(f"its manifest, checkpoint or a key fails: {shown(error)}") from error
        self._check_files(files)
        self.say("the witnesses", self._check_witnesses, quorum)
        self._learn_from(seqs)
        self.say("the checkpoint", self._check_checkpoint)
        self.committed = self._commitments()
        for kind, name in sorted(listed | set(self.committed)):
            self.say(f"{kind}/{shown(name)[1:-1]}", self._check_text, kind, name)
        self.say("manifest.json", self._check_signature)
        self.say("the disclosure", self._check_disclosure)

    def _check_files(self, listed: Json) -> None:
        present = set(self.files) - {"manifest.json", "manifest.sig"}
        for name in sorted(present | set(listed)):
            if name not in present:
                self.findings.append((MISSING, f"file {shown(name)}", "the manifest lists it"))
            elif listed.get(name) != digest_of(self.files[name]):
                why = "its SHA-256 differs" if name in listed else "the manifest does not list it"
                self.findings.append((FORGED, f"file {shown(name)}", why))

    def _open_checkpoint(self) -> None:
        log, witnesses = (
            self.files[f"keys/{name}.txt"].decode().splitlines() for name in ("log", "witnesses")
        )
        self.log_key = parse_key(self.trusted[0]) if self.trusted[0] else None
        self.witnesses = [parse_key(text) for text in self.trusted[1] or witnesses]
        self.note = self.files["checkpoint"].decode()
        keys = {*map(parse_key, log), *self.witnesses, self.log_key}
        self.checkpoint = open_checkpoint(self.note, [key for key in keys if key])
        self.history = KeyHistory(self.checkpoint.origin)

    def _check_witnesses(self, quorum: int | None) -> Found:
        wanted = int(self.manifest["quorum"]) if quorum is None else quorum
        kinds, origin = {COSIGNATURE, MLDSA44}, self.checkpoint.origin
        known = {key for key in self.witnesses if key.kind in kinds and key.name != origin}
        names = {key.name for key in known & set(self.checkpoint.signers)}
        said = f"{len(names)} of {len({key.name for key in known})} cosigned it, {wanted} demanded"
        return (MISSING if len(names) < wanted else VERIFIED), said

    def _check_checkpoint(self) -> Found:
        if self.checkpoint.origin != self.manifest.get("origin"):
            return FORGED, "it is of another log than the manifest names"
        fault = self.history.checkpoint_fault(self.checkpoint, self.log_key)
        signers = ", ".join(sorted({str(key) for key in self.checkpoint.signers}))
        return fault or (VERIFIED, f"of {self.checkpoint.size} entries, signed by {signers}")

    def _learn_from(self, seqs: list[int]) -> None:
        """Check the entries in the log's order: signatures depend on the keys known by then."""
        bad = {seq: tried(self._place_fault, seq) for seq in seqs}
        last = ""
        for seq in seqs:
            verdict, why = bad[seq] or tried(self._signature_fault, seq, last) or (VERIFIED, "")
            if verdict == VERIFIED:
                core = self.cores[seq]["core"]
                last = str(core["time"])
                why = f"{last} {core['action']} of {core['subject']} by {core['actor']['id']}"
            else:
                self.cores.pop(seq, None)
            self.findings.append((verdict, f"entry {seq}", shown(why)[1:-1]))

    def _place_fault(self, seq: int) -> Found | None:
        body, proof = (self.files.get(name) for name in entry_files(seq))
        if body is None or proof is None:
            return MISSING, "the entry or its proof is not in the bundle"
        whole = parse_json(body)
        if (version := shown(whole["core"].get("v"))) != shown(ENTRY_VERSION):
            return UNKNOWN, f"its version {version} is not known here: use a newer verify.py"
        if canonical(whole) != body:
            return FORGED, "its bytes are not canonical"
        head, _, note = proof.decode().partition("\n\n")
        form, index, *path = head.split("\n")
        if (form, index, note) != ("c2sp.org/tlog-proof@v1", f"index {seq}", self.note):
            return FORGED, "its proof is another entry's, or to another checkpoint"
        hashes, there = [unbase64(line) for line in path], self.checkpoint
        if root_from_path(leaf_hash(body), seq, there.size, hashes) != there.root:
            return FORGED, "it is not what the log holds at that place"
        if whole["core"]["seq"] != seq or whole["core"]["force"] != self.manifest["force"]:
            return FORGED, "it says it is another entry, or of another force"
        self.cores[seq] = whole
        return None

    def _signature_fault(self, seq: int, last: str) -> Found | None:
        whole = self.cores[seq]
        core, name, changes = whole["core"], whole["key"], whole["core"]["action"] == "key_change"
        actor = str(core["actor"]["id"])
        if str(core["time"]) < last:
            return FORGED, "its time is before the entry ahead of it"
        if changes and seq == 0:
            self.history.learn(seq, actor, core["details"])
        public = self.history.may_sign(name, actor)
        if public is None:
            return FORGED, f"key {shown(name)} may not sign for {shown(actor)} there"
        if "sig" in whole and "span" not in whole:
            message = b"socialdesk/action/v1\n" + self.history.origin + b"\n" + canonical(core)
            signature = unbase64(whole["sig"])
        else:
            signature, message = self._batch(seq, whole, actor)
        if not verifies(public, signature, message):
            return FORGED, "its signature is not that of whoever it says acted"
        if changes and seq > 0:
            self.history.learn(seq, actor, core["details"])
        return None

    def _batch(self, seq: int, whole: Json, actor: str) -> tuple[bytes, bytes]:
        """Return the signature over a service's batch, and the message it covers."""
        place = parse_json(self.files[f"batches/{seq:012d}.json"])
        closing, span = int(place["closing"]), int(place["span"])
        last = self.cores[closing]
        if not actor.startswith("service:") or last["span"] != span or last["key"] != whole["key"]:
            raise ValueError("it is no part of that batch")
        leaf, path = leaf_hash(canonical(whole["core"])), [unbase64(x) for x in place["path"]]
        root = root_from_path(leaf, seq - (closing - span + 1), span, path)
        if root is None:
            raise ValueError("its place in the batch is not proven")
        message = b"socialdesk/batch/v1\n" + self.history.origin + b"\n" + root
        return unbase64(last["sig"]), message

    def _cores(self) -> list[Json]:
        return [self.cores[seq]["core"] for seq in sorted(self.cores)]

    def _commitments(self) -> dict[tuple[str, str], list[Json]]:
        """Return the proven entries that commit to a text, in order, by what text it is."""
        found: dict[tuple[str, str], list[Json]] = {}
        for core in self._cores():
            kind, _, name = str(core["subject"]).partition(":")
            if kind == "conversation":
                kind, details = "note", core.get("details", {})
                name = str(details.get("thrive") or details.get("escalation"))
            if "commitments" in core and kind in TEXTS:
                found.setdefault((TEXTS[kind], name), []).append(core)
        return found

    def _check_text(self, kind: str, name: str) -> Found:
        """Hold a message, reply or note against the newest entry that commits to it."""
        if f"{kind}/{name}.json" not in self.files:
            return MISSING, "an entry commits to it, and it is not in the bundle"
        facts = parse_json(self.files[f"{kind}/{name}.json"])
        if facts["id"] != name:
            return FORGED, "it is another"
        text, raw = (self.files.get(f"{kind}/{name}.{part}") for part in ("text", "raw"))
        if text is None:
            return self._check_erased(kind, name)
        approved = ("replies", str(facts.get("reply")))
        proven = self.committed.get((kind, name)) or self.committed.get(approved)
        if not proven:
            return MISSING, "no proven entry commits to its text"
        salt, kept, seq = unbase64(facts["salt"]), proven[-1]["commitments"], proven[-1]["seq"]
        if committed(salt, text) != kept["text"]:
            return FORGED, "its text is not what the log committed to last"
        if raw is None and "raw" not in kept:
            return VERIFIED, f"as in entry {seq}"
        if raw is None:
            return MISSING, "its raw payload is not in the bundle"
        if committed(salt, raw) != kept.get("raw") or digest_of(raw) != facts["sha256"]:
            return FORGED, "its raw payload is not what the log committed to"
        return VERIFIED, f"text and raw payload as in entry {seq}"

    def _check_erased(self, kind: str, name: str) -> Found:
        for core in self._cores():
            act, why = (core["action"], core["subject"]), core.get("details", {})
            if act == ("erasure", self.subject) and (kind != "messages" or name in why["messages"]):
                who = shown(f"{core['actor']['id']} under {why['authority']}")
                return ERASED, f"by {who}, entry {core['seq']}"
        return MISSING, "its text is not in the bundle, and no proven entry says it was erased"

    def _check_signature(self) -> Found:
        signed, maker = parse_json(self.files["manifest.sig"]), self.manifest["made_by"]
        public = self.history.may_sign(signed["key"], maker)
        message = b"socialdesk/evidence/v1\n" + self.history.origin + b"\n"
        message += self.files["manifest.json"]
        if public is None or not verifies(public, unbase64(signed["sig"]), message):
            return FORGED, "it is not signed by the officer it names"
        return VERIFIED, f"signed by {shown(maker)}"

    def _check_disclosure(self) -> Found:
        recipient, maker = self.manifest["recipient"], self.manifest["made_by"]
        for core in self._cores():
            act = core["action"], core["subject"], core.get("recipients"), core["actor"]["id"]
            named = core["seq"] == self.manifest["disclosure"]
            if named and act == ("disclosure", self.subject, [recipient], maker):
                return VERIFIED, f"recorded in entry {core['seq']}"
        return MISSING, "no proven entry records that this was disclosed to this recipient"


def entry_files(seq: int) -> tuple[str, str]:
    """Return the names of an entry's file and of its proof's."""
    return f"entries/{seq:012d}.json", f"proofs/{seq:012d}.tlog-proof"


def committed(salt: bytes, content: bytes) -> str:
    """Return the commitment to `content`, as entries write it."""
    return base64.b64encode(hmac.digest(salt, content, "sha256")).decode()


BAD = (
    (FORGED, 1, "NOT VALID: something was forged or changed."),
    (MISSING, 1, "NOT COMPLETE: something is missing."),
    (UNKNOWN, 2, "NOT CHECKED: something cannot be checked here."),
)
PROVES = """\
What a good result proves: these entries stand in the log at these places and were signed by these
keys; the messages, replies and notes are byte for byte what the desk took in or an officer wrote.
What the .json files and account.html say besides (times, network ids, media) stands under the
signature of the officer who made the bundle alone.
What it does not prove: that an entry or a message was true, who held the writer's account, that
an act nobody logged did not happen, that a key had not been ended by an entry left out here, or
that the log holds no further entries: for that, verify the whole log. Times are the desk's."""
WITHIN = """\
The key of the OWNER was taken from the bundle itself, which a forger could have made: get it from
its owner, and give it with --OWNER-key.

"""


def report(bundle: Bundle) -> int:
    """Write the verdicts in words and return the exit status."""
    for verdict, what, why in bundle.findings:
        sys.stdout.write(f"{verdict:8} {what}{': ' if why else ''}{why}\n")
    for line in bundle.checkpoint.unchecked:
        sys.stdout.write(f"UNCHECKED a signature on the checkpoint by {line}\n")
    sys.stdout.write(f"\n{PROVES}\n\n")
    if bundle.log_key is None:
        sys.stdout.write(WITHIN.replace("OWNER", "log"))
    if bundle.witnesses and not bundle.trusted[1]:
        sys.stdout.write(WITHIN.replace("OWNER", "witness"))
    verdicts = {verdict for verdict, _what, _why in bundle.findings}
    for bad, status, words in BAD:
        if bad in verdicts:
            sys.stdout.write(f"RESULT: {words}\n")
            return status
    erased = " Some texts were erased by authority." if ERASED in verdicts else ""
    sys.stdout.write(f"RESULT: everything in this bundle is verified.{erased}\n")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle named on the command line."""
    parser = argparse.ArgumentParser(description="Verify an evidence bundle of socialdesk.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--log-key", help="the log's verifier key, from a source you trust")
    parser.add_argument("--witness-key", action="append", default=[], help="a witness's, likewise")
    parser.add_argument("--quorum", type=int, help="how many witnesses you demand")
    given = parser.parse_args(arguments)
    try:
        bundle = Bundle(read_members(given.bundle), given.log_key, given.witness_key)
        bundle.check(given.quorum)
    except Unreadable as error:
        sys.stdout.write(f"RESULT: NOT CHECKED: {error}.\n")
        return 2
    return report(bundle)


if __name__ == "__main__":
    sys.exit(main())
