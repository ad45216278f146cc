"""The words officers see for categories, urgencies and vulnerabilities: config/taxonomy.yaml."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from socialdesk.classify.assessment import Category, Urgency, Vulnerability
from socialdesk.core.errors import ConfigError
from socialdesk.core.shipped import shipped


@dataclass(frozen=True, slots=True)
class Term:
    """What people call an id, and what it means."""

    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A term for every id the classifier can give."""

    urgency: dict[Urgency, Term]
    categories: dict[Category, Term]
    vulnerability: dict[Vulnerability, Term]


def _term(entry: dict[str, Any]) -> Term:
    return Term(str(entry["label"]), str(entry["meaning"]))


def read_taxonomy(path: Path | None = None) -> Taxonomy:
    """Return the taxonomy in `path`, the shipped one when None.

    Raises:
        ConfigError: it cannot be read, or a term is missing.
    """
    file = path or shipped("config") / "taxonomy.yaml"
    try:
        data: dict[str, Any] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        return Taxonomy(
            {one: _term(data["urgency"][one.value]) for one in Urgency},
            {one: _term(data["categories"][one.value]) for one in Category},
            {one: _term(data["vulnerability"][one.value]) for one in Vulnerability},
        )
    except (OSError, YAMLError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{file.name} is not a taxonomy: {error}.",
            todo='Each id needs {label: "...", meaning: "..."}.',
        ) from error
