"""What a network's headers say is left of a rate limit: on each the same three, otherwise named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from socialdesk.channels.base import Allowance

MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class LimitHeaders:
    """A network's three headers: `prefix` with limit, remaining and reset behind it.

    Attributes:
        moment: how the reset's time is written.
        longer: prefixes of further limits, for a longer time; where one is spent, it holds.
    """

    prefix: str
    moment: Callable[[str], datetime | None]
    longer: tuple[str, ...] = ()

    def allowance(self, headers: Mapping[str, str]) -> Allowance:
        """Return what an answer's headers say is left; None for each that is no number."""
        return Allowance(
            limit=_number(headers.get(f"{self.prefix}limit", "")),
            remaining=_number(headers.get(f"{self.prefix}remaining", "")),
            resets_at=self.resets_at(headers),
        )

    def resets_at(self, headers: Mapping[str, str]) -> datetime | None:
        """Return when the limit resets, if the headers say so in the network's way."""
        spent = [name for name in self.longer if headers.get(f"{name}remaining") == "0"]
        found = [self.moment(headers.get(f"{name}reset", "")) for name in (*spent, self.prefix)]
        return max((moment for moment in found if moment is not None), default=None)


def epoch(value: str) -> datetime | None:
    """Return the time in whole seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso(value: str) -> datetime | None:
    """Return the time in an ISO 8601 text that names its time zone."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _number(value: str) -> int | None:
    plain = value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS
    return int(value) if plain else None
