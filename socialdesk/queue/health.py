"""The desk's health: what an officer must know is not working, in one reading."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from socialdesk.audit.checkpoint import cosigners, parse_checkpoint
from socialdesk.audit.note import parse_note
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.desk import Desk
from socialdesk.queue.states import ReplyState
from socialdesk.store.tables import LogCheck, LogRefusal, Quarantined, Reply, StreamState

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
    """Everything the health line shows.

    Attributes:
        witnessed: witnesses whose good cosignature stands on the newest checkpoint.
        quorum: how many the force demands.
        checked_at, check_problem: the last check of the whole log, and what was wrong.
        refusal: why the log's newest entries are not signed.
    """

    streams: tuple[StreamHealth, ...]
    unsent: dict[str, int]
    failed: int
    quarantined: int
    log_size: int
    signed_size: int
    witnessed: int = 0
    witnesses: int = 0
    quorum: int = 0
    checked_at: datetime | None = None
    check_problem: SafeText | None = None
    refusal: SafeText | None = None

    @property
    def well(self) -> bool:
        """Whether nothing needs anyone's attention."""
        blind = any(stream.blind_since or stream.never_read for stream in self.streams)
        unsigned = self.refusal is not None
        unproven = unsigned or self.check_problem is not None or self.witnessed < self.quorum
        unsure = self.failed or self.quarantined or self.unsent.get("unknown")
        return not (blind or unproven or unsure)


def read_health(desk: Desk) -> Health:
    """Return the desk's health as the database shows it now."""
    with desk.store.reading() as session:
        note = desk.log.newest_checkpoint(session.connection())
        check = session.get(LogCheck, desk.force.id)
        refusal = session.get(LogRefusal, desk.force.id)
        keys = [witness.key for witness in desk.cosigning().witnesses]
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
            signed_size=0 if note is None else parse_checkpoint(parse_note(note)[0]).size,
            witnessed=len(cosigners(note, keys)) if note is not None and keys else 0,
            witnesses=len(keys),
            quorum=desk.force.quorum,
            checked_at=None if check is None else check.made_at,
            check_problem=None if check is None or check.good else visible(check.problem),
            refusal=None if refusal is None else visible(refusal.problem),
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
