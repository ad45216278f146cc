"""Blanking the rows of erased conversations, and naming the bytes that must be found nowhere."""

import secrets
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, update
from sqlmodel import Session, col, select

from socialdesk.queue.desk import Desk
from socialdesk.queue.tombstones import tombstone
from socialdesk.store.tables import (
    AssessmentRow,
    Contact,
    ContactIdentity,
    Conversation,
    Escalation,
    Message,
    MessageWord,
    Reply,
    Thrive,
    VaultKey,
)

Belongs = Message | Reply | Thrive | Escalation
TRACE_BYTES = 32
LOOKUP_BYTES = 16


def needles(session: Session, contact: Contact, conversations: Sequence[UUID]) -> list[bytes]:
    """Return bytes by which any copy of what is about to be erased would be recognised."""
    return [trace for trace in _traces(session, contact, conversations) if len(trace) >= 16]


def _traces(session: Session, contact: Contact, conversations: Sequence[UUID]) -> Iterator[bytes]:
    yield session.get_one(VaultKey, contact.key_id).wrapped or b""
    for row in session.exec(select(Message).where(_within(Message, conversations))):
        yield from (row.sealed_text[:TRACE_BYTES], (row.sealed_raw or b"")[:TRACE_BYTES])
        yield from (row.raw_sha256 or b"", row.salt or b"")
    for reply in session.exec(select(Reply).where(_within(Reply, conversations))):
        yield from (reply.sealed_text[:TRACE_BYTES], reply.salt or b"")
    for kind in (Thrive, Escalation):
        for sealed, salt in session.exec(
            select(kind.sealed_note, kind.salt).where(_within(kind, conversations))
        ):
            yield from (sealed[:TRACE_BYTES], salt or b"")
    for held in session.exec(select(Conversation).where(col(Conversation.id).in_(conversations))):
        yield from (held.sealed_gist[:TRACE_BYTES], held.thread_lookup)
    for sealed in session.exec(
        select(ContactIdentity.sealed).where(ContactIdentity.contact_id == contact.id)
    ):
        yield sealed[:TRACE_BYTES]


def blank(
    desk: Desk, session: Session, contact: Contact, conversations: Sequence[Conversation]
) -> None:
    """Empty every row of these conversations, and forget whom the contact was."""
    ids = [conversation.id for conversation in conversations]
    messages = select(Message.id).where(_within(Message, ids))
    session.flush()
    run = session.connection().execute
    run(delete(AssessmentRow).where(col(AssessmentRow.message_id).in_(messages)))
    run(delete(MessageWord).where(col(MessageWord.conversation_id).in_(ids)))
    run(delete(ContactIdentity).where(col(ContactIdentity.contact_id) == contact.id))
    run(update(Thrive).where(_within(Thrive, ids)).values(sealed_note=b"", salt=None))
    run(update(Escalation).where(_within(Escalation, ids)).values(sealed_note=b"", salt=None))
    run(
        update(Reply)
        .where(_within(Reply, ids))
        .values(sealed_text=b"", salt=None, problem=None, in_reply_to=None, remote_id=None)
    )
    _blank_messages(desk, session, ids)
    for conversation in conversations:
        conversation.sealed_gist = b""
        conversation.thread_lookup = secrets.token_bytes(LOOKUP_BYTES)
        session.add(conversation)
    session.flush()


def _blank_messages(desk: Desk, session: Session, ids: Sequence[UUID]) -> None:
    rows = session.exec(
        select(Message.id, Message.account_id, Message.remote_id).where(_within(Message, ids))
    ).all()
    if rows:
        session.connection().execute(
            update(Message)
            .where(col(Message.id) == bindparam("message"))
            .values(
                remote_id=bindparam("tombstone"),
                sealed_text=b"",
                sealed_raw=None,
                raw_sha256=None,
                salt=None,
                in_reply_to=None,
            ),
            [{"message": row[0], "tombstone": tombstone(desk, row[1], row[2])} for row in rows],
        )
    session.expire_all()


def _within(kind: type[Belongs], conversations: Sequence[UUID]) -> ColumnElement[bool]:
    return col(kind.conversation_id).in_(conversations)
