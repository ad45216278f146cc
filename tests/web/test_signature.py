import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.channels.partner.signature import (
    FORMS,
    SIGNATURE_HEADER,
    WINDOW_SECONDS,
    Claimed,
    headers_of,
    ill_formed,
    in_time,
    is_signed,
    sign,
)

GUIDE = Path(__file__).parents[2] / "docs" / "partners.md"
SECRET = "s" * 43
REQUEST = Claimed(
    "POST", "/v1/reports", "safer-streets", "2026a", 1_795_511_520, "n" * 16, "order-8841"
)


def test_what_is_signed_is_nine_lines_without_an_end_of_line_after_the_last() -> None:
    assert REQUEST.canonical(b"").decode().split("\n") == [
        "socialdesk/partner/v1",
        "POST",
        "/v1/reports",
        "safer-streets",
        "2026a",
        "1795511520",
        "n" * 16,
        "order-8841",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ]


def test_the_guides_worked_example_is_right() -> None:
    """Take secret, body and header lines out of the guide, and sign them anew."""
    guide = GUIDE.read_text("utf-8")
    body = re.search(r"```json\n(\{.*?\})\n```", guide)
    secret = re.search(r"secret `([^`]+)`", guide)
    assert body is not None
    assert secret is not None
    headers = dict(re.findall(r"^(Socialdesk-\w+|Idempotency-Key): (\S+)$", guide, re.MULTILINE))
    request = Claimed(
        "POST",
        "/v1/reports",
        headers["Socialdesk-Partner"],
        headers["Socialdesk-Key"],
        int(headers["Socialdesk-Timestamp"]),
        headers["Socialdesk-Nonce"],
        headers["Idempotency-Key"],
    )
    content = body[1].encode()
    assert headers["Socialdesk-Signature"] == sign(request, content, secret[1])
    assert request.canonical(content).decode() in guide


_header = {name: st.from_regex(form, fullmatch=True) for name, form in FORMS.items()}


@given(
    first=st.tuples(st.binary(max_size=40), st.fixed_dictionaries(_header)),
    second=st.tuples(st.binary(max_size=40), st.fixed_dictionaries(_header)),
)
def test_two_different_requests_never_sign_the_same_bytes(
    first: tuple[bytes, dict[str, str]], second: tuple[bytes, dict[str, str]]
) -> None:
    def signed(body: bytes, headers: dict[str, str]) -> bytes:
        return Claimed(
            "POST",
            "/v1/reports",
            headers["socialdesk-partner"],
            headers["socialdesk-key"],
            int(headers["socialdesk-timestamp"]),
            headers["socialdesk-nonce"],
            headers["idempotency-key"],
        ).canonical(body)

    for headers in (first[1], second[1]):
        headers.pop(SIGNATURE_HEADER, None)
    assert (signed(*first) == signed(*second)) == (first == second)


@given(body=st.binary(max_size=200), other=st.binary(max_size=200))
def test_a_signature_is_good_for_its_own_body_and_secret_alone(body: bytes, other: bytes) -> None:
    signature = sign(REQUEST, body, SECRET)
    assert is_signed(REQUEST, body, SECRET, signature)
    assert is_signed(REQUEST, other, SECRET, signature) == (body == other)
    assert not is_signed(REQUEST, body, SECRET + "x", signature)


def test_nobody_known_is_never_right_even_with_the_stand_in_secret() -> None:
    assert not is_signed(REQUEST, b"", None, sign(REQUEST, b"", "\0" * 32))


@pytest.mark.parametrize(
    ("apart", "good"),
    [(0, True), (WINDOW_SECONDS, True), (-WINDOW_SECONDS, True), (300.5, False), (-301, False)],
)
def test_the_clock_window_is_the_same_either_way(apart: float, good: bool) -> None:
    assert in_time(1_000_000, 1_000_000 + apart) is good


def test_headers_made_by_a_partner_are_well_formed() -> None:
    headers = {name: [value] for name, value in headers_of(REQUEST, b"{}", SECRET).items()}
    assert ill_formed(headers) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("socialdesk-timestamp", "0123"),
        ("socialdesk-timestamp", "+123"),
        ("socialdesk-timestamp", "１２３"),
        ("socialdesk-timestamp", "1" * 13),
        ("socialdesk-nonce", "short"),
        ("socialdesk-nonce", "n" * 16 + "\n"),
        ("idempotency-key", "has a space"),
        ("socialdesk-signature", "A" * 64),
        ("socialdesk-partner", "../etc/passwd"),
    ],
)
def test_a_header_of_another_form_is_found(name: str, value: str) -> None:
    headers = {key: [said] for key, said in headers_of(REQUEST, b"{}", SECRET).items()}
    assert ill_formed(headers | {name: [value]}) == name
    assert ill_formed(headers | {name: headers[name] * 2}) == name
