import json
import shutil
from pathlib import Path

import pytest

from socialdesk.classify.artefact import ARRAYS, MANIFEST, WORDS, load
from socialdesk.classify.locate import load_model
from socialdesk.classify.train import train
from socialdesk.core.errors import ModelError
from socialdesk.core.shipped import shipped


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in (ARRAYS, WORDS, MANIFEST):
        shutil.copy(shipped("models") / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", [ARRAYS, WORDS])
def test_one_altered_byte_is_refused_and_said(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ModelError, match="manifest") as refused:
        load(copy)
    assert refused.value.todo


@pytest.mark.parametrize("name", [ARRAYS, WORDS, MANIFEST])
def test_a_missing_file_is_no_model(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match="no trained model"):
        load_model(copy)


def test_a_manifest_of_nonsense_is_refused(copy: Path) -> None:
    (copy / MANIFEST).write_text("[]")
    with pytest.raises(ModelError):
        load(copy)


def test_training_twice_gives_the_same_bytes(corpus_folder: Path, tmp_path: Path) -> None:
    small = tmp_path / "corpus"
    small.mkdir()
    for file in corpus_folder.glob("*.jsonl"):
        lines = file.read_text("utf-8").splitlines()[::6]
        (small / file.name).write_text("\n".join(lines) + "\n", "utf-8")
    one = train(small, tmp_path / "one", seed=3)
    two = train(small, tmp_path / "two", seed=3)
    assert one == two
    for name in (ARRAYS, WORDS, MANIFEST):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_shipped_artefact_is_small() -> None:
    assert sum((shipped("models") / name).stat().st_size for name in (ARRAYS, WORDS)) < 10_000_000


def test_the_evaluation_is_of_this_very_model_and_holds_the_floor() -> None:
    figures = json.loads((shipped("models") / "evaluation.json").read_text("utf-8"))
    manifest = json.loads((shipped("models") / MANIFEST).read_text("utf-8"))
    assert figures["model"] == manifest["model"]
    assert figures["sha256"] == manifest["sha256"]
    for way in ("held_out_by_scenario", "held_out_by_voice"):
        urgency = figures[way]["urgency"]
        assert urgency["immediate_placed_priority_or_higher"] >= 0.9
        assert urgency["at_least_immediate"]["recall"] >= 0.8
        assert urgency["at_least_immediate"]["auc"] >= 0.85
        assert urgency["at_least_priority"]["auc"] >= 0.85
        assert figures[way]["possible_crime"]["auc"] >= 0.82


def test_no_corpus_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no corpus"):
        train(tmp_path, tmp_path / "out")
