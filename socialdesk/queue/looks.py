"""Looking at one person's posts again and again: pure decisions on when a reason is owed.

Repeated viewing of someone's open profile can be directed surveillance (RIPA 2000 s.26(2); Covert
Surveillance and Property Interference Code 3.10 to 3.17). The law gives no number; the thresholds
are this desk's policy: a second look within 28 days asks a reason, a third needs an authority or a
supervisor's recorded rationale. Whoever wrote to the force is read as its intended recipient, and
a threat to life waits for nobody; either way the log says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from socialdesk.core.errors import RuleError

WINDOW = timedelta(days=28)
ONE_LOOK = timedelta(minutes=30)
"""Opening the same conversation again so soon after a look began is the same look."""
FREE, WITH_REASON = 1, 2
"""How many looks need nothing, and how many a reason at most; beyond that, a permission."""


class Ground(StrEnum):
    """Why a look was in order."""

    INBOUND_CONTACT = "inbound_contact"
    THREAT_TO_LIFE = "threat_to_life"
    SAME_LOOK = "same_look"
    FIRST_LOOK = "first_look"
    REASON = "reason"
    AUTHORITY = "authority"
    RATIONALE = "supervisor_rationale"


COUNTED = frozenset((Ground.FIRST_LOOK, Ground.REASON, Ground.AUTHORITY, Ground.RATIONALE))
EXEMPT = frozenset((Ground.INBOUND_CONTACT, Ground.THREAT_TO_LIFE))


class NeedsReason(RuleError):  # noqa: N818 named for what is owed
    """A further look at this person needs the officer's reason."""


class NeedsPermission(RuleError):  # noqa: N818 named for what is owed
    """A further look at this person needs an authority or a supervisor's rationale."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look already taken at this person; `here` where it was at the same conversation."""

    at: datetime
    ground: Ground
    here: bool


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What a decision rests on.

    Attributes:
        found: only listening brought this conversation; its author has not written to the force.
        life_at_risk: it is graded as immediate danger, or the officer says so.
        looks: this officer's looks at this person so far.
        permission: an authority's or rationale's ground that runs now, or None.
    """

    found: bool
    life_at_risk: bool
    looks: Sequence[Look]
    permission: Ground | None
    reason: str


def ground_for(of: Circumstance, now: datetime) -> Ground:
    """Return why a look is in order now.

    Raises:
        NeedsReason: it is the second within the window, and no reason was given.
        NeedsPermission: it is a later one, and nothing permits it.
    """
    if not of.found:
        return Ground.INBOUND_CONTACT
    if any(look.here and now - look.at < ONE_LOOK for look in of.looks):
        return Ground.SAME_LOOK
    if of.life_at_risk:
        return Ground.THREAT_TO_LIFE
    recent = [look for look in of.looks if look.ground in COUNTED and now - look.at < WINDOW]
    if len(recent) < FREE:
        return Ground.FIRST_LOOK
    if of.permission is not None:
        return of.permission
    if len(recent) >= WITH_REASON:
        raise NeedsPermission(
            f"You have looked at this person's posts {len(recent)} times within "
            f"{WINDOW.days} days. Looking again needs an authority or a supervisor's rationale.",
            todo="Ask your supervisor: socialdesk listening allow. A threat to life is exempt.",
        )
    if not of.reason.strip():
        raise NeedsReason(
            f"You have looked at this person's posts within the last {WINDOW.days} days.",
            todo="Say why you need to look again; the log keeps that you did.",
        )
    return Ground.REASON
