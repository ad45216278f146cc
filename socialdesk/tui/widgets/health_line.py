"""The bottom line: what an officer must know is not working."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from textual.binding import Binding

from socialdesk.queue.health import Health
from socialdesk.queue.states import ReplyState
from socialdesk.tui.theme import CALM, DANGER, FAINT, SOFT, WARM, WELL
from socialdesk.tui.widgets.lines import OneLine
from socialdesk.tui.words import clock_time

Part = tuple[str, str]


def health_parts(health: Health, now: datetime) -> list[Part]:
    """Return the health in words, what needs attention first."""
    return [
        *_evidence(health),
        *_streams(health),
        *_replies(health),
        *_polls(health, now),
        *_log(health),
    ]


def _evidence(health: Health) -> list[Part]:
    """Say first what means that the record of acts can no longer be relied on."""
    parts: list[Part] = []
    if health.refusal is not None:
        parts.append((f"✗ the log is not being signed: {health.refusal}", f"bold {DANGER}"))
    if health.check_problem is not None:
        since = "" if health.checked_at is None else f" at {clock_time(health.checked_at)}"
        parts.append(
            (f"✗ the log failed its check{since}: {health.check_problem}", f"bold {DANGER}")
        )
    if health.witnessed < health.quorum:
        parts.append((f"! witnessed by {health.witnessed} of {health.quorum}", WARM))
    return parts


def _streams(health: Health) -> list[Part]:
    several = len({stream.account_id for stream in health.streams}) > 1
    told: dict[Part, list[str]] = {}
    problems: list[Part] = []
    for stream in health.streams:
        name = f"{stream.account_id} {stream.stream}" if several else stream.stream
        if stream.blind_since is not None:
            since = f"✗ blind since {clock_time(stream.blind_since)}"
            told.setdefault((since, f"bold {DANGER}"), []).append(name)
        elif stream.never_read:
            told.setdefault(("○ not read yet", WARM), []).append(name)
        else:
            continue
        if stream.problem is not None and (stream.problem, WARM) not in problems:
            problems.append((stream.problem, WARM))
    if not told:
        return [("✓ all channels read", WELL)]
    parts = [(f"{word}: {', '.join(names)}", colour) for (word, colour), names in told.items()]
    return [*parts, *problems]


def _replies(health: Health) -> list[Part]:
    unsent = sum(number for state, number in health.unsent.items() if state != ReplyState.UNKNOWN)
    doubt = health.unsent.get(ReplyState.UNKNOWN.value, 0)
    told = (
        (doubt, f"? {doubt} in doubt", WARM),
        (health.failed, f"✗ {health.failed} failed", DANGER),
        (health.quarantined, f"! {health.quarantined} unreadable", WARM),
    )
    return [
        (f"{unsent} unsent", SOFT),
        *((word, colour) for number, word, colour in told if number),
    ]


def _polls(health: Health, now: datetime) -> list[Part]:
    last = max((s.last_attempt_at for s in health.streams if s.last_attempt_at), default=None)
    following = min((s.next_attempt_at for s in health.streams if s.next_attempt_at), default=None)
    parts: list[Part] = []
    if last is not None:
        parts.append((f"read {max(0, int((now - last).total_seconds()))}s ago", SOFT))
    if following is not None:
        wait = int((following - now).total_seconds())
        parts.append((f"next in {wait}s" if wait > 0 else "next is due", SOFT))
    return parts


def _log(health: Health) -> list[Part]:
    return [(f"log {health.log_size:,}, signed to {health.signed_size:,}", FAINT)]


class HealthLine(OneLine):
    """Channels, replies, polls and the log."""

    def tell(self, health: Health | None, problem: str | None, now: datetime) -> None:
        """Show what is known; a database that is away comes first."""
        parts = health_parts(health, now) if health is not None else []
        if problem is not None:
            parts.insert(0, (f"✗ {problem} What is shown may be old", f"bold {DANGER}"))
        self.show((" ", ""), *_joined(parts))


class Hints(OneLine):
    """The keys that matter most, those that cannot be used now left out."""

    def tell(self, keys: Sequence[Binding]) -> None:
        """Show as many as fit."""
        parts: list[Part] = [(" ", "")]
        used = 1
        for key in keys:
            text = f"{key.key_display} {key.description}"
            used += cell_len(text) + 3
            if used > self.size.width:
                break
            parts += [(f"{key.key_display}", f"bold {CALM}"), (f" {key.description}   ", SOFT)]
        self.show(*parts)


def _joined(parts: Sequence[Part]) -> list[Part]:
    return [piece for part in parts for piece in (part, (" · ", FAINT))][:-1]
