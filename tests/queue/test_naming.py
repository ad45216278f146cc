import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from socialdesk.queue.known_names import GIVEN, KNOWN_PHRASES, SURNAMES
from socialdesk.queue.naming import Kind, names_in

AIMED = {
    Kind.PERSON: [
        "John Smith", "john smith", "JOHN SMITH", "Dave", "justice for Dave", "J. Smith",
        "Mr Khan", "Dr Okafor", "PC Jones", "Zbigniew Kowalczyk", "Mark Jones", "José García",
        "Anne-Marie Duff", "Kate's wedding", "#JusticeForJohnSmith", "#johnsmith", "Taylor Swift",
        "jo\u200bhn smith", "Ｊｏｈｎ Smith", "Smith, John", "Mohammed", "Will Young",
    ],
    Kind.HANDLE: [
        "@jo", "＠jo", "@ jo", "jo_99", "_jo", "from:jo", "to: jo", "retweets_of:jo",
        "jo@example.com", "x.com/jo", "https://www.instagram.com/jo", "jo.bsky.social",
        "riot @jo", "jo\u200b_99",
    ],
    Kind.PLATE: [
        "AB12 CDE", "ab12cde", "AB 12 CDE", "AB12.CDE", "AB12-CDE", "ABl2 CDE", "A123 BCD",
        "M25 XYZ", "ABC 123D", "abc123d", "NIZ 1234", "reg no P1 ABC", "white van AB12CDE",
    ],
    Kind.PHONE: [
        "07700 900123", "07700900123", "+44 7700 900123", "0044 7700 900123", "447700900123",
        "(01632) 960 001", "020 7946 0958", "0 7 7 0 0 9 0 0 1 2 3", "O77OO 9OO123",
        "07700-900-123", "7700900123", "+1 202 555 0143", "call 01632 960001 now",
    ],
}  # fmt: skip

INNOCENT = [
    "knife crime", "town centre disorder", "Northshire Carnival", "Black Friday", "Just Stop Oil",
    "Extinction Rebellion march", "may day bank holiday", "Guy Fawkes night", "mark the date",
    "miss the bus", "will they march", "Victoria Park", "Florence Road", "St James Park",
    "Storm Dave", "Storm Éowyn", "Robert Burns Drive", "Heather Lane", "Chelsea match", "Jordan",
    "Preston bus station", "Lincoln Christmas market", "Summer Fair", "rose garden",
    "Martin Luther King Day", "St John Ambulance", "King's Lynn carnival", "harry potter",
    "Notting Hill Carnival", "#NorthshireFlood", "#BlackLivesMatter", "#euro2028", "cop26",
    "101", "999", "2026-11-24", "24/11/2026 18:30", "on 24 nov", "to 50 men", "bus 12a",
    "M25", "M25 jam", "M25 car fire", "A1(M)", "A12 jct 4", "SW1A 1AA", "AB12 3CD", "WW2",
    "10,000 people", "", " ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in AIMED.items() for text in texts]
)
def test_what_leads_to_a_person_is_found(kind: Kind, text: str) -> None:
    assert kind in {named.kind for named in names_in(text)}


@pytest.mark.parametrize("text", INNOCENT)
def test_topics_places_events_and_dates_name_nobody(text: str) -> None:
    assert names_in(text) == ()


around = st.sampled_from(["", "riot ", "fire near ", "#flood "])
letters = st.sampled_from("BCDFGHJKLMNPRSTVWXY")


@given(around, st.from_regex(r"[A-Za-z0-9_]{1,15}", fullmatch=True), around)
def test_every_handle_is_found_wherever_it_stands(before: str, handle: str, after: str) -> None:
    assert Kind.HANDLE in {one.kind for one in names_in(f"{before}@{handle} {after}")}


@given(around, st.lists(letters, min_size=5, max_size=5), st.integers(0, 99), st.booleans())
def test_every_plate_of_the_present_form_is_found(
    before: str, chars: list[str], age: int, lower: bool
) -> None:
    plate = f"{chars[0]}{chars[1]}{age:02d} {''.join(chars[2:])}"
    shown = plate.lower() if lower else plate
    assert Kind.PLATE in {one.kind for one in names_in(before + shown)}


@given(around, st.integers(0, 999_999_999), st.sampled_from(["07{}", "+447{}", "0044 7{}"]))
def test_every_mobile_number_is_found_however_it_is_spaced(
    before: str, number: int, form: str
) -> None:
    digits = f"{number:09d}"
    for spaced in (digits, f"{digits[:3]} {digits[3:]}", "-".join(digits)):
        assert Kind.PHONE in {one.kind for one in names_in(before + form.format(spaced))}


@given(
    st.sampled_from(sorted(GIVEN)),
    st.sampled_from(sorted(SURNAMES)),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["", "\u200b", "\u00ad", "\u2060"]),
)
def test_no_case_and_no_invisible_letter_hides_a_full_name(
    given_name: str, surname: str, case: object, hidden: str
) -> None:
    assume(f"{given_name} {surname}" not in KNOWN_PHRASES)
    text = f"{given_name[:2]}{hidden}{given_name[2:]} {surname}"
    shown = case(text) if callable(case) else text
    assert Kind.PERSON in {one.kind for one in names_in(shown)}


@given(st.text(string.printable + "é@\u200b\ud800\u202e", max_size=200))
def test_any_text_at_all_gets_an_answer(text: str) -> None:
    names_in(text)
