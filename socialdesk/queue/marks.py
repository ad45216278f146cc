"""What is said beneath a message: its media, its versions, its deletion, who found it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from socialdesk.core.text import SafeText, decoded, defanged
from socialdesk.queue.media import described, media_of
from socialdesk.store.tables import Finding, Media, Message, MessageVersion

_GONE = {
    "not_found": "its author or the network deleted it",
    "withheld": "the network withholds it",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """What belongs to a conversation's messages, sealed."""

    versions: Sequence[MessageVersion]
    media: Sequence[Media]
    rules: dict[UUID, list[UUID]]

    def sealed(self) -> list[bytes]:
        """Return what must be opened to tell of it, in the order `told` takes it back."""
        return [
            *(version.sealed_text for version in self.versions),
            *(one.sealed_link for one in self.media),
        ]

    def opened(self, plain: Iterator[bytes | None]) -> "Opened":
        """Take back what `sealed` named, opened."""
        versions: dict[UUID, list[tuple[MessageVersion, bytes | None]]] = defaultdict(list)
        media: dict[UUID, list[SafeText]] = defaultdict(list)
        for version in self.versions:
            versions[version.message_id].append((version, next(plain)))
        for one in self.media:
            media[one.message_id].append(described(one, next(plain)))
        return Opened(versions, media, self.rules)


@dataclass(frozen=True, slots=True)
class Opened:
    """The same, opened."""

    versions: dict[UUID, list[tuple[MessageVersion, bytes | None]]]
    media: dict[UUID, list[SafeText]]
    rules: dict[UUID, list[UUID]]

    def newest(self, message: Message, plain: bytes | None) -> bytes | None:
        """Return the newest version of a message's text."""
        versions = self.versions.get(message.id)
        return versions[-1][1] if versions else plain

    def marks(self, message: Message, plain: bytes | None) -> tuple[SafeText, ...]:
        """Return the lines beneath a message, inert."""
        lines: list[SafeText] = []
        if message.gone_at is not None:
            why = _GONE.get(message.gone_because or "", "the network serves it no more")
            lines.append(
                SafeText(
                    f"Gone since {message.gone_at:%Y-%m-%d %H:%M} UTC: {why}. "
                    "What was captured is kept."
                )
            )
        earlier = plain
        for version, text in self.versions.get(message.id, ()):
            said = "(erased)" if earlier is None else defanged(decoded(earlier))
            edited = f"Edited {version.edited_at:%Y-%m-%d %H:%M} UTC"
            lines.append(
                SafeText(
                    f"{edited}: version {version.number}. Version {version.number - 1}: {said}"
                )
            )
            earlier = text
        lines += self.media.get(message.id, [])
        lines += [
            SafeText(f"Found by listening rule {rule}.") for rule in self.rules.get(message.id, ())
        ]
        return tuple(lines)


def attached_to(session: Session, messages: Sequence[UUID]) -> Attached:
    """Return what belongs to these messages."""
    versions = session.exec(
        select(MessageVersion)
        .where(col(MessageVersion.message_id).in_(messages))
        .order_by(col(MessageVersion.message_id), col(MessageVersion.number))
    ).all()
    rules: dict[UUID, list[UUID]] = defaultdict(list)
    for row in session.exec(select(Finding).where(col(Finding.message_id).in_(messages))):
        rules[row.message_id].append(row.rule_id)
    return Attached(versions, media_of(session, messages), rules)
