"""A scenario: who writes what to the force, how many seconds into the hour, and how they answer.

In a text, `@force` stands for the account's own handle.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from socialdesk.core.errors import ConfigError

Handle = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,20}$")]
Seconds = Annotated[float, Field(ge=0)]

THREAD_SECONDS = 120
"""A mention this soon after the same author's last goes on in its thread."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Account(_Strict):
    """The force's own presence."""

    handle: Handle
    name: str


class Writer(_Strict):
    """A member of the invented public."""

    handle: Handle
    name: str


class Item(_Strict):
    """One message of the public: `at` seconds into the scenario, in public or as a DM."""

    at: Seconds
    by: Handle
    mention: str | None = None
    dm: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.mention is None) == (self.dm is None):
            raise ValueError("give either mention or dm, with the text")
        if self.mention is not None and "@force" not in self.mention:
            raise ValueError("a mention must name @force, or the force would never see it")
        return self

    @property
    def text(self) -> str:
        """What is said, `@force` not yet replaced."""
        return self.mention if self.mention is not None else self.dm or ""

    @property
    def channel(self) -> Literal["mention", "dm"]:
        """Where it is said."""
        return "dm" if self.mention is None else "mention"


class Placed(NamedTuple):
    """An item in the timeline, with its id and that of the author's own post it goes on from."""

    id: str
    item: Item
    follows: str | None


class Reply(_Strict):
    """What someone says back, `after` seconds from the desk's reply."""

    after: Seconds
    text: Annotated[str, Field(min_length=1)]


class Answers(_Strict):
    """What one person says to the desk's first and second reply."""

    by: Handle
    first: Reply
    second: Reply | None = None


class Scenario(_Strict):
    """A stretch of public traffic to one account."""

    title: str
    seconds: Annotated[float, Field(gt=0)]
    account: Account
    authors: list[Writer]
    items: list[Item]
    answers: list[Answers] = []

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        known = {author.handle for author in self.authors}
        if len(known) != len(self.authors):
            raise ValueError("an author is listed twice")
        for item in self.items:
            if item.by not in known:
                raise ValueError(f"{item.by} writes but is not listed under authors")
            if item.at > self.seconds:
                raise ValueError(f"{item.by} writes at {item.at:g} s, after the scenario's end")
        writers = {item.by for item in self.items}
        for answer in self.answers:
            if answer.by not in writers:
                raise ValueError(f"{answer.by} answers but never wrote")
        return self

    def timeline(self) -> list["Placed"]:
        """Return the items by time, each with its id: the author and which of theirs it is.

        An id depends on that author's items alone, so a scenario may grow between two starts.
        """
        count: Counter[str] = Counter()
        last_post: dict[str, Placed] = {}
        timeline = []
        for item in sorted(self.items, key=lambda item: item.at):
            count[item.by] += 1
            earlier = last_post.get(item.by) if item.channel == "mention" else None
            follows = earlier and item.at - earlier.item.at <= THREAD_SECONDS
            placed = Placed(
                f"{item.by}-{count[item.by]}", item, earlier.id if earlier and follows else None
            )
            timeline.append(placed)
            if item.channel == "mention":
                last_post[item.by] = placed
        return timeline

    def spoken(self, text: str) -> str:
        """Return `text` with the account's handle in place of `@force`."""
        return text.replace("@force", f"@{self.account.handle}")


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a YAML file.

    Raises:
        ConfigError: the file cannot be read or is not a scenario; the text names the place.
    """
    try:
        values = YAML(typ="safe").load(path)
        return Scenario.model_validate(values)
    except (OSError, YAMLError) as error:
        raise ConfigError(
            f"{path} cannot be read as a scenario: {error}",
            todo="Compare it with config/scenarios/northshire-hour.yaml.",
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the scenario"
        raise ConfigError(
            f"{path}: {place}: {first['msg']}.",
            todo="For example an item: {at: 12, by: jo_writes, mention: '@force is this you?'}",
        ) from error
