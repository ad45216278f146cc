from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.core.errors import ConfigError
from socialdesk.simulator.faults import FaultBook, FaultKind, FaultRule, load_faults, rules_from


def fired(rule: FaultRule, requests: int) -> list[int]:
    book = FaultBook([rule])
    return [n for n in range(1, requests + 1) if book.choose("GET", "/2/tweets") is not None]


@given(st.integers(1, 30), st.integers(0, 40))
def test_nth_fires_on_that_request_alone(nth: int, requests: int) -> None:
    assert fired(FaultRule(kind=FaultKind.HANG, nth=nth), requests) == [nth] * (nth <= requests)


@given(st.integers(0, 10), st.integers(1, 5), st.integers(1, 6), st.integers(0, 40))
def test_after_every_and_times_combine(after: int, every: int, times: int, requests: int) -> None:
    rule = FaultRule(kind=FaultKind.HANG, after=after, every=every, times=times)
    assert fired(rule, requests) == list(range(after + every, requests + 1, every))[:times]


@given(st.floats(0, 1), st.integers())
def test_probability_repeats_from_its_seed(probability: float, seed: int) -> None:
    rule = FaultRule(kind=FaultKind.HANG, probability=probability, seed=seed)
    assert fired(rule, 50) == fired(rule, 50)


def test_probability_nought_never_fires_and_one_always() -> None:
    assert fired(FaultRule(kind=FaultKind.HANG, probability=0), 20) == []
    assert fired(FaultRule(kind=FaultKind.HANG, probability=1), 3) == [1, 2, 3]


def test_a_rule_looks_only_at_its_method_and_path() -> None:
    book = FaultBook([FaultRule(kind=FaultKind.HANG, method="POST", path="/messages$", nth=1)])
    assert book.choose("GET", "/2/dm_conversations/with/1/messages") is None
    assert book.choose("POST", "/2/tweets") is None
    assert book.choose("POST", "/2/dm_conversations/with/1/messages") is not None


def test_the_first_rule_that_fires_decides_and_is_counted() -> None:
    book = FaultBook(
        [FaultRule(kind=FaultKind.HANG, nth=2), FaultRule(kind=FaultKind.SLOW, times=2)]
    )
    kinds = [rule and rule.kind for rule in (book.choose("GET", "/") for _ in range(4))]
    assert kinds == [FaultKind.SLOW, FaultKind.HANG, FaultKind.SLOW, None]
    assert book.applied == {"slow": 2, "hang": 1}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"kind": "earthquake"}, "kind"),
        ({"kind": "hang", "path": "("}, "path"),
        ({"kind": "hang", "nth": 1, "every": 2}, "nth"),
        ({"kind": "hang", "probability": 2}, "probability"),
        ({"kind": "server_error", "status": 404}, "status"),
        ({"kind": "hang", "sometimes": True}, "sometimes"),
        (7, "rule 1"),
    ],
)
def test_a_wrong_rule_is_named_with_its_place(rule: object, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        rules_from([rule], source="faults.yaml")


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("- {kind: server_error, status: 502, path: /2/tweets, times: 1}\n")
    assert load_faults(path)[0].status == 502
    path.write_text("kind: hang\n")
    with pytest.raises(ConfigError, match="list"):
        load_faults(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_faults(tmp_path / "absent.yaml")
