"""The fault rules: which request goes wrong, and how. Pure, but for the counting in `FaultBook`.

A rule looks at requests whose method and path match it and counts them from 1. It fires on the
`nth`; or on each past the first `after`, on every `every`-th of those, with `probability` (drawn
from `seed`), at most `times` times. The first rule that fires decides.
"""

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from random import Random
from threading import Lock
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from socialdesk.core.errors import ConfigError

EXAMPLE = '[{"kind": "server_error", "status": 503, "path": "/2/tweets", "times": 1}]'


class FaultKind(StrEnum):
    """What can go wrong."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    HANG = "hang"
    ACCEPT_THEN_DROP = "accept_then_drop"
    SLOW = "slow"
    TRUNCATED = "truncated"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN_REPLY = "forbidden_reply"
    DUPLICATE_CONTENT = "duplicate_content"
    PARTIAL_ERRORS = "partial_errors"
    OUT_OF_ORDER = "out_of_order"
    REPEATED = "repeated"
    INVALID_UTF8 = "invalid_utf8"
    MALFORMED_ITEM = "malformed_item"


class FaultRule(BaseModel):
    """One rule. `seconds` is how long `hang` and `slow` take; `reset` is rate_limited's header."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    method: Literal["GET", "POST", "DELETE"] | None = None
    path: str = ""
    nth: Annotated[int, Field(ge=1)] | None = None
    after: Annotated[int, Field(ge=0)] = 0
    every: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    seed: int = 0
    status: Literal[500, 502, 503] = 503
    seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    reset: bool = True

    @field_validator("path")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_way_of_choosing(self) -> Self:
        if self.nth is not None and (self.after or self.every != 1 or self.times is not None):
            raise ValueError("nth names one request; it cannot stand with after, every or times")
        return self

    def matches(self, method: str, path: str) -> bool:
        """Say whether this rule looks at such a request at all."""
        return self.method in (None, method) and re.search(self.path, path) is not None


def fires(rule: FaultRule, *, seen: int, applied: int, roll: float) -> bool:
    """Say whether `rule` fires on the `seen`-th request it looked at (from 1).

    Args:
        applied: how often it fired before.
        roll: a number in [0, 1) drawn for this request.
    """
    if rule.nth is not None:
        return seen == rule.nth and roll < rule.probability
    if rule.times is not None and applied >= rule.times:
        return False
    past = seen - rule.after
    return past > 0 and past % rule.every == 0 and roll < rule.probability


class FaultBook:
    """The rules in force and what they did so far; safe to use from many threads."""

    def __init__(self, rules: Sequence[FaultRule] = ()) -> None:
        self._lock = Lock()
        self.applied: Counter[str] = Counter()
        self.replace(rules)

    def replace(self, rules: Sequence[FaultRule]) -> None:
        """Put other rules in force, their counts at nought; totals by kind are kept."""
        with self._lock:
            self._rules = list(rules)
            self._seen = [0] * len(self._rules)
            self._fired = [0] * len(self._rules)
            self._dice = [Random(rule.seed) for rule in self._rules]  # noqa: S311 repeatable

    def choose(self, method: str, path: str) -> FaultRule | None:
        """Return the rule that fires on this request, having counted it."""
        with self._lock:
            chosen: int | None = None
            for index, rule in enumerate(self._rules):
                if not rule.matches(method, path):
                    continue
                self._seen[index] += 1
                roll = self._dice[index].random()
                if chosen is None and fires(
                    rule, seen=self._seen[index], applied=self._fired[index], roll=roll
                ):
                    chosen = index
            if chosen is None:
                return None
            self._fired[chosen] += 1
            self.applied[self._rules[chosen].kind.value] += 1
            return self._rules[chosen]


def rules_from(values: Any, *, source: str) -> list[FaultRule]:
    """Return the rules in a list of mappings.

    Raises:
        ConfigError: naming `source`, the rule's place and what is wrong with it.
    """
    if not isinstance(values, list):
        raise ConfigError(
            f"{source} must hold a list of fault rules.", todo=f"For example: {EXAMPLE}"
        )
    rules: list[FaultRule] = []
    for number, value in enumerate(values, start=1):
        try:
            rules.append(FaultRule.model_validate(value))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ConfigError(
                f"{source}, rule {number}: {place or 'the rule'}: {first['msg']}.",
                todo=f"For example: {EXAMPLE}",
            ) from error
    return rules


def load_faults(path: Path) -> list[FaultRule]:
    """Return the rules in a YAML file (a list of mappings).

    Raises:
        ConfigError: the file cannot be read, is not YAML or holds a wrong rule.
    """
    try:
        values = YAML(typ="safe").load(path)
    except (OSError, YAMLError) as error:
        raise ConfigError(
            f"{path} cannot be read as a list of fault rules: {error}",
            todo=f"For example: {EXAMPLE}",
        ) from error
    return rules_from(values or [], source=str(path))
