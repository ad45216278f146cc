"""Images and video of messages: what waits to be fetched, what came, and how it is told.

The service that fetches takes one at a time, outside any transaction, and writes the outcome here.
Content is sealed under its contact's key, so erasing the contact destroys it; the log holds a
salted commitment. Nothing is ever rendered: an officer reads what it is, its size and its hash.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, or_, select

from socialdesk.audit.entry import Action
from socialdesk.channels.media import Fetched
from socialdesk.core.backoff import backoff
from socialdesk.core.text import SafeText, gist, visible
from socialdesk.queue.capture import SALT_BYTES
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import commitment
from socialdesk.store.tables import Contact, Conversation, Media
from socialdesk.store.transaction import Actor

WAITING, KEPT, REFUSED, FAILED = "waiting", "kept", "refused", "failed"
TRIES = 8
RETRY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image or video to fetch."""

    id: UUID
    account_id: str
    url: str


@dataclass(frozen=True, slots=True)
class MediaHash:
    """What an evidence bundle says of an image or video: never its content."""

    message_id: UUID
    position: int
    state: str
    media_type: str | None
    size: int | None
    sha256: str | None
    fetched_at: datetime | None
    problem: str | None


def wanted_now(desk: Desk, most: int) -> list[Wanted]:
    """Return what is due to be fetched, oldest first; what was erased meanwhile is left out."""
    now = desk.clock.now()
    with desk.store.reading() as session:
        rows = session.exec(
            select(Media, Contact.key_id)
            .join(Conversation, col(Conversation.id) == Media.conversation_id)
            .join(Contact, col(Contact.id) == Conversation.contact_id)
            .where(
                Media.force_id == desk.force.id,
                Media.state == WAITING,
                or_(col(Media.next_attempt_at).is_(None), col(Media.next_attempt_at) <= now),
            )
            .order_by(col(Media.id))
            .limit(most)
        ).all()
        keys = desk.vault.keys(session, (key_id for _row, key_id in rows))
    return [
        Wanted(row.id, row.account_id, json.loads(keys[key_id].unseal(row.sealed_link))["url"])
        for row, key_id in rows
        if key_id in keys
    ]


def keep(desk: Desk, actor: Actor, media_id: UUID, fetched: Fetched) -> bool:
    """Seal what came; return whether it was still wanted."""
    with desk.store.transaction(actor, "fetching an image or video") as current:
        row = _locked(current.session, media_id)
        if row is None:
            return False
        conversation = current.session.get_one(Conversation, row.conversation_id)
        key = desk.contact_key(current.session, conversation.contact_id)
        row.state, row.problem, row.next_attempt_at = KEPT, None, None
        row.attempts += 1
        row.media_type, row.size, row.sha256 = (
            fetched.media_type,
            len(fetched.content),
            fetched.sha256,
        )
        row.salt = secrets.token_bytes(SALT_BYTES)
        row.sealed_content = key.seal(fetched.content)
        row.fetched_at = current.now
        current.session.add(row)
        current.record(
            Action.COLLECTION,
            f"message:{row.message_id}",
            details={
                "media": str(row.id),
                "conversation": str(row.conversation_id),
                "media_type": fetched.media_type,
                "size": len(fetched.content),
            },
            commitments={"content": commitment(row.salt, fetched.content)},
        )
    return True


def not_fetched(desk: Desk, media_id: UUID, problem: str, *, for_good: bool) -> None:
    """Note that it did not come: tried again later, or never where that is settled."""
    with desk.store.bookkeeping() as session:
        row = _locked(session, media_id)
        if row is None:
            return
        row.attempts += 1
        row.problem = problem[:500]
        row.state, row.next_attempt_at = _after_failure(
            row.attempts, desk.clock.now(), for_good=for_good
        )
        session.add(row)


def media_hashes(session: Session, conversation_id: UUID) -> list[MediaHash]:
    """Return what is known of a conversation's images and videos, for an evidence bundle."""
    rows = session.exec(
        select(Media)
        .where(Media.conversation_id == conversation_id)
        .order_by(col(Media.message_id), col(Media.position))
    )
    return [
        MediaHash(
            row.message_id,
            row.position,
            row.state,
            row.media_type,
            row.size,
            None if row.sha256 is None else row.sha256.hex(),
            row.fetched_at,
            row.problem,
        )
        for row in rows
    ]


def described(row: Media, plain: bytes | None) -> SafeText:
    """Return one inert line that says what an image or video is; it is never shown itself."""
    link: dict[str, str] = json.loads(plain) if plain else {}
    kind = visible(link.get("kind", "media"))
    words = gist(link.get("description", ""), 160)
    parts = [f"[{kind}]", f"“{words}”" if words else "no description by its author"]
    if row.state == KEPT and row.sha256 is not None:
        parts.append(f"{row.media_type}, {_sized(row.size or 0)}, SHA-256 {row.sha256.hex()}")
    elif row.state == WAITING and row.problem is None:
        parts.append("being fetched")
    else:
        again = ", tried again later" if row.state == WAITING else ", not kept"
        parts.append(f"not fetched: {visible(row.problem or row.state)}{again}")
    return SafeText(" · ".join(parts))


def media_of(session: Session, messages: Sequence[UUID]) -> list[Media]:
    """Return the images and videos of some messages, in their order."""
    return list(
        session.exec(
            select(Media)
            .where(col(Media.message_id).in_(messages))
            .order_by(col(Media.message_id), col(Media.position))
        )
    )


def _locked(session: Session, media_id: UUID) -> Media | None:
    return session.exec(
        select(Media).where(Media.id == media_id, Media.state == WAITING).with_for_update()
    ).first()


def _after_failure(attempts: int, now: datetime, *, for_good: bool) -> tuple[str, datetime | None]:
    if for_good:
        return REFUSED, None
    if attempts >= TRIES:
        return FAILED, None
    return WAITING, now + timedelta(seconds=backoff(attempts, RETRY_SECONDS))


def _sized(size: int) -> str:
    return f"{size} bytes" if size < 1024 else f"{size / 1024:,.0f} kB"
