"""The model in a process of its own says the same, and comes back when it dies."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from socialdesk.classify.apart import ModelApart
from socialdesk.classify.locate import load_model
from socialdesk.core.errors import ConfigError, ModelError

TEXTS = ["he has a knife", "thanks so much", "my bike was stolen", "", "\ud800"]


@pytest.fixture(scope="module")
def apart() -> Iterator[ModelApart]:
    model = ModelApart()
    yield model
    model.close()


def test_it_says_what_the_model_here_says(apart: ModelApart) -> None:
    here = load_model()
    assert apart.model == here.model
    assert apart.assess_explained(TEXTS) == here.assess_explained(TEXTS)
    assert apart.assess(TEXTS) == here.assess(TEXTS)
    assert apart.explain(TEXTS[0]) == here.explain(TEXTS[0])


def test_only_what_is_flagged_comes_with_reasons(apart: ModelApart) -> None:
    for said, reasons in apart.assess_explained(TEXTS[:3]):
        assert bool(reasons) == said.flagged


def test_one_that_was_killed_is_started_anew_and_answers(apart: ModelApart) -> None:
    os.kill(apart._process.pid, signal.SIGKILL)
    assert apart.assess(TEXTS[:1])[0].model == apart.model


def test_one_that_dies_twice_over_the_same_texts_is_a_failure_that_is_told(
    apart: ModelApart, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="twice"):
        apart._ask("_exit_is_no_method_of_it", 1)
    assert apart.assess(TEXTS[:1])


def test_it_ends_when_whoever_asked_is_gone() -> None:
    model = ModelApart()
    process = model._process
    model._connection.close()
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.returncode == 0


def test_a_lexicon_that_cannot_be_read_is_told_as_here(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        ModelApart(tmp_path / "none.yaml")
