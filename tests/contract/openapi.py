"""X's OpenAPI document, where the machine has one, as JSON Schema that jsonschema can apply."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

NAME = "x-api-openapi-2.167.json"
VARIABLE = "SOCIALDESK_X_OPENAPI"

# X's guides and tweepy 4.17 still say what the document has renamed.
PARAMETER_ALIASES = {"tweet.fields": "post.fields"}
FIELD_ALIASES = {"referenced_tweets": "referenced_posts", "note_tweet": "note_post"}
EXPANDED = {"author_id", "in_reply_to_user_id", "referenced_posts"}


def found() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    for folder in Path(__file__).resolve().parents:
        candidate = folder / "shared" / NAME
        if candidate.is_file():
            return candidate
    return None


@cache
def document() -> dict[str, Any]:
    path = found()
    if path is None or not path.is_file():
        pytest.skip(f"X's OpenAPI document is not here: set {VARIABLE} to its path to check it")
    loaded: dict[str, Any] = _with_nulls(json.loads(path.read_text()))
    return loaded


def validate(instance: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": document()["components"]}
    Draft202012Validator(whole).validate(instance)


def operation(method: str, path: str) -> tuple[dict[str, Any], str]:
    """Return the operation that a request's path belongs to, the most literal first."""
    templates = sorted(document()["paths"], key=lambda template: template.count("{"))
    for template in templates:
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in document()["paths"][template]:
            return document()["paths"][template][method.lower()], template
    raise AssertionError(f"X's document has no {method} {path}")


def response_schema(method: str, path: str, status: int) -> dict[str, Any]:
    responses = operation(method, path)[0]["responses"]
    schema: dict[str, Any] = responses[str(status)]["content"]["application/json"]["schema"]
    return schema


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        target: Any = document()
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def _with_nulls(value: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(value, list):
        return [_with_nulls(part) for part in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _with_nulls(part) for name, part in value.items()}
    if changed.get("nullable") is True and isinstance(changed.get("type"), str):
        changed["type"] = [changed["type"], "null"]
    return changed
