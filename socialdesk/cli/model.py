"""`socialdesk train`, `evaluate` and `classify`: the model's life, and anyone's test of it."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from socialdesk.cli.context import say
from socialdesk.core.errors import ModelError
from socialdesk.core.shipped import shipped

Corpus = Annotated[Path | None, typer.Option(help="Folder of labelled messages (JSON lines).")]
Models = Annotated[Path | None, typer.Option(help="Folder of the model.")]


def train(
    corpus: Corpus = None,
    out: Models = None,
    seed: int = 7,
    deep: Annotated[bool, typer.Option("--deep", help="Tune the deep tier too (slow).")] = False,
) -> None:
    """Train the model on the corpus and write it, with its hashes."""
    from socialdesk.classify import train as training  # noqa: PLC0415 scikit-learn is slow to load

    messages, models = corpus or shipped("models") / "corpus", out or shipped("models")
    report = {"fast": training.train(messages, models, seed=seed, progress=say)}
    if deep:
        report["deep"] = _train_deep(messages, models, seed)
    typer.echo(json.dumps(report, indent=2))


def _train_deep(corpus: Path, out: Path, seed: int) -> dict[str, Any]:
    try:
        from socialdesk.classify.deep.training import train_deep  # noqa: PLC0415 torch: an extra
    except ImportError as error:
        raise ModelError(
            f"The deep tier cannot be trained here: {error}.",
            todo="Install what training needs: pip install 'socialdesk[training]'",
        ) from error
    return train_deep(corpus, out, seed=seed, progress=say)


def evaluate(corpus: Corpus = None, out: Models = None, seed: int = 7) -> None:
    """Measure the model on held-out folds; write its evaluation and card."""
    from socialdesk.classify import evaluate as evaluation  # noqa: PLC0415 the same

    figures = evaluation.evaluate(
        corpus or shipped("models") / "corpus", out or shipped("models"), seed=seed, progress=say
    )
    typer.echo(json.dumps(figures, indent=2))


def classify(
    reasons: Annotated[bool, typer.Option("--reasons", help="Say which words weighed.")] = False,
    model: Models = None,
) -> None:
    """Read JSON lines {"id", "text"} from standard input; write one assessment a line."""
    from socialdesk.classify.lines import classify_lines  # noqa: PLC0415 the same
    from socialdesk.classify.locate import load_tiers  # noqa: PLC0415 the same
    from socialdesk.classify.places.gazetteer import read_gazetteer  # noqa: PLC0415 the same

    for line in classify_lines(
        sys.stdin.buffer, load_tiers(model), read_gazetteer(), reasons=reasons
    ):
        typer.echo(line)
