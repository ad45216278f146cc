"""Verify an evidence bundle of socialdesk, alone and offline.

    python verify.py bundle.zip [--log-key 'name+id+base64']

It needs Python 3.11 or later and the package `cryptography`; nothing of socialdesk. Take this file
and the log's key from a source you trust, not from the bundle.

What is checked, in this order:
 1. The archive is plain: no path tricks, no hidden, doubled, linked or packed members.
 2. Every file is listed in manifest.json with its SHA-256, and none is missing or added.
 3. The checkpoint (C2SP tlog-checkpoint: size and root of the log) is signed by the log's key.
 4. Each entry stands in the log at its place: its proof (RFC 9162 2.1.3.2) leads to that root.
 5. Each entry is signed by the key of whoever acted, as the log's own key history tells.
 6. Each message's text and raw payload are those the log committed to when they came in:
    HMAC-SHA256(salt, bytes) equals the commitment in a proven entry.
 7. The manifest is signed by the officer who made the bundle.

Verdicts: VERIFIED; ERASED (by an authority that a proven entry names); MISSING; FORGED; UNKNOWN
(a version not known here). Exit status: 0 all is verified or erased; 1 something is
forged or missing; 2 it cannot be checked.
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
from functools import partial
from pathlib import Path
from typing import Any

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
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


Json = dict[str, Any]
Key = tuple[str, bytes, int, bytes]


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
    if not names:
        raise Unreadable("the archive is empty")
    if len(names) > 60_000 or sum(info.file_size for info in infos) > 2**31:
        raise Unreadable("the archive is too large to be a bundle")
    if len({name.casefold() for name in names}) != len(names):
        raise Unreadable("the archive holds two files of one name")
    for info in infos:
        kind = info.external_attr >> 16
        if not SAFE_NAME.fullmatch(info.orig_filename):
            raise Unreadable(f"the archive holds a dangerous file name: {shown(info.filename)}")
        if kind & 0o170000 not in {0, 0o100000}:
            raise Unreadable(f"the archive holds a link or device: {shown(info.filename)}")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 or info.extra:
            raise Unreadable(f"the archive holds a packed file: {shown(info.filename)}")
    plain = 22 + sum(76 + 2 * len(info.filename) + info.file_size for info in infos)
    if plain != file_size:
        raise Unreadable("the archive holds bytes that belong to no file")


def shown(value: object) -> str:
    """Return any text as harmless ASCII of limited length."""
    return ascii(str(value))[:160]


def parse_json(content: bytes) -> Json:
    """Return a JSON object; refuse doubled keys, which readers understand differently."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a key is given twice")
        return members

    if isinstance(found := json.loads(content.decode("utf-8"), object_pairs_hook=once), dict):
        return found
    raise TypeError("it is not an object")


def canonical(value: object) -> bytes:
    """Return RFC 8785 bytes, for the restricted values that entries hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unbase64(text: str) -> bytes:
    """Return the bytes of canonical base64; anything else is refused."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise ValueError("base64 that is not canonical")
    return content


