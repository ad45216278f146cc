"""The door to the trained model: importing it loads no library, calling it loads them all."""

from pathlib import Path
from typing import TYPE_CHECKING

from socialdesk.core.shipped import shipped

if TYPE_CHECKING:
    from socialdesk.classify.model import Model
    from socialdesk.classify.tiers import TwoTiers

DEEP = "deep"


def load_model(path: Path | None = None, *, lexicon: Path | None = None) -> "Model":
    """Return the fast tier as it works alone (spaCy is loaded here, and only here).

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


def load_first(path: Path | None = None, *, lexicon: Path | None = None) -> "Model":
    """Return the fast tier as it works in intake, where the deep tier reads every message after it.

    Without a deep tier it is the fast tier as it works alone.

    Raises:
        ModelError, ConfigError: as for `load_model`.
    """
    from socialdesk.classify.joint import load_joint  # noqa: PLC0415 the same

    folder = path or shipped("models")
    fast = load_model(folder, lexicon=lexicon)
    if has_deep(folder):
        fast.flag_at(load_joint(folder / DEEP).first)
    return fast


def load_tiers(path: Path | None = None, *, lexicon: Path | None = None) -> "TwoTiers | Model":
    """Return both tiers together, or the fast tier alone where no deep tier is installed.

    Raises:
        ModelError, ConfigError: as for `load_model`.
    """
    folder = path or shipped("models")
    if not has_deep(folder):
        return load_model(folder, lexicon=lexicon)
    from socialdesk.classify.deep.tier import DeepTier  # noqa: PLC0415 the same
    from socialdesk.classify.joint import load_joint  # noqa: PLC0415 the same
    from socialdesk.classify.tiers import TwoTiers  # noqa: PLC0415 the same

    deep = folder / DEEP
    return TwoTiers(load_first(folder, lexicon=lexicon), DeepTier(deep), load_joint(deep))


def has_deep(path: Path | None = None) -> bool:
    """Return whether a deep tier lies beside the fast one."""
    return ((path or shipped("models")) / DEEP / "joint.json").is_file()
