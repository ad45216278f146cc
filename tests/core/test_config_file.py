from pathlib import Path

import pytest

from socialdesk.core.config_file import load_config
from socialdesk.core.errors import ConfigError
from socialdesk.core.force import Force, load_force
from socialdesk.core.shipped import shipped

GOOD = """\
id: northshire
name: Northshire Police
log_origin: socialdesk.northshire.example/audit/1
accounts:
  - id: northshire-x
    channel: x
    handle: NorthshirePolice
    poll_seconds: 60
destinations:
  - {id: dispatch, label: Dispatch}
dispositions:
  - {id: advice, label: Advice}
"""


def wrong(tmp_path: Path, text: str) -> str:
    path = tmp_path / "force.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, Force)
    return str(caught.value)


def test_a_force_is_its_file(tmp_path: Path) -> None:
    (tmp_path / "forces").mkdir()
    (tmp_path / "forces" / "northshire.yaml").write_text(GOOD, "utf-8")
    force = load_force(tmp_path, None)
    assert force.account("northshire-x").handle == "NorthshirePolice"
    assert force.account("northshire-x").base_url is None


def test_the_shipped_forces_are_sound() -> None:
    for path in (shipped("config") / "forces").glob("*.yaml"):
        assert load_config(path, Force).id == path.stem


def test_a_wrong_value_names_file_line_key_and_an_example(tmp_path: Path) -> None:
    said = wrong(tmp_path, GOOD.replace("poll_seconds: 60", "poll_seconds: soon"))
    assert "force.yaml, line 8, key accounts.0.poll_seconds" in said
    assert "found 'soon'" in said
    assert said.count("line") == 1
    assert "For example: poll_seconds: 60" in said


def test_a_missing_key_names_the_part_that_lacks_it(tmp_path: Path) -> None:
    said = wrong(tmp_path, GOOD.replace("    handle: NorthshirePolice\n", ""))
    assert "line 5, key accounts.0.handle" in said
    assert "For example: handle: NorthshirePolice" in said


def test_a_misspelt_key_is_a_mistake_and_not_an_extra(tmp_path: Path) -> None:
    said = wrong(tmp_path, GOOD.replace("poll_seconds: 60", "pol_seconds: 60"))
    assert "line 8, key accounts.0.pol_seconds" in said


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    said = wrong(tmp_path, GOOD.replace("poll_seconds: 60", "base_url: ftp:nonsense"))
    assert "line 8, key accounts.0.base_url" in said
    assert "For example: base_url: https://api.x.com" in said


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    said = wrong(tmp_path, GOOD + "  - {id: advice, label: Again}\n")
    assert "the id advice is used more than once" in said


def test_text_that_is_not_yaml_names_its_line(tmp_path: Path) -> None:
    assert "force.yaml, line 3" in wrong(tmp_path, "id: a\nname: [b\nlog_origin: c\n")


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    assert "expected `key: value` lines" in wrong(tmp_path, "- just\n- a list\n")


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "force.yaml"
    path.write_bytes(b"id: \xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(path, Force)


def test_hostile_values_are_inert_in_the_error(tmp_path: Path) -> None:
    said = wrong(tmp_path, GOOD.replace("poll_seconds: 60", 'poll_seconds: "\\e]0;x\\a"'))
    assert "\x1b" not in said


def test_several_forces_need_one_named(tmp_path: Path) -> None:
    (tmp_path / "forces").mkdir()
    for name in ("a", "b"):
        (tmp_path / "forces" / f"{name}.yaml").write_text(GOOD, "utf-8")
    with pytest.raises(ConfigError, match="SOCIALDESK_FORCE"):
        load_force(tmp_path, None)


def test_a_force_name_cannot_climb_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(GOOD, "utf-8")
    with pytest.raises(ConfigError, match="no such file"):
        load_force(tmp_path, "../secret")