def ed25519_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether this Ed25519 key made this signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


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
    """Return (name, id, kind, public key) of a verifier key `name+id+base64`."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    material = unbase64(encoded)
    wanted = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if not name or wanted.hex() != key_id:
        raise ValueError("its id is not its key's")
    return name, wanted, material[0], material[1:]


def _note_signature_verifies(key: Key, body: bytes, text: str, root: bytes, size: int) -> bool:
    name, _key_id, kind, public = key
    if kind == ED25519:
        return ed25519_verifies(public, body, text.encode())
    seconds, signature = int.from_bytes(body[:8], "big"), body[8:]
    if kind == COSIGNATURE:
        message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        return ed25519_verifies(public, signature, message)
    if kind != MLDSA44 or MLDSA44PublicKey is None:
        return False
    origin = text.partition("\n")[0].encode()
    message = b"subtree/v1\n\0" + bytes([len(name.encode())]) + name.encode()
    message += struct.pack(">QB", seconds, len(origin)) + origin + struct.pack(">QQ", 0, size)
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message + root)
    except (InvalidSignature, ValueError):
        return False
    return True


def open_checkpoint(note: str, keys: list[Key]) -> tuple[str, int, bytes, list[str]]:
    """Return (origin, size, root, who signed). Any signature by a key we hold must verify."""
    text, blank, lines = note.rpartition("\n\n")
    parts = (text + "\n").split("\n")
    if not blank or not lines.endswith("\n") or len(parts) != 4 or parts[3]:
        raise ValueError("it is not a checkpoint")
    size, root = int(parts[1]), unbase64(parts[2])
    if str(size) != parts[1] or len(root) != 32:
        raise ValueError("it is not a checkpoint")
    signed = []
    for line in lines[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        body = unbase64(encoded)
        if dash != "\u2014" or len(body) < 5:
            raise ValueError("a signature line is malformed")
        for key in keys:
            if (name, body[:4]) != key[:2] or (key[2] == MLDSA44 and MLDSA44PublicKey is None):
                continue
            if not _note_signature_verifies(key, body[4:], text + "\n", root, size):
                raise ValueError(f"the signature by {shown(name)} is forged")
            kind = ["", "Ed25519", "", "", "cosignature", "", "ML-DSA-44"][key[2]]
            signed.append(f"{name} ({kind}, key {body[:4].hex()})")
    return parts[0], size, root, signed


def tried(check: Callable[[], tuple[str, str] | None]) -> tuple[str, str] | None:
    """Return what a check says; content that it cannot even read is forged."""
    try:
        return check()
    except MALFORMED as error:
        return FORGED, f"it is malformed ({shown(error)})"


class Bundle:
    """One bundle being checked: what was read, what was found, and what is still to be said."""

    def __init__(self, files: dict[str, bytes], log_key: str | None) -> None:
        self.files = files
        self.log_key = log_key
        self.findings: list[tuple[str, str, str]] = []
        self.cores: dict[int, Json] = {}
        self.keys: dict[str, tuple[str, bytes]] = {}
        self.ended: set[str] = set()

    def say(self, verdict: str, what: str, why: str = "") -> None:
        """Note a verdict."""
        self.findings.append((verdict, what, why))

    def say_of(self, what: str, check: Callable[[], tuple[str, str] | None]) -> None:
        """Run a check and note its verdict."""
        self.say((found := tried(check) or (VERIFIED, ""))[0], what, found[1])

    def check(self) -> None:
        """Run every check; a bundle without a readable manifest or checkpoint is unreadable."""
        try:
            self.manifest = parse_json(self.files["manifest.json"])
            seqs = [int(seq) for seq in self.manifest["entries"]]
            messages = [str(name) for name in self.manifest["messages"]]
        except MALFORMED as error:
            raise Unreadable(f"manifest.json cannot be understood: {shown(error)}") from error
        if self.manifest.get("format") != FORMAT:
            raise Unreadable(f"its format is {shown(self.manifest.get('format'))}, not {FORMAT}")
        if not seqs or seqs != sorted(set(seqs)):
            raise Unreadable("it lists no entries in order")
        self._check_files()
        self._check_checkpoint()
        self._learn_from(seqs)
        for name in messages:
            self.say_of(f"message {name}", partial(self._check_message, name))
        self.say_of("manifest.json", self._check_signature)
        self.say_of("the disclosure", self._check_disclosure)

    def _check_files(self) -> None:
        listed = self.manifest.get("files")
        if not isinstance(listed, dict):
            raise Unreadable("manifest.json lists no files")
        present = set(self.files) - {"manifest.json", "manifest.sig"}
        for name in sorted(set(listed) - present):
            self.say(MISSING, f"file {shown(name)}", "the manifest lists it")
        for name in sorted(present - set(listed)):
            self.say(FORGED, f"file {shown(name)}", "it was added: the manifest does not list it")
        for name in sorted(present & set(listed)):
            if hashlib.sha256(self.files[name]).hexdigest() != listed[name]:
                self.say(FORGED, f"file {shown(name)}", "it was changed: its SHA-256 differs")

    def _check_checkpoint(self) -> None:
        try:
            lines = self.files["keys/log.txt"].decode().split("\n")
            lines += self.files.get("keys/witnesses.txt", b"").decode().split("\n")
            enclosed = [parse_key(line) for line in lines if line]
            trusted = parse_key(self.log_key) if self.log_key else enclosed[0]
            self.note = self.files["checkpoint"].decode()
            keys = [trusted, *(key for key in enclosed if key != trusted)]
            self.origin, self.size, self.root, self.signed = open_checkpoint(self.note, keys)
        except MALFORMED as error:
            raise Unreadable(f"the checkpoint does not hold: {shown(error)}") from error
        mine = f"key {trusted[1].hex()}"
        if not any(mine in signer for signer in self.signed) or {
            trusted[0],
            self.manifest.get("origin"),
        } != {self.origin}:
            self.say(FORGED, "the checkpoint", f"it is not signed by {shown(trusted[0])}, {mine}")
        else:
            self.say(VERIFIED, f"the checkpoint of {self.size} entries", ", ".join(self.signed))

    def _learn_from(self, seqs: list[int]) -> None:
        """Check the entries in the log's order: signatures depend on the keys known by then."""
        bad = {seq: tried(partial(self._place_fault, seq)) for seq in seqs}
        last = ""
        for seq in seqs:
            found = bad[seq] or tried(partial(self._signature_fault, seq, last))
            if found is not None:
                self.say(found[0], f"entry {seq}", found[1])
                self.cores.pop(seq, None)
                continue
            core = self.cores[seq]["core"]
            last = str(core["time"])
            what = f"{core['action']} of {core['subject']} by {core['actor']['id']}"
            self.say(VERIFIED, f"entry {seq}", shown(f"{core['time']} {what}")[1:-1])

    def _place_fault(self, seq: int) -> tuple[str, str] | None:
        body, proof = (self.files.get(name) for name in entry_files(seq))
        if body is None or proof is None:
            return MISSING, "the entry or its proof is not in the bundle"
        whole = parse_json(body)
        if whole["core"].get("v") != ENTRY_VERSION:
            version = shown(whole["core"].get("v"))
            return UNKNOWN, f"its version {version} is not known here: use a newer verify.py"
        if canonical(whole) != body:
            return FORGED, "its bytes are not canonical"
        head, index, *path = proof.decode().split("\n\n")[0].split("\n")
        if head != "c2sp.org/tlog-proof@v1" or index != f"index {seq}":
            return FORGED, "its proof is another's"
        if proof.decode().partition("\n\n")[2] != self.note:
            return FORGED, "its proof is to another checkpoint"
        hashes = [unbase64(line) for line in path]
        if root_from_path(leaf_hash(body), seq, self.size, hashes) != self.root:
            return FORGED, "it is not what the log holds at that place"
        if whole["core"]["seq"] != seq or whole["core"]["force"] != self.manifest["force"]:
            return FORGED, "it says it is another entry, or of another force"
        self.cores[seq] = whole
        return None

    def _signature_fault(self, seq: int, last: str) -> tuple[str, str] | None:
        whole = self.cores[seq]
        core, name, changes = whole["core"], whole["key"], whole["core"]["action"] == "key_change"
        actor = str(core["actor"]["id"])
        if str(core["time"]) < last:
            return FORGED, "its time is before the entry ahead of it"
        if changes and seq == 0:
            self._learn(core["details"])
        owner, public = self.keys.get(name, ("", b""))
        if name in self.ended or owner != ("service" if actor.startswith("service:") else actor):
            return FORGED, f"key {shown(name)} may not sign for {shown(actor)} there"
        if "sig" in whole and "span" not in whole:
            message = b"socialdesk/action/v1\n" + self.origin.encode() + b"\n" + canonical(core)
            signature = unbase64(whole["sig"])
        else:
            signature, message = self._batch(seq, whole, actor)
        if not ed25519_verifies(public, signature, message):
            return FORGED, "its signature is not that of whoever it says acted"
        if changes and seq > 0:
            self._learn(core["details"])
        return None

    def _batch(self, seq: int, whole: Json, actor: str) -> tuple[bytes, bytes]:
        """Return the signature over a service's batch, and the message it covers."""
        told = parse_json(self.files[f"batches/{seq:012d}.json"])
        closing, span = int(told["closing"]), int(told["span"])
        last = self.cores[closing]
        if not actor.startswith("service:") or last["span"] != span or last["key"] != whole["key"]:
            raise ValueError("it is no part of that batch")
        path = [unbase64(part) for part in told["path"]]
        leaf = leaf_hash(canonical(whole["core"]))
        root = root_from_path(leaf, seq - (closing - span + 1), span, path)
        if root is None:
            raise ValueError("its place in the batch is not proven")
        message = b"socialdesk/batch/v1\n" + self.origin.encode() + b"\n" + root
        return unbase64(last["sig"]), message

    def _learn(self, details: Json) -> None:
        """Take in a key that the log introduces or ends."""
        name, state = details.get("key"), details.get("state")
        if state == "created" and details["owner"] != "log":
            public = unbase64(details["public_key"])
            if hashlib.sha256(public).hexdigest()[:16] != name or name in self.ended:
                raise ValueError("it brings a key that is not the one it names")
            self.keys[str(name)] = (str(details["owner"]), public)
        elif state in {"retired", "revoked"}:
            self.ended.add(str(name))

    def _entries(self, action: str, subject: str) -> list[Json]:
        cores = [whole["core"] for _seq, whole in sorted(self.cores.items())]
        return [c for c in cores if c["action"] == action and c["subject"] == subject]

    def _check_message(self, name: str) -> tuple[str, str]:
        told = parse_json(self.files[f"messages/{name}.json"])
        if told["id"] != name:
            return FORGED, "it is another message"
        text, raw = (self.files.get(f"messages/{name}.{part}") for part in ("text", "raw"))
        if text is None:
            return self._check_erased(name)
        salt = unbase64(told["salt"])
        proven = self._entries("collection", f"message:{name}")
        proven += self._entries("approve", f"reply:{told.get('reply')}")
        kept = [core["commitments"] for core in proven if "commitments" in core]
        if not kept:
            return MISSING, "no proven entry commits to its text"
        texts = [commitments["text"] for commitments in kept if "text" in commitments]
        raws = [commitments["raw"] for commitments in kept if "raw" in commitments]
        if committed(salt, text) not in texts:
            return FORGED, "its text is not what the log committed to"
        if raws and raw is None:
            return MISSING, "its raw payload is not in the bundle"
        if raw is None:
            return VERIFIED, f"text as approved in entry {proven[-1]['seq']}"
        if committed(salt, raw) not in raws or hashlib.sha256(raw).hexdigest() != told["sha256"]:
            return FORGED, "its raw payload is not what the log committed to"
        return VERIFIED, f"text and raw payload as collected in entry {proven[0]['seq']}"

    def _check_erased(self, name: str) -> tuple[str, str]:
        for whole in self.cores.values():
            core = whole["core"]
            if core["action"] == "erasure" and name in core.get("details", {}).get("messages", []):
                authority = shown(core["details"]["authority"])
                return ERASED, f"by {core['actor']['id']} under {authority}, entry {core['seq']}"
        return MISSING, "its text is not in the bundle, and no proven entry says it was erased"

    def _check_signature(self) -> tuple[str, str]:
        told = parse_json(self.files["manifest.sig"])
        owner, public = self.keys.get(told["key"], ("", b""))
        message = b"socialdesk/evidence/v1\n" + self.origin.encode() + b"\n"
        message += self.files["manifest.json"]
        lawful = owner == self.manifest["made_by"] and told["key"] not in self.ended
        if not lawful or not ed25519_verifies(public, unbase64(told["sig"]), message):
            return FORGED, "it is not signed by the officer it names"
        return VERIFIED, f"signed by {shown(owner)}"

    def _check_disclosure(self) -> tuple[str, str]:
        for core in self._entries("disclosure", f"conversation:{self.manifest['conversation']}"):
            if (core["seq"], core["actor"]["id"], core.get("recipients")) == (
                self.manifest["disclosure"],
                self.manifest["made_by"],
                [self.manifest["recipient"]],
            ):
                return VERIFIED, f"recorded in entry {core['seq']}"
        return MISSING, "no proven entry records that this was disclosed to this recipient"


