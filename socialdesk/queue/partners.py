"""Partners: their keys, the nonces they have used, and how their reports reach the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from socialdesk.channels.partner.compose import Composed, composed, item_of, short_reference
from socialdesk.channels.partner.keys import PartnerKeys, require_sound
from socialdesk.channels.partner.report import Report
from socialdesk.channels.partner.signature import WINDOW_SECONDS
from socialdesk.classify.assessment import Assessment, Assessor, Reason
from socialdesk.core.config_file import load_config
from socialdesk.core.errors import ConfigError, RuleError, StoreError
from socialdesk.core.force import Partner
from socialdesk.core.text import file_stem
from socialdesk.queue.desk import Desk
from socialdesk.queue.intake import judge, take_in
from socialdesk.queue.tombstones import tombstone
from socialdesk.store.tables import Message, PartnerNonce
from socialdesk.store.transaction import Actor


class NonceUsed(RuleError):  # noqa: N818 named for what happened
    """The same signed request came before: it is being played again."""


class KeyReused(RuleError):  # noqa: N818 named for what happened
    """Another report was taken in under this Idempotency-Key."""


class ReportErased(RuleError):  # noqa: N818 a state
    """The report under this Idempotency-Key was taken in, and erased since by authority."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A report that is durably stored.

    Attributes:
        reference: for people; short enough to read out.
        id: the whole of it, unique among all reports.
    """

    reference: str
    id: str
    jurisdiction: str
    received_at: datetime
    for_another_force: bool


def keys_path(desk: Desk, partner: Partner) -> Path:
    """Return where a partner's keys lie."""
    return desk.home.secrets / f"{file_stem(partner.id)}.yaml"


def keys_of(desk: Desk, partner: Partner) -> PartnerKeys:
    """Return a partner's keys as its file holds them now, so that a change needs no restart.

    Raises:
        ConfigError: there are none, they are malformed, or others can read them.
    """
    path = keys_path(desk, partner)
    try:
        state = path.stat()
    except OSError as error:
        raise ConfigError(
            f"{path}: the partner {partner.id!r} has no keys.",
            todo=f"Make one: socialdesk partner new-key {partner.id}",
        ) from error
    if state.st_mode & 0o077:
        raise ConfigError(f"{path}: others can read these keys.", todo=f"chmod 600 {path}")
    return _keys(path, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=256)
def _keys(path: Path, _changed_ns: int, _inode: int) -> PartnerKeys:
    keys = load_config(path, PartnerKeys)
    require_sound(keys, str(path))
    return keys


def spend_nonce(desk: Desk, partner: Partner, nonce: str) -> None:
    """Note that a nonce was used, and forget those whose requests are too old to be played again.

    Raises:
        NonceUsed: it was used before.
        StoreError: the database is away or refused.
    """
    now = desk.clock.now()
    row = PartnerNonce(force_id=desk.force.id, partner_id=partner.id, nonce=nonce, seen_at=now)
    stale = now - timedelta(seconds=3 * WINDOW_SECONDS)
    try:
        with desk.store.bookkeeping() as session:
            session.execute(delete(PartnerNonce).where(col(PartnerNonce.seen_at) < stale))
            session.add(row)
    except StoreError as error:
        if isinstance(error.__cause__, IntegrityError):
            raise NonceUsed("This request was received before.") from error
        raise


def take_report(
    desk: Desk,
    actor: Actor,
    partner: Partner,
    key: str,
    report: Report,
    raw: bytes,
    model: Assessor,
) -> Taken:
    """Take a report into the queue, once for each Idempotency-Key; it is durable on return.

    Args:
        key: the Idempotency-Key it came with.
        raw: its body, byte for byte: what two requests under one key are compared by.

    Raises:
        KeyReused: another body was taken in under this key.
        ReportErased: it was taken in and erased since.
        StoreError: nothing was stored.
    """
    reference = desk.vault.lookup(f"report:{partner.id}", key)
    remote_id, short = reference.hex(), short_reference(reference)
    taken = _stored(desk, partner, remote_id, short, report, raw)
    if taken is None:
        text = composed(report, partner.name, short)
        item = item_of(
            report,
            text.shown,
            partner_id=partner.id,
            remote_id=remote_id,
            raw=raw,
            received_at=desk.clock.now(),
        )
        judged = judge([item], _Told(model, text))
        take_in(desk, actor, partner.account, item.stream.value, judged)
        taken = _stored(desk, partner, remote_id, short, report, raw)
    if taken is None:
        raise StoreError("A report was taken in and is not there.", todo="Send it again.")
    return taken


def _stored(
    desk: Desk, partner: Partner, remote_id: str, short: str, report: Report, raw: bytes
) -> Taken | None:
    """Return what is stored under a reference; None where nothing is."""
    erased = tombstone(desk, partner.id, remote_id)
    with desk.store.reading() as session:
        found = session.exec(
            select(Message.remote_id, Message.raw_sha256, Message.received_at).where(
                Message.account_id == partner.id, col(Message.remote_id).in_((remote_id, erased))
            )
        ).first()
    if found is None:
        return None
    name, digest, received_at = found
    if name == erased:
        raise ReportErased("The report under this Idempotency-Key was erased by authority.")
    if digest != sha256(raw).digest():
        raise KeyReused("Another report was taken in under this Idempotency-Key.")
    elsewhere = report.jurisdiction != desk.force.id
    return Taken(short, remote_id, report.jurisdiction, received_at, elsewhere)


@dataclass(frozen=True, slots=True)
class _Told:
    """Reads what the public told, and points its reasons at the text that officers read."""

    reader: Assessor
    text: Composed

    @property
    def model(self) -> str:
        """Version of the model."""
        return self.reader.model

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return what the model says of the public's own words, whatever is shown around them."""
        return [self.reader.assess([self.text.told])[0] for _ in texts]

    def explain(self, text: str, limit: int = 8) -> list[Reason]:
        """Return the reasons that lie within one run of the public's words."""
        del text
        found = []
        for reason in self.reader.explain(self.text.told, limit):
            place = self.text.shown_at(reason.start, reason.end)
            if place is not None:
                found.append(Reason(*place, reason.label, reason.weight))
        return found
