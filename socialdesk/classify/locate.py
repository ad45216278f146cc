"""The door to the trained model: importing it loads no library, calling it loads them all."""

from pathlib import Path
from typing import TYPE_CHECKING

from socialdesk.core.shipped import shipped

if TYPE_CHECKING:
    from socialdesk.classify.model import Model


def load_model(path: Path | None = None, *, lexicon: Path | None = None) -> "Model":
    """Return the trained model, ready to score (spaCy is loaded here, and only here).

    Args:
        path: folder with manifest.json; the shipped one when None.
        lexicon: the force's own danger phrases; the shipped file when None.

    Raises:
        ModelError: no model there, or its files fail their hashes.
        ConfigError: the lexicon is not readable.
    """
    from socialdesk.classify.artefact import load  # noqa: PLC0415 keeps numpy out of importers
    from socialdesk.classify.lexicon import read_lexicon  # noqa: PLC0415 the same
    from socialdesk.classify.model import Model  # noqa: PLC0415 the same

    artefact = load(path or shipped("models"))
    return Model(artefact, read_lexicon(lexicon or shipped("config") / "lexicon.yaml").rules)
