"""The desk's health: what an officer must know is not working, in one reading."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.note import parse_note
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.desk import Desk
from socialdesk.queue.states import ReplyState
from socialdesk.store.tables import LogCheckpoint, Quarantined, Reply, StreamState

UNSENT = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNKNOWN, ReplyState.AWAITING_APPROVAL)
STALE_POLLS = 3


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """How one stream of an account fares.

    Attributes:
        blind_since: all before is proven read; None when the stream is read on time.
    """

    account_id: str
    stream: str
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    blind_since: datetime | None
    never_read: bool
    problem: SafeText | None


@dataclass(frozen=True, slots=True)
class Health:
    """Everything the health line shows."""

    streams: tuple[StreamHealth, ...]
    unsent: dict[str, int]
    failed: int
    quarantined: int
    log_size: int
    signed_size: int

    @property
    def well(self) -> bool:
        """Whether nothing needs anyone's attention."""
        blind = any(stream.blind_since or stream.never_read for stream in self.streams)
        return not (blind or self.failed or self.quarantined or self.unsent.get("unknown"))


def read_health(desk: Desk) -> Health:
    """Return the desk's health as the database shows it now."""
    with desk.store.reading() as session:
        replies = dict(
            session.exec(
                select(Reply.state, func.count())
                .where(Reply.force_id == desk.force.id)
                .where(col(Reply.state).in_((*UNSENT, ReplyState.FAILED)))
                .group_by(col(Reply.state))
            ).all()
        )
        return Health(
            streams=tuple(_streams(desk, session)),
            unsent={state.value: replies[state] for state in UNSENT if state in replies},
            failed=replies.get(ReplyState.FAILED, 0),
            quarantined=session.exec(
                select(func.count())
                .select_from(Quarantined)
                .where(Quarantined.force_id == desk.force.id)
            ).one(),
            log_size=desk.log.size(session),
            signed_size=_signed_size(desk, session),
        )


def _streams(desk: Desk, session: Session) -> list[StreamHealth]:
    states = {
        (row.account_id, row.stream): row
        for row in session.exec(select(StreamState).where(StreamState.force_id == desk.force.id))
    }
    now = desk.clock.now()
    found = []
    for account in desk.force.accounts:
        for stream in account.streams:
            state = states.get((account.id, stream)) or StreamState(
                account_id=account.id, stream=stream, force_id=desk.force.id
            )
            covered = state.covered_until
            patience = max(10.0, STALE_POLLS * account.poll_seconds)
            late = covered is not None and (now - covered).total_seconds() > patience
            found.append(
                StreamHealth(
                    account_id=account.id,
                    stream=stream,
                    last_attempt_at=state.last_attempt_at,
                    next_attempt_at=state.next_attempt_at,
                    blind_since=covered if late else None,
                    never_read=covered is None,
                    problem=None if state.problem is None else visible(state.problem),
                )
            )
    return found


def _signed_size(desk: Desk, session: Session) -> int:
    note = session.exec(
        select(LogCheckpoint.note)
        .where(LogCheckpoint.force_id == desk.force.id)
        .order_by(col(LogCheckpoint.size).desc())
        .limit(1)
    ).first()
    return 0 if note is None else parse_checkpoint(parse_note(note)[0]).size
