"""The gazetteer: outcodes, towns, counties and landmarks, each with its shares by force.

Read once from config/jurisdiction; a force may edit those files.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from socialdesk.core.errors import ConfigError
from socialdesk.core.shipped import shipped

Shares = Mapping[str, float]
"""Force id → share, largest first; shares of one place sum to about 1."""


@dataclass(frozen=True, slots=True)
class Town:
    """All towns and villages of one name, `people` together.

    `ordinary` when the name is also an everyday word.
    """

    forces: Shares
    people: int
    ordinary: bool


@dataclass(frozen=True, slots=True)
class Railway:
    """The railway's own police and the words that place something on it."""

    force: str
    share: float
    phrases: tuple[str, ...]
    not_when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All that is known of where places are policed; names are folded (lower case, no marks)."""

    outcodes: dict[str, Shares]
    towns: dict[str, Town]
    named: dict[str, Shares]
    authorities: dict[str, str]
    railway: Railway
    home: tuple[str, ...]
    before: frozenset[str]


def _shares(text: str) -> Shares:
    pairs = (one.split(":") for one in text.split(";"))
    return {force: float(share) for force, share in pairs}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_gazetteer(folder: Path | None = None) -> Gazetteer:
    """Return the gazetteer in `folder`, the shipped one when None.

    Raises:
        ConfigError: a file is missing or is not as its first line says.
    """
    at = folder or shipped("config") / "jurisdiction"
    try:
        special: dict[str, Any] = YAML(typ="safe").load((at / "special.yaml").read_text("utf-8"))
        rail = special["railway"]
        return Gazetteer(
            outcodes={one["outcode"]: _shares(one["forces"]) for one in _rows(at / "outcodes.csv")},
            towns={
                one["town"]: Town(
                    _shares(one["forces"]), int(one["people"]), one["ordinary_word"] == "1"
                )
                for one in _rows(at / "towns.csv")
            },
            named={
                str(name): {str(force): 1.0}
                for name, force in {**special["counties"], **special["landmarks"]}.items()
            },
            authorities={one["authority"]: one["force"] for one in _rows(at / "authorities.csv")},
            railway=Railway(
                str(rail["force"]),
                float(rail["share"]),
                tuple(str(one) for one in rail["phrases"]),
                tuple(str(one) for one in rail["not_when"]),
            ),
            home=tuple(str(one) for one in special["home"]),
            before=frozenset(str(one) for one in special["before"]),
        )
    except (OSError, YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"The gazetteer in {at.name} cannot be read: {error!r}.",
            todo="config/jurisdiction/README.md says what each file holds.",
        ) from error
