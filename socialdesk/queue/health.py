"""The desk's health: what an officer must know is not working, in one reading."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from socialdesk.audit.checkpoint import cosigners, parse_checkpoint
from socialdesk.audit.note import parse_note
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.desk import Desk
from socialdesk.queue.states import ReplyState
from socialdesk.queue.stream_health import GapHealth, StreamHealth, gaps_of, streams_of
from socialdesk.store.tables import LogCheck, LogRefusal, Quarantined, Reply, VaultKey

UNSENT = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNKNOWN, ReplyState.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True)
class Health:
    """Everything the health line shows.

    Attributes:
        witnessed: witnesses whose good cosignature stands on the newest checkpoint.
        quorum: how many the force demands.
        witness_problems: by witness, why its last answer was no cosignature.
        checked_at, check_problem: the last check of the whole log, and what was wrong.
        refusal: why the log's newest entries are not signed.
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
    witness_problems: dict[str, str] = field(default_factory=dict)
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
        cosigning = desk.cosigning()
        keys = [witness.key for witness in cosigning.witnesses]
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
                .join(VaultKey, col(VaultKey.id) == Quarantined.key_id)
                .where(Quarantined.force_id == desk.force.id, col(VaultKey.wrapped).is_not(None))
            ).one(),
            log_size=desk.log.size(session),
            signed_size=0 if note is None else parse_checkpoint(parse_note(note)[0]).size,
            witnessed=len(cosigners(note, keys)) if note is not None and keys else 0,
            witnesses=len(keys),
            quorum=desk.force.quorum,
            witness_problems=cosigning.problems(),
            checked_at=None if check is None else check.made_at,
            check_problem=None if check is None or check.good else visible(check.problem),
            refusal=None if refusal is None else visible(refusal.problem),
        )
