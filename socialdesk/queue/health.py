"""The desk's health: what an officer must know is not working, in one reading."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from socialdesk.audit.checkpoint import cosigners, parse_checkpoint
from socialdesk.audit.note import parse_note
from socialdesk.queue.desk import Desk
from socialdesk.queue.states import ReplyState
from socialdesk.queue.stream_health import GapHealth, StreamHealth, gaps_of, streams_of
from socialdesk.store.tables import LogCheck, Quarantined, Reply

UNSENT = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNKNOWN, ReplyState.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True)
class Health:
    """Everything the health line shows.

    Attributes:
        witnessed: witnesses whose good cosignature stands on the newest checkpoint.
        quorum: how many the force demands.
        checked_at, check_problem: the last check of the whole log, and what was wrong.
    """

    streams: tuple[StreamHealth, ...]
    gaps: tuple[GapHealth, ...]
    unsent: dict[str, int]
    failed: int
    quarantined: int
    log_size: int
    signed_size: int
    witnessed: int = 0
    witnesses: int = 0
    quorum: int = 0
    checked_at: datetime | None = None
    check_problem: str | None = None

    @property
    def well(self) -> bool:
        """Whether nothing needs anyone's attention."""
        blind = any(stream.blind_since or stream.never_read for stream in self.streams)
        unproven = self.check_problem is not None or self.witnessed < self.quorum
        unsure = self.failed or self.quarantined or self.unsent.get("unknown")
        return not (blind or unproven or unsure)


def read_health(desk: Desk) -> Health:
    """Return the desk's health as the database shows it now."""
    with desk.store.reading() as session:
        note = desk.log.newest_checkpoint(session.connection())
        check = session.get(LogCheck, desk.force.id)
        keys = [witness.key for witness in desk.cosigning().witnesses]
        replies = dict(
            session.exec(
                select(Reply.state, func.count())
                .where(Reply.force_id == desk.force.id)
                .where(col(Reply.state).in_((*UNSENT, ReplyState.FAILED)))
                .group_by(col(Reply.state))
            ).all()
        )
        gaps = gaps_of(desk, session)
        return Health(
            streams=tuple(streams_of(desk, session, gaps)),
            gaps=gaps,
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
            check_problem=None if check is None or check.good else check.problem,
        )
