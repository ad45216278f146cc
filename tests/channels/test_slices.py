import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.slices import document, elements, member

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_each_slice_reads_back_as_its_value(
    values: list[Any], ascii_only: bool, indent: int | str | None
) -> None:
    text = json.dumps({"meta": 1, "data": values}, ensure_ascii=ascii_only, indent=indent)
    body = text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
    whole = document(body.encode("utf-8", "surrogateescape"))
    pieces = elements(member(whole, "data"))
    assert len(pieces) == len(values)
    for piece in pieces:
        assert piece.as_bytes() in whole.as_bytes()
        assert document(piece.as_bytes()).value == piece.value


@given(st.binary(max_size=30))
def test_bytes_that_are_no_utf8_come_back_byte_for_byte(noise: bytes) -> None:
    clean = bytes(byte for byte in noise if byte >= 0x20 and byte not in b'"\\')
    body = b' {"data" : [ {"text": "' + clean + b'"} , 2]} '
    first, second = elements(member(document(body), "data"))
    assert first.as_bytes() == b'{"text": "' + clean + b'"}'
    assert second.as_bytes() == b"2"


def test_of_a_repeated_member_the_last_counts() -> None:
    found = member(document(b'{"a": 1, "a": 2}'), "a")
    assert found is not None
    assert found.value == 2


def test_what_is_no_array_has_no_elements() -> None:
    assert elements(member(document(b'{"data": {}}'), "data")) == []
    assert elements(None) == []
