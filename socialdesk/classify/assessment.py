"""The values that cross the classifier's door. Importing this loads no model and no library."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class Urgency(StrEnum):
    """How soon a person must look, graded as UK contact handling grades it."""

    IMMEDIATE = "immediate"
    PRIORITY = "priority"
    ROUTINE = "routine"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for immediate to 3 for none: the queue orders by it."""
        return _RANKS[self]


_RANKS = {Urgency.IMMEDIATE: 0, Urgency.PRIORITY: 1, Urgency.ROUTINE: 2, Urgency.NONE: 3}


class Category(StrEnum):
    """What a message is about: one primary, any number also."""

    VIOLENCE = "violence"
    DOMESTIC_ABUSE = "domestic_abuse"
    SEXUAL_OFFENCE = "sexual_offence"
    HATE_CRIME = "hate_crime"
    ROBBERY = "robbery"
    BURGLARY = "burglary"
    VEHICLE_CRIME = "vehicle_crime"
    THEFT = "theft"
    CRIMINAL_DAMAGE = "criminal_damage"
    DRUGS = "drugs"
    WEAPONS = "weapons"
    FRAUD = "fraud"
    STALKING_HARASSMENT = "stalking_harassment"
    ROAD_TRAFFIC = "road_traffic"
    ANTISOCIAL_BEHAVIOUR = "antisocial_behaviour"
    PUBLIC_ORDER = "public_order"
    MISSING_PERSON = "missing_person"
    CONCERN_FOR_WELFARE = "concern_for_welfare"
    OTHER_INCIDENT = "other_incident"
    INFORMATION = "information"
    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    THANKS = "thanks"
    CHATTER = "chatter"
    SPAM = "spam"


class Vulnerability(StrEnum):
    """Signs that someone is unable to look after or protect themselves."""

    SELF_HARM = "self_harm"
    CHILD_AT_RISK = "child_at_risk"
    VULNERABLE_ADULT = "vulnerable_adult"
    DOMESTIC_ABUSE = "domestic_abuse"
    REPEAT_VICTIM = "repeat_victim"


class Reason(NamedTuple):
    """One span of the original text that carried a flag, and how much (log-odds, signed)."""

    start: int
    end: int
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the model says of one message. It orders the queue and decides nothing.

    Attributes:
        categories: calibrated probability of each category (independent; they need not sum to 1).
        possible_crime: calibrated probability that the message reports or discloses a crime.
        urgency_scores: calibrated probability of each urgency; sums to 1.
        vulnerability: calibrated probability of each vulnerability.
        model: version of the model that said so.
    """

    category: Category
    categories: dict[Category, float]
    possible_crime: float
    urgency: Urgency
    urgency_scores: dict[Urgency, float]
    vulnerability: dict[Vulnerability, float]
    model: str

    @property
    def flagged(self) -> bool:
        """Whether an officer should be told why: some urgency, or probably a crime."""
        return self.urgency is not Urgency.NONE or self.possible_crime >= 0.5


class Assessor(Protocol):
    """Whatever can read messages and say what they mean."""

    @property
    def model(self) -> str:
        """Version of the model, as recorded with every assessment."""
        ...

    def assess(self, texts: Sequence[str]) -> list[Assessment]:
        """Return one assessment a text, in order; never raises for any text."""
        ...

    def explain(self, text: str, limit: int = 8) -> list[Reason]:
        """Return the spans that weighed most for the flags `assess` raises, heaviest first."""
        ...

    def assess_explained(
        self, texts: Sequence[str], limit: int = 8
    ) -> list[tuple[Assessment, list[Reason]]]:
        """Return one assessment a text, with what `explain` says of those that are `flagged`.

        Each text is read once for both; those not flagged come with no reasons.
        """
        ...
