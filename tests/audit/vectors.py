"""Published test vectors, read from where SOCIALDESK_SHARED says or from a sibling folder."""

import json
import os
from pathlib import Path
from typing import Any

import pytest


def vectors() -> Path:
    """Return the folder of vectors; skip the test, with a reason, where there is none."""
    named = os.environ.get("SOCIALDESK_SHARED")
    places = [Path(named)] if named else [up / "shared" for up in Path(__file__).parents]
    for place in places:
        if (place / "vectors").is_dir():
            return place / "vectors"
    pytest.skip("the published vectors are not here (SOCIALDESK_SHARED names their folder)")


def probes(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, probe) for each probe of a kind ("inclusion" or "consistency")."""
    found = sorted((vectors() / kind).rglob("*.json"))
    return [(path.stem, json.loads(path.read_bytes())) for path in found]
