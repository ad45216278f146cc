"""Finding all that a conversation left: its messages, and every log entry about it or its key."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from socialdesk.audit.entry import canonical
from socialdesk.audit.merkle import inclusion_proof, leaf_hash, root_over
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import Contact, Conversation, LogEntry, Message, Reply
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import Sealed

BATCH_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Captured:
    """One message as captured; `text` and `raw` are None where they were erased or never were."""

    row: Message
    reply: UUID | None
    text: bytes | None
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in a batch that a service signed as one."""

    closing: int
    span: int
    path: tuple[bytes, ...]


def open_messages(
    desk: Desk, current: Transaction, conversation: Conversation, recipient: str
) -> list[Captured]:
    """Open a conversation's messages for a recipient, and record the disclosure."""
    session = current.session
    key_id = session.exec(select(Contact.key_id).where(Contact.id == conversation.contact_id)).one()
    rows = session.exec(
        select(Message)
        .where(Message.conversation_id == conversation.id)
        .order_by(col(Message.sent_at), col(Message.id))
    ).all()
    replies = {
        (reply.account_id, reply.remote_id): reply.id
        for reply in session.exec(select(Reply).where(Reply.conversation_id == conversation.id))
    }
    sealed = [Sealed(key_id, content) for row in rows for content in _parts(row)]
    opened = iter(
        desk.vault.opened(
            current,
            sealed or [Sealed(key_id, conversation.sealed_gist)],
            [f"conversation:{conversation.id}"],
            action="disclosure",
            details={"messages": len(rows)},
            recipients=(recipient,),
        )
    )
    return [
        Captured(
            row,
            replies.get((row.account_id, row.remote_id)),
            next(opened),
            next(opened) if row.sealed_raw is not None else None,
        )
        for row in rows
    ]


def _parts(row: Message) -> list[bytes]:
    return [row.sealed_text] if row.sealed_raw is None else [row.sealed_text, row.sealed_raw]


def entries_about(
    desk: Desk, session: Session, conversation: Conversation, captured: Sequence[Captured]
) -> list[int]:
    """Return where the log speaks of a conversation: by its subject, or in a list that names it."""
    replies = session.exec(select(Reply.id).where(Reply.conversation_id == conversation.id))
    subjects = {f"conversation:{conversation.id}", f"contact:{conversation.contact_id}"}
    subjects |= {f"message:{one.row.id}" for one in captured}
    subjects |= {f"reply:{reply}" for reply in replies}
    mine = select(LogEntry.seq).where(LogEntry.force_id == desk.force.id)
    found = set(session.exec(mine.where(col(LogEntry.subject).in_(subjects))))
    found |= set(session.exec(mine.where(col(LogEntry.subject).like("key:%"))))
    named = [f'"conversation:{conversation.id}"'.encode()]
    named += [f'"{one.row.id}"'.encode() for one in captured]
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
