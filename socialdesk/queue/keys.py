"""Key life: rotate, retire, revoke, reissue and escrow. Each is an entry; secrets lie in files.

The order is always: the new key's file, durable; then one transaction that brings the key in and
ends the old one; then the old file goes. Whichever key the log calls current is the one used, so
a crash between two steps leaves a desk that works, and services turn to the new key by themselves.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from sqlmodel import col, select

from socialdesk.audit.checkpoint import LogKeys
from socialdesk.audit.entry import Action
from socialdesk.audit.escrow import open_escrow, seal_escrow
from socialdesk.audit.history import LOG, SERVICE
from socialdesk.audit.keylife import ending, introduction, log_introduction
from socialdesk.audit.keys import SEED_BYTES, SigningKey, create_officer_key, key_name, key_path
from socialdesk.audit.log import Head
from socialdesk.audit.signer import load_log_keys
from socialdesk.core.errors import RuleError
from socialdesk.core.home import create_private, write_private
from socialdesk.queue import people
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import Officer, person_actor_id, sign_in
from socialdesk.store.tables import LogEntry, Person
from socialdesk.store.transaction import Transaction

LOG_KINDS = ("log-ed25519", "log-mldsa44")


@dataclass(frozen=True, slots=True)
class Order:
    """Who orders a change of keys, why, and how the old key ends: in good order or after a theft.

    Attributes:
        since: first entry to doubt, where a revoked key is known to have been stolen by then.
    """

    by: Officer
    reason: str
    revoked: bool = False
    since: int | None = None

    @property
    def state(self) -> str:
        """How the old key ends."""
        return "revoked" if self.revoked else "retired"


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One event of a key's life, as the log tells it."""

    seq: int
    time: str
    key: str
    owner: str
    state: str


def list_keys(desk: Desk) -> list[KeyLine]:
    """Return every event of every key's life, in order."""
    with desk.store.reading() as session:
        rows = session.exec(
            select(LogEntry.seq, LogEntry.body)
            .where(LogEntry.force_id == desk.force.id, col(LogEntry.subject).like("key:%"))
            .order_by(col(LogEntry.seq))
        ).all()
    found = []
    for seq, body in rows:
        core = json.loads(body)["core"]
        details = core.get("details", {})
        found.append(KeyLine(seq, core["time"], details["key"], details["owner"], details["state"]))
    return found


def rotate_service_key(desk: Desk, order: Order) -> str:
    """Give the services a new key, also while they run; return its name."""
    seed = secrets.token_bytes(SEED_BYTES)
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
    create_private(desk.home.keys / f"service-{key.key_id}.key", seed)
    old = _head(desk).service_key
    with desk.store.transaction(desk.service("keys"), order.reason) as current:
        _record(current, order, introduction(key.key_id, key.public, SERVICE))
        _record(current, order, ending(old, SERVICE, order.state, order.since))
    key_path(desk.home.keys, "service", old).unlink(missing_ok=True)
    return key.key_id


def rotate_log_key(desk: Desk, order: Order) -> str:
    """Give the log new signing keys; return their name.

    The old key signs the new pair. After a theft it does not: the new verifier keys must then
    reach every outsider by another way.
    """
    desk.signer().sign(desk.store)
    before = load_log_keys(desk.home, desk.log.origin, _head(desk).log_key)
    seeds = [secrets.token_bytes(SEED_BYTES) for _kind in LOG_KINDS]
    keys = LogKeys(
        desk.log.origin,
        SigningKey(Ed25519PrivateKey.from_private_bytes(seeds[0])),
        MLDSA44PrivateKey.from_seed_bytes(seeds[1]),
    )
    name = keys.ed25519.key_id
    for kind, seed in zip(LOG_KINDS, seeds, strict=True):
        create_private(desk.home.keys / f"{kind}-{name}.key", seed)
    with desk.store.transaction(desk.service("keys"), order.reason) as current:
        if order.revoked:
            old = ending(before.ed25519.key_id, LOG, order.state, order.since)
            _record(current, order, old)
        endorser = None if order.revoked else before.ed25519
        _record(current, order, log_introduction(keys, endorser))
    for kind in LOG_KINDS:
        key_path(desk.home.keys, kind, before.ed25519.key_id).unlink(missing_ok=True)
    desk.signer().sign(desk.store)
    return name


def rotate_own_key(desk: Desk, login: str, old: str, new: str) -> str:
    """Give a person a new key under a new passphrase, signed in by their old one; return its name.

    Raises:
        NotAllowed, AuditError: no such person, or the old passphrase is wrong.
        RuleError: the new passphrase is too short.
    """
    people.require_passphrase(new)
    officer = sign_in(desk, login, old)
    before = officer.actor.signer.key_id
    key = _officer_key(desk, login, new)
    with desk.store.transaction(officer.actor, "a new key of one's own") as current:
        _take_key(current, officer.actor.id, key)
        details = introduction(key.key_id, key.public, officer.actor.id)
        current.record(Action.KEY_CHANGE, f"key:{key.key_id}", details=dict(details))
        details_of_end = ending(before, officer.actor.id, "retired")
        current.record(Action.KEY_CHANGE, f"key:{before}", details=dict(details_of_end))
    people.key_path(desk.home, login, before).unlink(missing_ok=True)
    return key.key_id


