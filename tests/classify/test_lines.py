import json

import pytest

from socialdesk.classify.language import hint
from socialdesk.classify.lines import classify_lines
from socialdesk.classify.model import Model
from socialdesk.classify.taxonomy import read_taxonomy


def test_a_bad_line_is_named_and_the_stream_goes_on(model: Model) -> None:
    lines: list[str | bytes] = [
        '{"id": 1, "text": "hi there"}', "not json", b"\xff\xfe", "", '{"id": 2}', "[1]",
        b'{"id": "z", "text": "he has got a knife"}',
    ]  # fmt: skip
    said = [json.loads(line) for line in classify_lines(lines, model)]
    assert [one.get("line") for one in said] == [None, 2, 3, 5, 6, None]
    assert [one["id"] for one in said if "id" in one] == [1, "z"]
    assert said[-1]["urgency"] == "immediate"


def test_an_answer_carries_every_field(model: Model) -> None:
    line = json.dumps({"id": 1, "text": "someone broke into my car last night"})
    (said,) = [json.loads(one) for one in classify_lines([line], model, reasons=True)]
    assert {"id", "category", "categories", "possible_crime", "urgency", "urgency_scores",
            "vulnerability", "places", "force", "language", "reasons"} <= set(said)  # fmt: skip
    assert said["reasons"]
    assert said["language"] == "english"
    assert said["category"] in said["categories"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("someone has stolen my bike from the yard", "english"),
        ("mae rhywun wedi dwyn fy meic neithiwr", "welsh"),
        ("me han robado la cartera en la estacion", "other"),
        ("помогите пожалуйста", "other"),
        ("😡😡", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_language_hint_reads_common_words(text: str, language: str) -> None:
    assert hint(text) == language


def test_every_id_has_words_for_officers() -> None:
    taxonomy = read_taxonomy()
    assert all(term.label and term.meaning for term in taxonomy.categories.values())
