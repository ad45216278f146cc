"""What a headless run shows: counts from the network and from the desk, and whether they agree."""

import json
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

from sqlmodel import col, func, select

from socialdesk.audit.verify import verify_log
from socialdesk.classify.assessment import Urgency
from socialdesk.demo.setting import Setting
from socialdesk.queue.states import ReplyState
from socialdesk.store.tables import AssessmentRow, Message, Reply


@dataclass(frozen=True, slots=True)
class Network:
    """What lies on the simulated network."""

    said: frozenset[str]
    replies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run. `lost` and `unwanted` must be empty for it to count as good."""

    on_network: int
    ingested: int
    classified: int
    by_urgency: dict[str, int]
    replies_sent: int
    replies_on_network: int
    handled: int
    audit_entries: int
    log_verified: bool
    log_problems: tuple[str, ...]
    lost: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    left_over: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing was lost, nothing went out twice, and the log verifies."""
        doubtful = sum(self.left_over.get(state, 0) for state in ("sending", "unknown"))
        accounted = 0 <= self.replies_on_network - self.replies_sent <= doubtful
        return not self.lost and not self.twice and accounted and self.log_verified


def read_network(setting: Setting) -> Network:
    """Ask the simulated network what the public said and what the desk published."""
    url = f"{setting.network}/_sim/summary"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 our own loopback address
        found = json.load(answer)
    public, desk = found["public"], found["desk"]
    replies = [(str(reply["to"]), reply["text"]) for reply in (*desk["posts"], *desk["dms"])]
    return Network(frozenset((*public["mentions"], *public["dms"])), tuple(replies))


def stored_ids(setting: Setting) -> frozenset[str]:
    """Return the network's ids of all messages of the public that the desk holds."""
    with setting.desk.store.reading() as session:
        return frozenset(
            session.exec(select(Message.remote_id).where(col(Message.outbound).is_(False)))
        )


def unsettled(setting: Setting) -> int:
    """Return how many replies are still on their way."""
    with setting.desk.store.reading() as session:
        return session.exec(
            select(func.count())
            .select_from(Reply)
            .where(
                col(Reply.state).in_((ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNKNOWN))
            )
        ).one()


def summarise(setting: Setting, network: Network, handled: int) -> Summary:
    """Return the figures of a run that has come to rest."""
    desk = setting.desk
    stored = stored_ids(setting)
    keys = desk.signer()
    keys.sign(desk.store)
    with desk.store.reading() as session:
        connection = session.connection()
        saved = [keys.memory.read_text("utf-8")]
        verdict = verify_log(desk.log, connection, keys.keys.public, saved)
        urgency = dict(
            session.exec(
                select(AssessmentRow.urgency, func.count()).group_by(col(AssessmentRow.urgency))
            ).all()
        )
        states = dict(
            session.exec(select(Reply.state, func.count()).group_by(col(Reply.state))).all()
        )
    sent = states.pop(ReplyState.SENT, 0)
    times = Counter(network.replies)
    return Summary(
        on_network=len(network.said),
        ingested=len(stored),
        classified=sum(urgency.values()),
        by_urgency={grade.value: urgency.get(grade.value, 0) for grade in Urgency},
        replies_sent=sent,
        replies_on_network=len(network.replies),
        handled=handled,
        audit_entries=verdict.size,
        log_verified=verdict.good,
        log_problems=tuple(verdict.problems),
        lost=tuple(sorted(network.said - stored)),
        twice=tuple(text for (_to, text), count in times.items() if count > 1),
        left_over=states,
    )
