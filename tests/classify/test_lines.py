import json

import pytest

from socialdesk.classify.assessment import Category
from socialdesk.classify.language import hint
from socialdesk.classify.lines import classify_lines
from socialdesk.classify.model import Model
from socialdesk.classify.places.gazetteer import read_gazetteer
from socialdesk.classify.taxonomy import read_taxonomy

GAZETTEER = read_gazetteer()


def test_a_bad_line_is_named_and_the_stream_goes_on(model: Model) -> None:
    lines: list[str | bytes] = [
        '{"id": 1, "text": "hi there"}', "not json", b"\xff\xfe", "", '{"id": 2}', "[1]",
        b'{"id": "z", "text": "he has got a knife"}',
    ]  # fmt: skip
    said = [json.loads(line) for line in classify_lines(lines, model, GAZETTEER)]
    assert [one.get("line") for one in said] == [None, 2, 3, 5, 6, None]
    assert [one["id"] for one in said if "id" in one] == [1, "z"]
    assert said[-1]["urgency"] == "immediate"


def test_an_answer_carries_every_field(model: Model) -> None:
    line = json.dumps({"id": 1, "text": "someone broke into my car in Leeds last night"})
    (said,) = [json.loads(one) for one in classify_lines([line], model, GAZETTEER, reasons=True)]
    assert {"id", "category", "categories", "possible_crime", "urgency", "urgency_scores",
            "vulnerability", "places", "force", "language", "reasons"} <= set(said)  # fmt: skip
    assert said["reasons"]
    assert said["language"] == "english"
    assert set(said["categories"]) == set(Category)
    assert said["force"] == {"id": "west-yorkshire", "confidence": 1.0}
    assert [place["text"] for place in said["places"]] == ["Leeds"]


def test_danger_told_in_pieces_is_heard(model: Model) -> None:
    before = ["hes outside again with a knife", {"text": "please hurry"}]
    lines = [json.dumps({"id": 1, "text": "ok then"}),
             json.dumps({"id": 2, "text": "ok then", "thread": before}),
             json.dumps({"id": 3, "text": "ok then", "thread": "no list"})]  # fmt: skip
    alone, whole, wrong = [json.loads(one) for one in classify_lines(lines, model, GAZETTEER)]
    assert whole["urgency"] == "immediate" != alone["urgency"]
    assert wrong["line"] == 3


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
