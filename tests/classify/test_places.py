from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialdesk.classify.entities import entities
from socialdesk.classify.places.find import Place, PlaceKind, places
from socialdesk.classify.places.gazetteer import read_gazetteer
from socialdesk.classify.places.jurisdiction import ASK_BELOW, Jurisdiction, jurisdiction
from socialdesk.classify.places.postcodes import authority_of
from socialdesk.core.errors import ConfigError

GAZETTEER = read_gazetteer()


def _where(text: str) -> Jurisdiction | None:
    return jurisdiction(places(text, entities(text), GAZETTEER))


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("hes got a knife in croydon high street", "metropolitan"),
        ("my nan at SW1A 1AA was scammed", "metropolitan"),
        ("12 Maple Rd BL1 1RU someone is in the house", "greater-manchester"),
        ("Newport, Shropshire: shed broken into", "west-mercia"),
        ("crash on the way to Newport in Gwent", "gwent"),
        ("I live in Leeds but my car was nicked in Manchester", "greater-manchester"),
        ("fight near heathrow", "metropolitan"),
        ("a man grabbed me on the train", "btp"),
        ("burgled in Aberystwyth", "dyfed-powys"),
        ("stolen van in Cornwall", "devon-and-cornwall"),
    ],
)
def test_the_place_of_the_incident_names_the_force_and_is_sure(text: str, force: str) -> None:
    found = _where(text)
    assert found is not None
    assert found.force == force
    assert not found.ask


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("robbed in Ashford", "kent"),
        ("TW19 near the reservoir", "surrey"),
        ("I live in Leeds and my car is gone", "west-yorkshire"),
        ("Liverpool murdered us today", "merseyside"),
        ("fights in Leeds and in Bristol", "avon-and-somerset"),
    ],
)
def test_the_desk_asks_where_the_place_is_shared_or_unsure(text: str, force: str) -> None:
    found = _where(text)
    assert found is not None
    assert found.confidence < ASK_BELOW
    assert found.ask
    assert found.force == force or len({one.text for one in places(text, [], GAZETTEER)}) > 1


@pytest.mark.parametrize(
    "text",
    ["reading about the match over bath time", "nowhere at all", "", "Chris Preston is a legend",
     "the police station on my road", "i hope they deal with the sale"],
)  # fmt: skip
def test_no_force_is_named_where_no_place_is(text: str) -> None:
    assert _where(text) is None


def test_the_car_park_of_a_station_is_not_the_railway() -> None:
    found = _where("i was robbed in the railway station car park in Derby")
    assert found is not None
    assert found.force == "derbyshire"


def test_a_full_postcode_decides_within_a_shared_outcode() -> None:
    shared = GAZETTEER.outcodes["SY10"]
    assert 0 < shared["dyfed-powys"] < ASK_BELOW
    assert authority_of("SW1A 1AA") == "E09000033"
    assert authority_of("sw1a1aa") == "E09000033"
    assert authority_of("ZZ99 3VZ") is None
    assert authority_of("") is None


def test_every_share_is_a_share() -> None:
    forces = set(GAZETTEER.authorities.values()) | {"btp"}
    every = [*GAZETTEER.outcodes.values(), *(town.forces for town in GAZETTEER.towns.values())]
    for shares in every:
        assert set(shares) <= forces
        assert 0.9 <= sum(shares.values()) <= 1.01
    assert set(GAZETTEER.authorities.values()) >= {next(iter(s)) for s in GAZETTEER.named.values()}


def test_a_gazetteer_that_is_not_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gazetteer"):
        read_gazetteer(tmp_path)


@given(st.text(max_size=300))
def test_places_of_any_text_lie_inside_it_and_confidence_is_a_share(text: str) -> None:
    found = places(text, entities(text), GAZETTEER)
    assert all(text[one.start : one.end] == one.text for one in found)
    decided = jurisdiction(found)
    assert decided is None or 0 < decided.confidence <= 1


def _place(forces: dict[str, float], *, home: bool) -> Place:
    return Place(PlaceKind.TOWN, 0, 1, "x", forces, 1.0, home)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), min_size=1, max_size=6))
def test_the_order_in_which_places_are_named_does_not_matter(named: list[tuple[str, bool]]) -> None:
    found = [_place({force: 1.0}, home=home) for force, home in named]
    forward, backward = jurisdiction(found), jurisdiction(found[::-1])
    assert forward is not None
    assert backward is not None
    assert forward.confidence == pytest.approx(backward.confidence, abs=1e-3)
