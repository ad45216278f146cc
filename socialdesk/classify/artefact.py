"""The trained model on disk: arrays in .npz without pickle, words in JSON, hashes in a manifest.

Not skops: a linear model is its arrays. numpy with allow_pickle=False and JSON can hold no code
at all, so there is no list of trusted types to keep right and scoring needs no scikit-learn.
Arrays are written with fixed dates, so the same training gives the same bytes.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from socialdesk.classify.heads import HEADS, YES_NO
from socialdesk.classify.thresholds import Thresholds
from socialdesk.classify.vocabulary import Floats, Vocabulary
from socialdesk.core.errors import ModelError

FORMAT = 1
ARRAYS = "weights.npz"
WORDS = "model.json"
MANIFEST = "manifest.json"
_TODO = "Put the shipped models folder back, or run `socialdesk train`."


@dataclass(frozen=True)
class Artefact:
    """Everything a trained model knows.

    Attributes:
        weights: features × heads.
        intercepts: one a head.
        slopes, offsets: Platt scaling of the yes-or-no heads.
        raised: probability a danger phrase of each urgency lends (its held-out precision).
    """

    version: str
    vocabulary: Vocabulary
    weights: Floats
    intercepts: Floats
    slopes: Floats
    offsets: Floats
    thresholds: Thresholds
    spelling: dict[str, str]
    concepts: dict[str, tuple[str, ...]]
    raised: dict[str, float]


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _packed(arrays: dict[str, Floats]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in sorted(arrays.items()):
            one = io.BytesIO()
            np.save(one, array.astype(np.float16 if name == "weights" else np.float32))
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, one.getvalue())
    return whole.getvalue()


def save(artefact: Artefact, folder: Path) -> dict[str, str]:
    """Write the model and its manifest to `folder`; return file name → SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    words = {
        "format": FORMAT,
        "version": artefact.version,
        "heads": HEADS,
        "thresholds": artefact.thresholds,
        "raised": artefact.raised,
        "spelling": artefact.spelling,
        "concepts": artefact.concepts,
        "features": list(artefact.vocabulary.index),
    }
    contents = {
        ARRAYS: _packed(
            {
                "weights": artefact.weights,
                "intercepts": artefact.intercepts,
                "slopes": artefact.slopes,
                "offsets": artefact.offsets,
                "rarity": artefact.vocabulary.rarity,
            }
        ),
        WORDS: (json.dumps(words, ensure_ascii=True, indent=0, sort_keys=True) + "\n").encode(),
    }
    hashes = {name: digest(data) for name, data in contents.items()}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    manifest = {"format": FORMAT, "model": artefact.version, "sha256": hashes}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")
    return hashes


def _proven(folder: Path, name: str, expected: str) -> bytes:
    data = (folder / name).read_bytes()
    if digest(data) != expected:
        raise ModelError(f"The model file {name} is not the one its manifest names.", todo=_TODO)
    return data


def load(folder: Path) -> Artefact:
    """Return the model in `folder`, its files proven against the manifest.

    Raises:
        ModelError: a file is missing, altered, or of another format.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        hashes = manifest["sha256"]
        words = json.loads(_proven(folder, WORDS, hashes[WORDS]))
        with np.load(
            io.BytesIO(_proven(folder, ARRAYS, hashes[ARRAYS])), allow_pickle=False
        ) as npz:
            arrays = {name: npz[name].astype(np.float32) for name in npz.files}
        return _assembled(words, arrays)
    except FileNotFoundError as error:
        raise ModelError("There is no trained model here.", todo=_TODO) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelError(f"The trained model cannot be read: {error}.", todo=_TODO) from error


def _assembled(words: dict[str, object], arrays: dict[str, Floats]) -> Artefact:
    if words["format"] != FORMAT or words["heads"] != list(HEADS):
        raise ModelError("The trained model is from another version of socialdesk.", todo=_TODO)
    features, concepts = words["features"], words["concepts"]
    spelling, thresholds, raised = words["spelling"], words["thresholds"], words["raised"]
    if not (isinstance(features, list) and isinstance(concepts, dict)):
        raise ModelError("The trained model's words are not in order.", todo=_TODO)
    if not (
        isinstance(spelling, dict) and isinstance(thresholds, dict) and isinstance(raised, dict)
    ):
        raise ModelError("The trained model's words are not in order.", todo=_TODO)
    if arrays["weights"].shape != (len(features), len(HEADS)) or len(arrays["slopes"]) != len(
        YES_NO
    ):
        raise ModelError("The trained model's arrays do not fit its words.", todo=_TODO)
    return Artefact(
        version=str(words["version"]),
        vocabulary=Vocabulary({key: at for at, key in enumerate(features)}, arrays["rarity"]),
        weights=arrays["weights"],
        intercepts=arrays["intercepts"],
        slopes=arrays["slopes"],
        offsets=arrays["offsets"],
        thresholds=thresholds,
        spelling=spelling,
        concepts={name: tuple(some) for name, some in concepts.items()},
        raised=raised,
    )
