"""Finding all that a conversation left: its messages, and every log entry about it or its key."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from socialdesk.audit.entry import canonical
from socialdesk.audit.merkle import inclusion_proof, leaf_hash, root_over
from socialdesk.queue.desk import Desk
from socialdesk.queue.people import person_actor_id
from socialdesk.store.tables import (
    Contact,
    Conversation,
    Escalation,
    LogEntry,
    Message,
    Reply,
    Thrive,
)
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import Sealed

BATCH_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, film or sound of a message, as a file of its own would be known.

    Attributes:
        sha256: of its bytes, in hex.
        size: in bytes.
        type: media type, as "image/jpeg".
    """

    name: str
    sha256: str
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class Captured:
    """One message as captured; `text` and `raw` are None where they were erased or never were."""

    row: Message
    reply: UUID | None
    text: bytes | None
    raw: bytes | None
    media: Sequence[Media] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What an officer wrote: a reply at its last wording, a THRIVE assessment or an escalation.

    Attributes:
        kind: how the log speaks of it: reply, thrive or escalation.
        facts: when, by whom, and how it stands; no personal data.
        text: None where it was erased.
    """

    kind: str
    id: UUID
    at: datetime
    facts: dict[str, str]
    salt: bytes | None
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Opened:
    """All texts of a conversation, each kind oldest first."""

    messages: Sequence[Captured]
    replies: Sequence[Written]
    notes: Sequence[Written]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in a batch that a service signed as one."""

    closing: int
    span: int
    path: tuple[bytes, ...]


def open_conversation(
    desk: Desk,
    current: Transaction,
    conversation: Conversation,
    recipient: str,
    media: Mapping[UUID, Sequence[Media]] = MappingProxyType({}),
) -> Opened:
    """Open all texts of a conversation for a recipient, and record the disclosure.

    Args:
        media: by message, what was attached to it.
    """
    session, mine = current.session, conversation.id
    key_id = session.exec(select(Contact.key_id).where(Contact.id == conversation.contact_id)).one()
    messages = session.exec(
        select(Message)
        .where(Message.conversation_id == mine)
        .order_by(col(Message.sent_at), col(Message.id))
    ).all()
    replies = session.exec(
        select(Reply).where(Reply.conversation_id == mine).order_by(col(Reply.begun_at))
    ).all()
    notes: list[Thrive | Escalation] = [
        *session.exec(select(Thrive).where(Thrive.conversation_id == mine)),
        *session.exec(select(Escalation).where(Escalation.conversation_id == mine)),
    ]
    sealed = [content for message in messages for content in _parts(message)]
    sealed += [reply.sealed_text for reply in replies] + [note.sealed_note for note in notes]
    opened = iter(
        desk.vault.opened(
            current,
            [Sealed(key_id, one) for one in sealed or [conversation.sealed_gist]],
            [f"conversation:{mine}"],
            action="disclosure",
            details={"messages": len(messages), "replies": len(replies), "notes": len(notes)},
            recipients=(recipient,),
        )
    )
    sent = {(reply.account_id, reply.remote_id): reply.id for reply in replies}
    captured = [_captured(message, sent, opened, media) for message in messages]
    worded = [_reply(reply, next(opened)) for reply in replies]
    noted = sorted((_note(note, next(opened)) for note in notes), key=lambda note: note.at)
    return Opened(captured, [one for one in worded if one.text != b""], noted)


def _parts(row: Message) -> list[bytes]:
    return [row.sealed_text] if row.sealed_raw is None else [row.sealed_text, row.sealed_raw]


def _captured(
    row: Message,
    sent: Mapping[tuple[str, str | None], UUID],
    opened: Iterator[bytes | None],
    media: Mapping[UUID, Sequence[Media]],
) -> Captured:
    text = next(opened)
    raw = next(opened) if row.sealed_raw is not None else None
    reply = sent.get((row.account_id, row.remote_id))
    return Captured(row, reply, text, raw, media.get(row.id, ()))


def _reply(row: Reply, text: bytes | None) -> Written:
    facts = {"by": person_actor_id(row.person_id), "state": row.state}
    return Written("reply", row.id, row.begun_at, facts, row.salt, text)


def _note(row: Thrive | Escalation, text: bytes | None) -> Written:
    by = {"by": person_actor_id(row.person_id)}
    if isinstance(row, Thrive):
        facts = by | {"urgency": row.urgency}
        return Written("thrive", row.id, row.made_at, facts, row.salt, text)
    facts = by | {"destination": row.destination}
    return Written("escalation", row.id, row.made_at, facts, row.salt, text)


def entries_about(
    desk: Desk, session: Session, conversation: Conversation, opened: Opened
) -> list[int]:
    """Return where the log speaks of a conversation: by its subject, or in a list that names it."""
    replies = session.exec(select(Reply.id).where(Reply.conversation_id == conversation.id))
    subjects = {f"conversation:{conversation.id}", f"contact:{conversation.contact_id}"}
    subjects |= {f"message:{one.row.id}" for one in opened.messages}
    subjects |= {f"reply:{reply}" for reply in replies}
    mine = select(LogEntry.seq).where(LogEntry.force_id == desk.force.id)
    found = set(session.exec(mine.where(col(LogEntry.subject).in_(subjects))))
    found |= set(session.exec(mine.where(col(LogEntry.subject).like("key:%"))))
    named = [f'"conversation:{conversation.id}"'.encode()]
    named += [f'"{one.row.id}"'.encode() for one in opened.messages]
    lists = session.exec(
        select(LogEntry.seq, LogEntry.body).where(
            LogEntry.force_id == desk.force.id,
            or_(col(LogEntry.subject).like("list:%"), col(LogEntry.subject).like("page:%")),
        )
    )
    found |= {seq for seq, body in lists if any(name in body for name in named)}
    return sorted(found | {0})


def places(desk: Desk, session: Session, seqs: Sequence[int]) -> dict[int, Place]:
    """Return, for each entry signed in a batch, its place; the closing entries among them."""
    found: dict[int, Place] = {}
    for seq in seqs:
        if seq not in found:
            batch = list(_batch(desk, session, seq))
            span = len(batch)
            if span > 1:
                wanted = set(seqs) | {batch[-1][0]}
                found |= {one: place for one, place in _placed(batch) if one in wanted}
    return found


def _batch(desk: Desk, session: Session, seq: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of the batch that the entry at `seq` belongs to, in order."""
    connection = session.connection()
    tail: list[tuple[int, dict[str, Any]]] = []
    for at in range(seq, seq + BATCH_LIMIT):
        whole = json.loads(desk.log.entry(connection, at))
        tail.append((at, whole))
        if "sig" in whole:
            break
    closing, span = tail[-1][0], int(tail[-1][1].get("span", 1))
    for at in range(closing - span + 1, seq):
        yield at, json.loads(desk.log.entry(connection, at))
    yield from tail[-span:]


def _placed(batch: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, Place]]:
    leaves = [leaf_hash(canonical(whole["core"])) for _seq, whole in batch]

    def read(level: int, position: int) -> bytes:
        return root_over(leaves[position << level : (position + 1) << level])

    for index, (seq, _whole) in enumerate(batch):
        path = inclusion_proof(index, len(batch), read)
        yield seq, Place(batch[-1][0], len(batch), tuple(path))
