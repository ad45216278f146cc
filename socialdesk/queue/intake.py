"""Intake: what a channel read becomes contacts, conversations and assessed messages.

One transaction takes in one page: messages, assessments, audit entries and what the page does to
the cursor and the coverage ledger. A message is unique by (account, remote id), so taking in the
same page again adds nothing; that is what makes a walk safe to repeat after any death. Two that
take in the same page at once collide on the database's own constraints: one of them wins, and the
other begins its page again and finds it known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, insert, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Item, Rejected
from socialdesk.core.errors import StoreError
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import encoded
from socialdesk.queue.capture import SALT_BYTES, media_rows, recheck_at, sealed_evidence, tool
from socialdesk.queue.coverage import CursorMove, GapMove, heard, move_cursor, move_gap
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import mark_found, require_running, rule_of, welcome_known
from socialdesk.queue.judging import Judged, assessment_row, judge, record_assessments
from socialdesk.queue.search import words_of
from socialdesk.queue.threads import Threads, raise_for_edit
from socialdesk.queue.tombstones import tombstone
from socialdesk.queue.versions import edits_among, next_media, store_version
from socialdesk.store.tables import AssessmentRow, Media, Message, MessageWord, Quarantined
from socialdesk.store.transaction import Actor, Transaction

__all__ = ["SALT_BYTES", "Judged", "commitment", "judge", "take_edits", "take_in"]

COLLISIONS = 20
"""How often a page is begun again; each collision means that another page was stored."""
SERIALIZATION_STATES = ("40001", "40P01")
"""PostgreSQL's states for a transaction to be tried again: serialization failure and deadlock."""


def take_in(
    desk: Desk,
    actor: Actor,
    account: Account,
    stream: str,
    judged: Sequence[Judged],
    rejected: Sequence[Rejected] = (),
    move: CursorMove | None = None,
    gap: GapMove | None = None,
) -> int:
    """Store one page and return how many of its messages were new."""
    page = _Arrival(account, stream, judged, rejected, move, gap)
    for _ in range(COLLISIONS):
        try:
            return _take_in(desk, actor, page)
        except StoreError as error:
            if not _collided(error):
                raise
    return _take_in(desk, actor, page)


def take_edits(desk: Desk, actor: Actor, account: Account, judged: Sequence[Judged]) -> int:
    """Keep the later versions of stored messages among `judged`; return how many were new."""
    with desk.store.transaction(actor, f"looking again at {account.id}") as current:
        edits = edits_among(desk, current.session, account, [entry.item for entry in judged])
        for n, message in edits.fresh.items():
            _revise(desk, current, account, message, judged[n])
    return len(edits.fresh)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A page on its way into the database."""

    account: Account
    stream: str
    judged: Sequence[Judged]
    rejected: Sequence[Rejected]
    move: CursorMove | None
    gap: GapMove | None


def _take_in(desk: Desk, actor: Actor, page: _Arrival) -> int:
    account, stream = page.account, page.stream
    with desk.store.transaction(actor, f"reading {account.id} {stream}") as current:
        rule_id = rule_of(stream)
        if rule_id is not None:
            require_running(current, rule_id)
        items = [entry.item for entry in page.judged]
        edits = edits_among(desk, current.session, account, items)
        plain = [
            entry
            for n, entry in enumerate(page.judged)
            if n not in edits.fresh and n not in edits.known
        ]
        fresh = _unknown(desk, current.session, account, plain)
        if fresh:
            _store(desk, current, account, fresh, rule_id)
        for n, message in edits.fresh.items():
            _revise(desk, current, account, message, page.judged[n])
        if fresh or edits.fresh:
            heard(desk, current.session, account, stream, current.now)
        _connect(current, page, rule_id, fresh)
        for item in page.rejected:
            _quarantine(desk, current, account, stream, item)
        if current.acts:
            _move(desk, current.session, page)
    if not current.acts and (page.move or page.gap):
        with desk.store.bookkeeping() as session:
            _move(desk, session, page)
    return len(fresh) + len(edits.fresh)


def _connect(
    current: Transaction, page: _Arrival, rule_id: UUID | None, fresh: Sequence[Judged]
) -> None:
    """Say which rule found the page's messages, or who of those found has now written to us."""
    if rule_id is not None:
        mark_found(current, page.account, rule_id, [entry.item for entry in page.judged])
        return
    new = {entry.item.remote_id for entry in fresh}
    known = [
        (entry.item, entry.assessment.urgency)
        for entry in page.judged
        if entry.assessment is not None and entry.item.remote_id not in new
    ]
    welcome_known(current, page.account, known)


def _collided(error: StoreError) -> bool:
    """Say whether another writer was quicker with the same rows: nothing of ours was stored."""
    cause = error.__cause__
    state = getattr(getattr(cause, "orig", None), "sqlstate", None)
    return isinstance(cause, IntegrityError) or state in SERIALIZATION_STATES


def commitment(salt: bytes, plain: bytes) -> bytes:
    """Return HMAC-SHA256(salt, plain): binds the log to personal data without holding it."""
    return digest(salt, plain, "sha256")


def _unknown(
    desk: Desk, session: Session, account: Account, judged: Sequence[Judged]
) -> list[Judged]:
    """Return what is neither stored nor erased, each remote id once, oldest first."""
    by_id = {entry.item.remote_id: entry for entry in judged}
    erased = {remote_id: tombstone(desk, account.id, remote_id) for remote_id in by_id}
    known = set(
        session.exec(
            select(Message.remote_id).where(
                Message.account_id == account.id,
                col(Message.remote_id).in_([*by_id, *erased.values()]),
            )
        )
    )
    fresh = [entry for name, entry in by_id.items() if not known & {name, erased[name]}]
    return sorted(fresh, key=lambda entry: (entry.item.created_at, entry.item.remote_id))