def end_officer_key(desk: Desk, login: str, order: Order) -> str:
    """End a person's key by the administration's hand; return its name. They cannot sign in."""
    with desk.store.transaction(desk.service("keys"), order.reason) as current:
        person = _person(current, desk, login)
        if not person.public_key:
            raise RuleError(f"{login} has no key in use.")
        name = key_name(base64.b64decode(person.public_key))
        person.public_key = ""
        current.session.add(person)
        owner = person_actor_id(person.id)
        _record(current, order, ending(name, owner, order.state, order.since))
    people.key_path(desk.home, login, name).unlink(missing_ok=True)
    return name


def reissue_officer_key(desk: Desk, login: str, passphrase: str, order: Order) -> str:
    """Give a person whose key was ended a new one; the log and `verify` say the service did.

    Raises:
        RuleError: their key is still in use, or the passphrase is too short.
    """
    people.require_passphrase(passphrase)
    key = _officer_key(desk, login, passphrase)
    with desk.store.transaction(desk.service("keys"), order.reason) as current:
        person = _person(current, desk, login)
        if person.public_key:
            raise RuleError(f"The key of {login} is in use.", todo="End it first, or rotate it.")
        owner = person_actor_id(person.id)
        _take_key(current, owner, key)
        _record(current, order, introduction(key.key_id, key.public, owner))
    return key.key_id


def escrow_keys(desk: Desk, out: Path, passphrase: str, order: Order) -> list[str]:
    """Seal the service's and the log's keys into a file; return the names of the keys.

    The entry stands before the file: a copy nobody knows of cannot be made by this command.
    """
    people.require_passphrase(passphrase)
    head = _head(desk)
    paths = [key_path(desk.home.keys, "service", head.service_key)]
    paths += [key_path(desk.home.keys, kind, head.log_key) for kind in LOG_KINDS]
    owners = {head.service_key: SERVICE, head.log_key: LOG}
    with desk.store.transaction(desk.service("keys"), order.reason) as current:
        for name, owner in owners.items():
            _record(current, order, ending(name, owner, "escrowed"))
    write_private(out, seal_escrow({path.name: path.read_bytes() for path in paths}, passphrase))
    return list(owners)


def restore_keys(desk: Desk, content: bytes, passphrase: str, reason: str) -> list[str]:
    """Put the service's and the log's keys back from an escrow file; return their names.

    Only the keys that the log calls current are taken, and none that is there is touched. Nobody
    need sign in: whoever lost these keys may have lost the officers' too. The passphrase of the
    escrow is the authority, and the entry stands as soon as the service can sign again.

    Raises:
        AuditError: it is no escrow file, or the passphrase is wrong.
        RuleError: it holds other keys than the log calls current, or nothing is missing.
    """
    head = _head(desk)
    missing = {}
    for file, seed in open_escrow(content, passphrase).items():
        kind = next((one for one in ("service", *LOG_KINDS) if file.startswith(one)), "")
        name = head.service_key if kind == "service" else head.log_key
        if not kind or not _is_key(kind, seed, name):
            raise RuleError(
                f"The escrow's {file} is not the key that the log calls current ({name}).",
                todo="It was rotated since. Use a later escrow, or a backup of the keys folder.",
            )
        path = key_path(desk.home.keys, kind, name)
        if not path.exists() or path.read_bytes() != seed:
            missing[desk.home.keys / f"{kind}-{name}.key"] = seed
    if not missing:
        raise RuleError("No key is missing here: nothing was restored.")
    for path, seed in missing.items():
        write_private(path, seed)
    owners = {head.service_key: SERVICE, head.log_key: LOG}
    with desk.store.transaction(desk.service("keys"), reason) as current:
        for name, owner in owners.items():
            current.record(
                Action.KEY_CHANGE, f"key:{name}", details=dict(ending(name, owner, "restored"))
            )
    return list(owners)


def _is_key(kind: str, seed: bytes, name: str) -> bool:
    """Say whether a seed is the key of that name; the log's second key bears the first's name."""
    if len(seed) != SEED_BYTES:
        return False
    return kind == "log-mldsa44" or (
        SigningKey(Ed25519PrivateKey.from_private_bytes(seed)).key_id == name
    )


def _head(desk: Desk) -> Head:
    with desk.store.reading() as session:
        return desk.log.head(session.connection())


def _record(current: Transaction, order: Order, details: Mapping[str, str | int]) -> None:
    said = dict(details) | {"ordered_by": order.by.actor.id}
    current.record(Action.KEY_CHANGE, f"key:{details['key']}", details=said)


def _officer_key(desk: Desk, login: str, passphrase: str) -> SigningKey:
    seed = secrets.token_bytes(SEED_BYTES)
    name = SigningKey(Ed25519PrivateKey.from_private_bytes(seed)).key_id
    plain = people.key_path(desk.home, login)
    return create_officer_key(plain.with_name(f"{plain.stem}-{name}.json"), passphrase, seed)


def _person(current: Transaction, desk: Desk, login: str) -> Person:
    person = current.session.exec(
        select(Person).where(Person.login == login, Person.force_id == desk.force.id)
    ).first()
    if person is None:
        raise RuleError(f"{desk.force.name} has no person {login!r}.")
    return person


def _take_key(current: Transaction, owner: str, key: SigningKey) -> None:
    person = current.session.exec(
        select(Person).where(Person.id == UUID(owner.removeprefix("person:")))
    ).one()
    person.public_key = base64.b64encode(key.public).decode()
    current.session.add(person)
