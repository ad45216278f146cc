"""The deep tier at work: int8 weights through onnxruntime, on one core, proven by their hashes.

It answers the same questions as the fast tier (`heads.HEADS`). A long message is read in the same
overlapping pieces, so that padding hides nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from socialdesk.classify.features import pieces
from socialdesk.classify.heads import HEADS
from socialdesk.classify.model import worst_of_pieces
from socialdesk.classify.normalise import normalise
from socialdesk.core.errors import ModelError

MANIFEST = "manifest.json"
WEIGHTS = "weights.onnx"
WORDPIECES = "tokenizer.json"

BATCH = 16
"""Pieces read together; those of like length go together, so little is padded."""

MOST_TOKENS = 160
"""Tokens of a piece that are read; 120 words are rarely more."""

Floats = NDArray[np.float64]
_TODO = "Put the shipped models folder back, or run `socialdesk train --deep`."


class DeepTier:
    """A tuned transformer; safe to share between threads."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load the tier in `folder`.

        Raises:
            ModelError: a file is missing, altered, or of another format.
        """
        try:
            manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            weights = _proven(folder, WEIGHTS, manifest["sha256"][WEIGHTS])
            words = _proven(folder, WORDPIECES, manifest["sha256"][WORDPIECES])
            heads, self.version = manifest["heads"], str(manifest["version"])
        except FileNotFoundError as error:
            raise ModelError("There is no deep tier here.", todo=_TODO) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"The deep tier cannot be read: {error}.", todo=_TODO) from error
        if heads != list(HEADS):
            raise ModelError("The deep tier is from another version of socialdesk.", todo=_TODO)
        self._tokenizer = Tokenizer.from_str(words.decode("utf-8"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            weights, options, providers=["CPUExecutionProvider"]
        )

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return messages × heads: log-odds before calibration, of each message's worst piece."""
        owners: list[int] = []
        read: list[str] = []
        for at, text in enumerate(texts):
            for piece in readings(text):
                owners.append(at)
                read.append(piece)
        found = self._read(read)
        return worst_of_pieces(found, np.array(owners), len(texts))

    def _read(self, read: Sequence[str]) -> Floats:
        found = np.zeros((len(read), len(HEADS)))
        order = sorted(range(len(read)), key=lambda at: len(read[at]))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            batch = self._tokenizer.encode_batch([read[at] for at in some])
            ids = np.array([one.ids for one in batch], dtype=np.int64)
            mask = np.array([one.attention_mask for one in batch], dtype=np.int64)
            found[some] = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return found


def readings(text: str) -> list[str]:
    """Return the pieces in which a message is read: one unless it is long; disguise undone."""
    words = normalise(text).text.split()
    return [" ".join(words[first:last]) for first, last in pieces(words)]


def _proven(folder: Path, name: str, expected: str) -> bytes:
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != expected:
        raise ModelError(f"The model file {name} is not the one its manifest names.", todo=_TODO)
    return data
