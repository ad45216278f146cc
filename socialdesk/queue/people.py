"""People: adding them with a signing key of their own, and signing in with a passphrase."""

import base64
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from socialdesk.audit.entry import Action
from socialdesk.audit.keys import create_officer_key, key_name, unlock_officer_key
from socialdesk.core.errors import NotAllowed, RuleError
from socialdesk.core.home import Home
from socialdesk.core.ids import new_id
from socialdesk.core.text import file_stem
from socialdesk.queue.desk import Desk, introduction
from socialdesk.store.tables import Person
from socialdesk.store.transaction import Actor

MIN_PASSPHRASE = 8


class Role(StrEnum):
    """What a person may do."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Officer:
    """Someone signed in: who they are, and the actor their acts are signed as."""

    person_id: UUID
    name: str
    actor: Actor


def person_actor_id(person_id: UUID) -> str:
    """Return how entries name a person."""
    return f"person:{person_id}"


def key_path(home: Home, login: str, key: str = "") -> Path:
    """Return where a person's key lies: under its name once it was rotated, else plain."""
    folder = home.keys / "people"
    named = folder / f"{file_stem(login)}-{key}.json"
    return named if key and named.exists() else folder / f"{file_stem(login)}.json"


def require_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short.

    Raises:
        RuleError: it is.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise RuleError(
            f"A passphrase needs at least {MIN_PASSPHRASE} characters.", todo="Use a few words."
        )


def add_person(desk: Desk, login: str, name: str, role: Role, passphrase: str) -> UUID:
    """Add a person with a new signing key sealed under their passphrase; return their id.

    Raises:
        RuleError: the login is taken, or the passphrase is too short.
    """
    require_passphrase(passphrase)
    with desk.store.reading() as session:
        if session.exec(select(Person.id).where(Person.login == login)).first() is not None:
            raise RuleError(f"There is a person {login!r} already.", todo="Choose another login.")
    key = create_officer_key(key_path(desk.home, login), passphrase)
    person = Person(
        id=new_id(),
        force_id=desk.force.id,
        login=login,
        name=name,
        role=role,
        public_key=base64.b64encode(key.public).decode(),
        created_at=desk.clock.now(),
    )
    with desk.store.transaction(desk.service("desk"), "a person joins the desk") as current:
        current.session.add(person)
        subject = person_actor_id(person.id)
        current.record(Action.CONFIGURATION, subject, details={"change": "added", "role": role})
        current.record(
            Action.KEY_CHANGE,
            f"key:{key.key_id}",
            details=introduction(key.key_id, key.public, subject),
        )
    return person.id


def sign_in(desk: Desk, login: str, passphrase: str) -> Officer:
    """Unlock a person's key and begin a session.

    Raises:
        NotAllowed: no such person in this force.
        AuditError: the passphrase is wrong, or the key is not on this machine.
    """
    with desk.store.reading() as session:
        person = session.exec(
            select(Person).where(Person.login == login, Person.force_id == desk.force.id)
        ).first()
    if person is None:
        raise NotAllowed(
            f"{desk.force.name} has no person {login!r}.",
            todo="Ask your administrator, or run: socialdesk person add LOGIN",
        )
    public = base64.b64decode(person.public_key)
    signer = unlock_officer_key(key_path(desk.home, login, key_name(public)), passphrase)
    if signer.public != public:
        raise NotAllowed(
            f"The signing key of {login} is not in use any more.",
            todo="Ask your administrator for a new one: socialdesk audit key reissue",
        )
    actor = Actor(
        id=person_actor_id(person.id),
        role=person.role,
        force_id=desk.force.id,
        session=new_id(),
        signer=signer,
    )
    with desk.store.transaction(actor, "start of a session") as current:
        current.record(Action.SIGN_IN, actor.id)
    return Officer(person.id, person.name, actor)


def sign_out(desk: Desk, officer: Officer) -> None:
    """End a session."""
    with desk.store.transaction(officer.actor, "end of a session") as current:
        current.record(Action.SIGN_OUT, officer.actor.id)
