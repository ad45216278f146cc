from pathlib import Path

import pytest

from socialdesk.classify.locate import load_model
from socialdesk.classify.model import Model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="session")
def corpus_folder() -> Path:
    return ROOT / "models" / "corpus"