def _store(
    desk: Desk,
    current: Transaction,
    account: Account,
    fresh: Sequence[Judged],
    rule_id: UUID | None,
) -> None:
    threads = Threads(desk, current, account, [entry.item for entry in fresh], rule_id)
    media: list[Media] = []
    messages: list[dict[str, Any]] = []
    assessments: list[dict[str, Any]] = []
    words: set[tuple[bytes, Any]] = set()
    for entry in fresh:
        item = entry.item
        thread = threads.receive(item, entry.assessment)
        evidence = sealed_evidence(item, thread.key)
        message_id = new_id()
        messages.append(
            {
                "id": message_id,
                "conversation_id": thread.conversation.id,
                "account_id": account.id,
                "remote_id": item.remote_id,
                "outbound": item.outbound,
                "stream": item.stream.value,
                "in_reply_to": item.in_reply_to,
                "sent_at": item.created_at,
                "received_at": current.now,
                "edited_at": item.edited_at,
                "recheck_at": recheck_at(account, item, current.now),
                "tool": tool(account.channel),
                **evidence,
            }
        )
        media += media_rows(
            desk.force.id,
            account,
            item,
            thread.key,
            message_id=message_id,
            conversation_id=thread.conversation.id,
        )
        words |= _words(desk, item, thread.conversation.id)
        current.record(
            Action.COLLECTION,
            f"message:{message_id}",
            details={
                "conversation": str(thread.conversation.id),
                "account": account.id,
                "stream": item.stream.value,
            },
            commitments=_commitments(evidence["salt"], item),
        )
        if entry.assessment is not None:
            assessments.append(assessment_row(entry, message_id, current.now))
    threads.flush()
    current.session.execute(insert(Message), messages)
    current.session.add_all(media)
    _index(current.session, words)
    if assessments:
        current.session.execute(insert(AssessmentRow), assessments)
        record_assessments(current, assessments)


def _revise(
    desk: Desk, current: Transaction, account: Account, message: Message, entry: Judged
) -> None:
    """Keep an edit as a further version of its message; it may raise urgency, never lower it."""
    session, item = current.session, entry.item
    conversation = desk.conversation(session, message.conversation_id)
    key = desk.contact_key(session, conversation.contact_id)
    row = store_version(desk, current, account, message, item, key)
    session.add_all(
        media_rows(
            desk.force.id,
            account,
            item,
            key,
            message_id=message.id,
            conversation_id=conversation.id,
            first=next_media(session, message.id),
        )
    )
    raise_for_edit(conversation, account, item, entry.assessment, key)
    session.add(conversation)
    _index(session, _words(desk, item, conversation.id))
    current.record(
        Action.ALTERATION,
        f"message:{message.id}",
        details={
            "change": "edited_by_its_author",
            "version": row.number,
            "conversation": str(conversation.id),
        },
        commitments=_commitments(row.salt or b"", item),
    )
    if entry.assessment is not None:
        assessed = [assessment_row(entry, message.id, current.now)]
        session.execute(insert(AssessmentRow), assessed)
        record_assessments(current, assessed)


def _commitments(salt: bytes, item: Item) -> dict[str, bytes]:
    return {"text": commitment(salt, encoded(item.text)), "raw": commitment(salt, item.raw)}


def _words(desk: Desk, item: Item, conversation_id: UUID) -> set[tuple[bytes, Any]]:
    return {
        (desk.vault.lookup("word", word), conversation_id)
        for word in words_of(item.text, item.author.handle)
    }


def _index(session: Session, words: set[tuple[bytes, Any]]) -> None:
    conversations = {conversation for _word, conversation in words}
    known = set(
        session.exec(
            select(MessageWord.word, MessageWord.conversation_id).where(
                col(MessageWord.conversation_id).in_(conversations)
            )
        )
    )
    rows = [
        {"word": word, "conversation_id": conversation}
        for word, conversation in words
        if (word, conversation) not in known
    ]
    if rows:
        session.execute(insert(MessageWord), rows)


def _quarantine(
    desk: Desk, current: Transaction, account: Account, stream: str, item: Rejected
) -> None:
    fingerprint = desk.vault.lookup(f"quarantine:{account.id}", sha256(item.raw).hexdigest())
    if current.session.exec(
        select(Quarantined.id).where(Quarantined.fingerprint == fingerprint)
    ).first():
        return
    key = desk.vault.create_key(current.session, desk.force.id, current.now)
    row = Quarantined(
        id=new_id(),
        force_id=desk.force.id,
        account_id=account.id,
        stream=stream,
        fingerprint=fingerprint,
        key_id=key.id,
        sealed_raw=key.seal(item.raw),
        reason=item.reason[:500],
        found_at=current.now,
    )
    current.session.add(row)
    current.record(
        Action.COLLECTION,
        f"quarantined:{row.id}",
        details={"account": account.id, "stream": stream},
    )


def _move(desk: Desk, session: Session, page: _Arrival) -> None:
    if page.move is not None:
        move_cursor(desk, session, page.account, page.stream, page.move)
    if page.gap is not None:
        move_gap(desk, session, page.account, page.stream, page.gap)
