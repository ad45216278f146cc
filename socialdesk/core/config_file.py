"""Configuration files: YAML checked against a model, with errors that name file, key and line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from socialdesk.core.errors import ConfigError
from socialdesk.core.text import gist

Checked = TypeVar("Checked", bound=BaseModel)


def load_config(path: Path, model: type[Checked]) -> Checked:
    """Read a YAML file and return it checked against `model`.

    Raises:
        ConfigError: the file is missing, is not YAML, or breaks the model; the text names the
            file, the key, the line, what is wrong, and shows an example of right where the
            model gives one.
    """
    try:
        document = YAML().load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file.", todo="Create it.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text.", todo="Save it as UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    except YAMLError as error:
        raise ConfigError(_syntax(path, error), todo="Mend that line.") from error
    if not isinstance(document, CommentedMap):
        raise ConfigError(
            f"{path}, line 1: expected `key: value` lines, found something else.",
            todo="Compare it with the shipped example.",
        )
    try:
        return model.model_validate(document)
    except ValidationError as error:
        lines = [_explain(path, document, model, detail) for detail in _causes(error.errors())]
        raise ConfigError("\n".join(lines)) from error


def _syntax(path: Path, error: YAMLError) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        return f"{path}, line {error.problem_mark.line + 1}: {error.problem or 'not YAML'}."
    return f"{path}: not YAML ({gist(str(error), 120)})."


def _causes(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what is wrong only because a part of it is."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if not any(
            len(place) > len(detail["loc"]) and place[: len(detail["loc"])] == detail["loc"]
            for place in places
        )
    ]


def _explain(path: Path, document: Any, model: type[BaseModel], detail: ErrorDetails) -> str:
    location = detail["loc"]
    key = ".".join(str(part) for part in location) or "(whole file)"
    what = detail["msg"].removeprefix("Value error, ")
    line = _line_of(document, location)
    found = "" if detail["type"] == "missing" else f", found {gist(repr(detail['input']), 60)}"
    text = f"{path}, line {line}, key {key}: {what}{found}."
    example = _example(model, location)
    return f"{text} For example: {location[-1]}: {example}" if example else text


def _line_of(document: Any, location: Sequence[int | str]) -> int:
    """Return the 1-based line of the deepest part of `location` that exists in the file."""
    node, line = document, 1
    for part in location:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
        else:
            break
        node = node[part]
    return line


def _example(model: type[BaseModel], location: Sequence[int | str]) -> str | None:
    """Return the example that the model's field gives, following `location` into nested models."""
    current: Any = model
    example: str | None = None
    for part in location:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        if field is None:
            return example
        example = str(field.examples[0]) if field.examples else None
        inner = getattr(field.annotation, "__args__", (field.annotation,))
        current = next((kind for kind in inner if hasattr(kind, "model_fields")), None)
    return example
