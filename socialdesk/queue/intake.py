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
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, insert, select

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Item, Rejected
from socialdesk.classify.assessment import Assessment, Assessor, Reason, Urgency
from socialdesk.core.errors import StoreError
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import encoded
from socialdesk.queue.assessments import assessment_row
from socialdesk.queue.commitments import commitment, fresh_salt
from socialdesk.queue.coverage import CursorMove, GapMove, heard, move_cursor, move_gap
from socialdesk.queue.desk import Desk
from socialdesk.queue.search import words_of
from socialdesk.queue.threads import Threads
from socialdesk.queue.tombstones import tombstone
from socialdesk.store.tables import AssessmentRow, Message, MessageWord, Quarantined
from socialdesk.store.transaction import Actor, Transaction

COLLISIONS = 20
"""How often a page is begun again; each collision means that another page was stored."""
SERIALIZATION_STATES = ("40001", "40P01")
"""PostgreSQL's states for a transaction to be tried again: serialization failure and deadlock."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item and what the model says of it; None for the account's own messages."""

    item: Item
    assessment: Assessment | None
    reasons: Sequence[Reason] = ()


def judge(items: Sequence[Item], assessor: Assessor) -> list[Judged]:
    """Assess the public's messages among `items`, with reasons for those that raise a flag."""
    inbound = [item for item in items if not item.outbound]
    said = dict(
        zip(
            (item.remote_id for item in inbound),
            assessor.assess([item.text for item in inbound]),
            strict=True,
        )
    )
    return [_judged(item, said.get(item.remote_id), assessor) for item in items]


def _judged(item: Item, assessment: Assessment | None, assessor: Assessor) -> Judged:
    if assessment is None or item.outbound:
        return Judged(item, None)
    flagged = assessment.urgency is not Urgency.NONE or assessment.possible_crime >= 0.5
    return Judged(item, assessment, assessor.explain(item.text) if flagged else ())


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
        fresh = _unknown(desk, current.session, account, page.judged)
        if fresh:
            _store(desk, current, account, fresh)
            heard(desk, current.session, account, stream, current.now)
        for item in page.rejected:
            _quarantine(desk, current, account, stream, item)
        if current.acts:
            _move(desk, current.session, page)
    if not current.acts and (page.move or page.gap):
        with desk.store.bookkeeping() as session:
            _move(desk, session, page)
    return len(fresh)


def _collided(error: StoreError) -> bool:
    """Say whether another writer was quicker with the same rows: nothing of ours was stored."""
    cause = error.__cause__
    state = getattr(getattr(cause, "orig", None), "sqlstate", None)
    return isinstance(cause, IntegrityError) or state in SERIALIZATION_STATES


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


def _store(desk: Desk, current: Transaction, account: Account, fresh: Sequence[Judged]) -> None:
    threads = Threads(desk, current, account, [entry.item for entry in fresh])
    messages: list[dict[str, Any]] = []
    assessments: list[dict[str, Any]] = []
    words: set[tuple[bytes, Any]] = set()
    for entry in fresh:
        item = entry.item
        thread = threads.receive(item, entry.assessment)
        salt = fresh_salt()
        text = encoded(item.text)
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
                "sealed_text": thread.key.seal(text),
                "sealed_raw": thread.key.seal(item.raw),
                "raw_sha256": sha256(item.raw).digest(),
                "salt": salt,
            }
        )
        words.update(
            (desk.vault.lookup("word", word), thread.conversation.id)
            for word in words_of(item.text, item.author.handle)
        )
        current.record(
            Action.COLLECTION,
            f"message:{message_id}",
            details={
                "conversation": str(thread.conversation.id),
                "account": account.id,
                "stream": item.stream.value,
            },
            commitments={"text": commitment(salt, text), "raw": commitment(salt, item.raw)},
        )
        if entry.assessment is not None:
            assessments.append(
                assessment_row(entry.assessment, entry.reasons, message_id, current.now)
            )
    threads.flush()
    current.session.execute(insert(Message), messages)
    _index(current.session, words)
    if assessments:
        current.session.execute(insert(AssessmentRow), assessments)
        _record_assessments(current, assessments)


def _record_assessments(current: Transaction, assessments: Sequence[dict[str, Any]]) -> None:
    """Record what the model said of a page in one entry: urgency by message."""
    current.record(
        Action.ASSESS,
        f"page:{new_id()}",
        details={
            "model": assessments[0]["model"],
            "messages": {str(row["message_id"]): row["urgency"] for row in assessments},
        },
    )


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
