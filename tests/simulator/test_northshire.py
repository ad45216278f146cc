import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from socialdesk.core.errors import ConfigError
from socialdesk.simulator.scenario import Scenario, load_scenario

HOUR = Path(__file__).parents[2] / "config" / "scenarios" / "northshire-hour.yaml"
PHONE = re.compile(r"(?:\+44|\b0)[\d ]{9,12}\d\b")
DRAMA = re.compile(r"07700 900\d{3}|01632 960\d{3}")


@pytest.fixture(scope="module")
def hour() -> Scenario:
    return load_scenario(HOUR)


def said(hour: Scenario) -> list[str]:
    answers = [reply.text for a in hour.answers for reply in (a.first, a.second) if reply]
    return [item.text for item in hour.items] + answers


def test_the_hour_is_a_full_one(hour: Scenario) -> None:
    writers = Counter(item.by for item in hour.items)
    assert len(hour.items) >= 160
    assert len(writers) >= 70
    assert sum(item.channel == "dm" for item in hour.items) >= 20
    assert sum(2 <= count <= 4 for count in writers.values()) >= 30
    assert all(author.handle in writers for author in hour.authors)


def test_every_telephone_number_is_from_the_drama_ranges(hour: Scenario) -> None:
    numbers = [number for text in said(hour) for number in PHONE.findall(text)]
    assert numbers
    assert all(DRAMA.fullmatch(number) for number in numbers)


def test_nobody_is_named_by_a_handle_outside_the_scenario(hour: Scenario) -> None:
    handles = {name for text in said(hour) for name in re.findall(r"@(\w+)", text)}
    assert handles <= {"force", "click"}


def test_the_hour_holds_what_a_desk_must_withstand(hour: Scenario) -> None:
    texts = said(hour)
    assert any(len(text) >= 3000 for text in texts)
    assert "." in texts
    assert any("\u202e" in text and "\x1b" in text for text in texts)
    assert any("Gymraeg" in text for text in texts)
    assert any(unicodedata.category(char) == "So" for text in texts for char in text)


def test_a_thread_goes_on_within_two_minutes(hour: Scenario) -> None:
    placed = {one.id: one for one in hour.timeline()}
    follower = placed["shed_no_more-2"]
    assert follower.follows == "shed_no_more-1"
    assert placed["shed_no_more-3"].follows is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("- {at: 1, by: nobody, dm: hi}", "nobody"),
        ("- {at: 1, by: jo}", "either mention or dm"),
        ("- {at: 1, by: jo, mention: hi}", "@force"),
        ("- {at: 99, by: jo, dm: hi}", "after the scenario's end"),
        ("- {at: soon, by: jo, dm: hi}", "items.0.at"),
        ("- [", "cannot be read"),
    ],
)
def test_a_wrong_scenario_is_explained(tmp_path: Path, change: str, says: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        "{title: t, seconds: 60, account: {handle: F, name: F}, authors: [{handle: jo, name: J}],\n"
        "items: [" + change.removeprefix("- ") + "]}\n"
    )
    with pytest.raises(ConfigError, match=says):
        load_scenario(path)
