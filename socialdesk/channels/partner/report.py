"""A partner's report, as it crosses the wire: the model that the OpenAPI document publishes.

Reading is strict: one JSON object, no key twice (RFC 8259 leaves open which would count, so two
readers could see two reports), no value converted, nothing unknown ignored.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _moment(text: str) -> str:
    try:
        moment_of(text)
    except (ValueError, OverflowError):
        raise ValueError("not a date and time with its offset, as 2026-11-24T09:12:00Z") from None
    return text


def moment_of(text: str) -> datetime:
    """Return an RFC 3339 date-time as an aware moment in UTC; a leap second is the one before.

    Raises:
        ValueError, OverflowError: it is none.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 date-time")
    normal = text.upper().replace(":60", ":59", 1) if text[17:19] == "60" else text.upper()
    whole, point, rest = normal.partition(".")
    if point:
        fraction = rest.rstrip("Z").partition("+")[0].partition("-")[0]
        normal = f"{whole}.{fraction[:6]}{rest[len(fraction) :]}"
    return datetime.fromisoformat(normal).astimezone(UTC)


Moment = Annotated[
    str, AfterValidator(_moment), Field(json_schema_extra={"format": "date-time"}, max_length=40)
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Answer(_Part):
    """One question of the partner's form, and what was answered."""

    question: str = Field(min_length=1, max_length=500, examples=["Is anyone hurt?"])
    answer: str = Field(max_length=5000, examples=["My neighbour is bleeding"])


class Form(_Part):
    """The partner's form, as it was filled in."""

    name: str = Field(min_length=1, max_length=200, examples=["Report antisocial behaviour"])
    answers: tuple[Answer, ...] = Field(max_length=100)


class Person(_Part):
    """Who wrote, as far as they said."""

    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="The partner's own stable id of the person; the same person's reports are then "
        "known as theirs. Leave it out for someone anonymous.",
        examples=["resident-20311"],
    )
    name: str | None = Field(default=None, max_length=200, examples=["Jo Doe"])
    email: str | None = Field(default=None, max_length=320, examples=["jo@example.org"])
    phone: str | None = Field(default=None, max_length=40, examples=["01632 960001"])
    prefers: str | None = Field(
        default=None,
        max_length=200,
        description="How the person wishes to be reached, in their own words.",
        examples=["by e-mail, not at home"],
    )


class Report(_Part):
    """Something a member of the public told a partner, for the police."""

    jurisdiction: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="The id of the force it is for. A report for another force is taken in and "
        "marked for hand-off.",
        examples=["northshire"],
    )
    text: str = Field(
        min_length=1,
        max_length=20_000,
        description="What the person wrote, unchanged.",
        examples=["He is outside my house again and he has a knife"],
    )
    submitted_at: Moment = Field(
        description="When the person pressed send (RFC 3339, with its offset).",
        examples=["2026-11-24T09:12:00Z"],
    )
    person: Person | None = None
    form: Form | None = None
    location: str | None = Field(
        default=None,
        max_length=500,
        description="Where it happened, as the person or the form said.",
        examples=["High Street, Acton, outside the library"],
    )
    link: str | None = Field(
        default=None,
        max_length=2000,
        description="Where the report can be seen at the partner. It is shown and never opened.",
        examples=["https://portal.example/reports/8841"],
    )
    thread: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="The partner's own id of the case: reports of one person with the same value "
        "become one conversation.",
        examples=["case-8841"],
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a report: where (RFC 6901 JSON pointer) and in words."""

    pointer: str
    detail: str


class NotJson(ValueError):  # noqa: N818 what the body is
    """The body is not one JSON object in which no key stands twice."""


class NotAReport(ValueError):  # noqa: N818 what the body is
    """The body is JSON and breaks the published schema."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("the body breaks the schema")
        self.faults = faults


def read_report(body: bytes) -> Report:
    """Return the report that a body holds.

    Raises:
        NotJson: saying why.
        NotAReport: naming every fault.
    """
    _require_plain_json(body)
    try:
        return Report.model_validate_json(body)
    except ValidationError as error:
        raise NotAReport(
            tuple(
                Fault(_pointer(detail["loc"]), detail["msg"].removeprefix("Value error, "))
                for detail in error.errors(include_input=False, include_url=False)[:20]
            )
        ) from error


def _require_plain_json(body: bytes) -> None:
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise NotJson("it is nested beyond reason") from error
    except ValueError as error:
        raise NotJson(str(error)) from error


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twin[:60]!a} stands there twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