def entry_files(seq: int) -> tuple[str, str]:
    """Return the names of an entry's file and of its proof's."""
    return f"entries/{seq:012d}.json", f"proofs/{seq:012d}.tlog-proof"


def committed(salt: bytes, content: bytes) -> str:
    """Return the commitment to `content`, as entries write it."""
    return base64.b64encode(hmac.digest(salt, content, "sha256")).decode()


# ---- the report -------------------------------------------------------------------------------

PROVES = """\
What a good result proves: these entries stand in the log at these places and were signed by these
keys; the messages are byte for byte what the desk took in or approved; nobody changed them since.
What it does not prove: that an entry or a message was true, who held the writer's account, that
an act nobody logged did not happen, or that the log holds no further entries about this
conversation: for that, verify the whole log. Nor that a key had not been ended by an entry which
is left out here. Times are the desk's own clock."""


def report(bundle: Bundle) -> int:
    """Write the verdicts in words and return the exit status."""
    for verdict, what, why in bundle.findings:
        sys.stdout.write(f"{verdict:8} {what}{': ' if why else ''}{why}\n")
    verdicts = {verdict for verdict, _what, _why in bundle.findings}
    sys.stdout.write(f"\n{PROVES}\n\n")
    if bundle.log_key is None:
        key = bundle.files["keys/log.txt"].decode().partition("\n")[0]
        sys.stdout.write(
            "The log's key was taken from the bundle itself, which a forger could have made.\n"
            f"Compare it with the key the force publishes, or give --log-key {shown(key)}\n\n"
        )
    for bad, status, words in (
        (FORGED, 1, "NOT VALID: something was forged or changed."),
        (MISSING, 1, "NOT COMPLETE: something is missing."),
        (UNKNOWN, 2, "NOT CHECKED: something is of a version unknown here."),
    ):
        if bad in verdicts:
            sys.stdout.write(f"RESULT: {words}\n")
            return status
    erased = " Some messages were erased by authority." if ERASED in verdicts else ""
    sys.stdout.write(f"RESULT: everything in this bundle is verified.{erased}\n")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle named on the command line."""
    parser = argparse.ArgumentParser(description="Verify an evidence bundle of socialdesk.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--log-key", help="the log's verifier key, from a source you trust")
    given = parser.parse_args(arguments)
    try:
        bundle = Bundle(read_members(given.bundle), given.log_key)
        bundle.check()
    except Unreadable as error:
        sys.stdout.write(f"RESULT: NOT CHECKED: {error}.\n")
        return 2
    return report(bundle)


if __name__ == "__main__":
    sys.exit(main())
