"""What a listening rule may be: pure decisions on its terms, its time and its authority.

Sources: RIPA 2000 s.26(2), s.28, s.30, s.43; Covert Surveillance and Property Interference Code
(August 2018) 3.10 to 3.17. That a superintendent authorises in writing for three months, and an
inspector where it is urgent for 72 hours, is what the force's own policy must confirm before use.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from socialdesk.core.errors import RuleError
from socialdesk.queue.authority import checked_reference
from socialdesk.queue.naming import Named, names_in

LONGEST = timedelta(days=28)
AUTHORITY_MONTHS = 3
URGENT = timedelta(hours=72)
MOST_TERMS = 20
LONGEST_TERM = 100


class Form(StrEnum):
    """How an authority was given."""

    WRITTEN = "written"
    URGENT_ORAL = "urgent_oral"


class Rank(StrEnum):
    """Who gave it."""

    INSPECTOR = "inspector"
    CHIEF_INSPECTOR = "chief_inspector"
    SUPERINTENDENT = "superintendent"
    CHIEF_SUPERINTENDENT = "chief_superintendent"
    CHIEF_OFFICER = "chief_officer"


URGENT_RANKS = tuple(Rank)
WRITTEN_RANKS = (Rank.SUPERINTENDENT, Rank.CHIEF_SUPERINTENDENT, Rank.CHIEF_OFFICER)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authorisation of directed surveillance, as its holder states it."""

    reference: str
    officer: str
    rank: Rank
    form: Form
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule someone wants to run.

    Attributes:
        terms: words, phrases and hashtags; a post that holds any of them is found.
        assessment: reference of the data protection impact assessment.
        expires_at: None for as long as is allowed.
    """

    terms: tuple[str, ...]
    purpose: str
    assessment: str
    expires_at: datetime | None = None
    authority: Authority | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """A rule that may run: its terms tidied, whom it names, until when."""

    terms: tuple[str, ...]
    purpose: str
    assessment: str
    expires_at: datetime
    named: tuple[Named, ...]
    authority: Authority | None


def allowed(proposal: Proposal, now: datetime) -> Allowed:
    """Return the rule as it may run from `now` on.

    Raises:
        RuleError: it names someone without an authority, runs too long, or says too little.
    """
    terms = _terms(proposal.terms)
    purpose = " ".join(proposal.purpose.split())
    if len(purpose) < 10:
        raise RuleError(
            "A listening rule needs its purpose.", todo="Say in a sentence what it is to find out."
        )
    named = tuple(one for text in (*terms, purpose) for one in names_in(text))
    if proposal.authority is not None:
        require_authority(proposal.authority, now)
    elif named:
        raise RuleError(
            f"This rule names a {named[0].kind.value} ({named[0].text!r}). Listening for someone "
            "is directed surveillance: it needs an authority (RIPA 2000 Part II).",
            todo="Follow the topic, place or event instead, or give the authority's reference, "
            "authorising officer, rank and expiry.",
        )
    expires_at = until(proposal.expires_at, now, proposal.authority)
    assessment = checked_reference(proposal.assessment)
    return Allowed(terms, purpose, assessment, expires_at, named, proposal.authority)


def until(wanted: datetime | None, now: datetime, authority: Authority | None) -> datetime:
    """Return when a rule ends: as wanted, within 28 days and within its authority.

    Raises:
        RuleError: it is wanted for longer than that, or has ended already.
    """
    latest = now + LONGEST
    if authority is not None:
        latest = min(latest, authority.expires_at)
    chosen = latest if wanted is None else wanted
    if chosen > latest:
        raise RuleError(
            f"A rule may run until {latest:%Y-%m-%d %H:%M} UTC at most: 28 days, and no longer "
            "than its authority.",
            todo="Choose an earlier end; it can be renewed while its purpose lasts.",
        )
    if chosen <= now:
        raise RuleError("The rule would have ended already.", todo="Choose a later end.")
    return chosen


def require_authority(authority: Authority, now: datetime) -> None:
    """Refuse an authority that could not be one, or that runs no longer.

    Raises:
        RuleError: saying what is wrong with it.
    """
    checked_reference(authority.reference)
    if not authority.officer.strip():
        raise RuleError("An authority needs the name of the authorising officer.")
    if authority.granted_at > now:
        raise RuleError("This authority begins in the future.", todo="Add the rule when it runs.")
    if authority.expires_at <= now:
        raise RuleError("This authority has ended.", todo="A fresh one is needed.")
    urgent = authority.form is Form.URGENT_ORAL
    ranks = URGENT_RANKS if urgent else WRITTEN_RANKS
    if authority.rank not in ranks:
        raise RuleError(
            f"A written authority is a superintendent's; this is from {authority.rank.value}.",
            todo="An inspector may authorise orally where it is urgent, for 72 hours.",
        )
    latest = longest_authority(authority)
    if authority.expires_at > latest:
        length = "72 hours" if urgent else "3 months"
        raise RuleError(
            f"This authority can run for {length} from its grant: until "
            f"{latest:%Y-%m-%d %H:%M} UTC."
        )


def longest_authority(authority: Authority) -> datetime:
    """Return the latest moment at which an authority of its form can end."""
    if authority.form is Form.URGENT_ORAL:
        return authority.granted_at + URGENT
    return months_after(authority.granted_at, AUTHORITY_MONTHS)


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same day and time `months` later; the month's last day where it has no such day.

    The end of an authority is never later than the law's: 30 November gives 28 February.
    """
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


def _terms(given: Sequence[str]) -> tuple[str, ...]:
    terms = tuple(dict.fromkeys(" ".join(term.split()) for term in given))
    if not terms or len(terms) > MOST_TERMS:
        raise RuleError(f"A listening rule has 1 to {MOST_TERMS} terms.")
    for term in terms:
        if (
            not 2 < len(term) <= LONGEST_TERM
            or '"' in term
            or "\\" in term
            or not term.isprintable()
        ):
            raise RuleError(
                f"{term[:40]!r} cannot be a term: 3 to {LONGEST_TERM} printable characters "
                "without quotation marks.",
                todo="Give words, a phrase or a #hashtag; each --term is found by itself.",
            )
    return terms
