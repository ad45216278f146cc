"""One whole conversation, opened for one reader."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.classify.assessment import Urgency
from socialdesk.core.text import SafeText, decoded, defanged, visible
from socialdesk.queue.desk import Desk
from socialdesk.queue.marks import Opened, attached_to
from socialdesk.queue.people import Officer
from socialdesk.queue.viewing import Why, look
from socialdesk.queue.views import ERASED, SOMEONE, Note, Said, ThreadView, line_of, names_of
from socialdesk.store.tables import AssessmentRow, Contact, Escalation, Message, Reply, Thrive
from socialdesk.store.vault import Sealed

NOTHING_SAID = Why()


def open_thread(
    desk: Desk, officer: Officer, conversation_id: UUID, why: Why = NOTHING_SAID
) -> ThreadView:
    """Open a whole conversation, and record it as a consultation, with the ground it rests on.

    Args:
        why: what the officer says where a further look at someone asks for it.

    Raises:
        NeedsReason, NeedsPermission: see `looks`; nothing was opened.
        RuleError: this force has no such conversation.
    """
    with desk.store.transaction(officer.actor, "reading the conversation") as current:
        session = current.session
        conversation = desk.conversation(session, conversation_id)
        ground = look(desk, current, officer, conversation, why)
        key_id = session.exec(
            select(Contact.key_id).where(Contact.id == conversation.contact_id)
        ).one()
        messages = session.exec(
            select(Message)
            .where(Message.conversation_id == conversation_id)
            .order_by(col(Message.sent_at), col(Message.remote_id))
        ).all()
        replies = session.exec(
            select(Reply)
            .where(
                Reply.conversation_id == conversation_id,
                col(Reply.state).not_in(("sent", "draft", "abandoned")),
            )
            .order_by(col(Reply.begun_at))
        ).all()
        thrives = session.exec(select(Thrive).where(Thrive.conversation_id == conversation_id))
        escalations = session.exec(
            select(Escalation).where(Escalation.conversation_id == conversation_id)
        )
        noted: list[Thrive | Escalation] = [*thrives, *escalations]
        attached = attached_to(session, [message.id for message in messages])
        sealed = [
            conversation.sealed_gist,
            *(message.sealed_text for message in messages),
            *(reply.sealed_text for reply in replies),
            *(note.sealed_note for note in noted),
            *attached.sealed(),
        ]
        plain = iter(
            desk.vault.opened(
                current,
                [Sealed(key_id, content) for content in sealed],
                [f"conversation:{conversation_id}"],
                details={"ground": ground.value},
            )
        )
        names = names_of(session)
        line = line_of(conversation, next(plain), officer, names, current.now)
        assessed = _assessments(session, [message.id for message in messages])
        texts = [next(plain) for _message in messages]
        pending = [_pending(reply, next(plain)) for reply in replies]
        notes = [_note(note, next(plain), names) for note in noted]
        more = attached.opened(plain)
        said = [
            _said(message, text, assessed.get(message.id), more)
            for message, text in zip(messages, texts, strict=True)
        ] + pending
    newest = [row for row in assessed.values() if row is not None][-1:]
    scores: dict[str, dict[str, float]] = newest[0].scores if newest else {}
    return ThreadView(
        line,
        tuple(said),
        tuple(sorted(notes, key=lambda note: note.at)),
        scores.get("vulnerability", {}),
        scores.get("categories", {}),
    )


def _assessments(session: Session, ids: Sequence[UUID]) -> dict[UUID, AssessmentRow]:
    rows = session.exec(
        select(AssessmentRow)
        .where(col(AssessmentRow.message_id).in_(ids))
        .order_by(col(AssessmentRow.made_at))
    )
    return {row.message_id: row for row in rows}


def _said(message: Message, plain: bytes | None, row: AssessmentRow | None, more: Opened) -> Said:
    newest = more.newest(message, plain)
    if newest is None:
        return Said(message.sent_at, message.outbound, ERASED)
    text = decoded(newest)
    return Said(
        at=message.sent_at,
        outbound=message.outbound,
        text=defanged(text),
        state="sent" if message.outbound else None,
        urgency=Urgency(row.urgency) if row is not None else None,
        reasons=_reasons(text, row.reasons) if row is not None else (),
        marks=more.marks(message, plain),
    )


def _reasons(text: str, reasons: Sequence[dict[str, Any]]) -> tuple[tuple[SafeText, float], ...]:
    return tuple(
        (visible(text[reason["start"] : reason["end"]]), float(reason["weight"]))
        for reason in reasons
    )


def _pending(reply: Reply, plain: bytes | None) -> Said:
    text = ERASED if plain is None else _shown(plain)
    problem = None if reply.problem is None else visible(reply.problem)
    return Said(reply.queued_at or reply.begun_at, True, text, reply.state, problem)  # noqa: FBT003 the field's own name says it


def _note(note: Thrive | Escalation, plain: bytes | None, names: dict[UUID, SafeText]) -> Note:
    text = ERASED if plain is None else _shown(plain)
    kind = (
        f"THRIVE: {note.urgency}"
        if isinstance(note, Thrive)
        else f"escalated to {note.destination}"
    )
    return Note(note.made_at, names.get(note.person_id, SOMEONE), kind, text)


def _shown(plain: bytes) -> SafeText:
    return visible(decoded(plain), multiline=True)
