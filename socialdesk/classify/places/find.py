"""Places in a message: postcodes, towns, counties, landmarks, and the railway.

A name counts for more after "in" or "near" and with a capital; a name that is also an everyday word
("reading") needs both. A person's name is never read as a place.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from socialdesk.classify.entities import Entity, EntityKind
from socialdesk.classify.places.gazetteer import Gazetteer, Shares, Town
from socialdesk.classify.places.postcodes import authority_of

MOST_WORDS = 4
"""Words of the longest place name looked for."""

KNOWN_TO_ALL = 20_000
"""People a place must have to be read from its bare name in lower case."""

_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’][^\W_]+)?")
_SENTENCE_END = frozenset(".!?\n")


class PlaceKind(StrEnum):
    """How a place was named; the first kinds are the most exact."""

    POSTCODE = "postcode"
    OUTCODE = "outcode"
    LANDMARK = "landmark"
    RAILWAY = "railway"
    TOWN = "town"


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in `text[start:end]`.

    Attributes:
        forces: force id → share of the place that it polices.
        certainty: how sure it is that these words name the place at all, 0 to 1.
        home: it is where someone lives or is, by the words before it, not where something happened.
    """

    kind: PlaceKind
    start: int
    end: int
    text: str
    forces: Shares
    certainty: float
    home: bool


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int
    capital: bool
    opens: bool


def places(text: str, known: Sequence[Entity], gazetteer: Gazetteer) -> list[Place]:
    """Return the places of `text` in order.

    Args:
        known: the entities of the same text; people's names among them are not read as places.
    """
    found = [*_coded(text, known, gazetteer), *_railway(text, gazetteer)]
    taken = [(one.start, one.end) for one in known if one.kind in _NOT_TOWNS]
    found += _named(text, taken, gazetteer)
    return sorted(found, key=lambda one: one.start)


_NOT_TOWNS = frozenset(
    {EntityKind.PERSON, EntityKind.URL, EntityKind.EMAIL, EntityKind.HANDLE, EntityKind.STREET}
)


def _coded(text: str, known: Sequence[Entity], gazetteer: Gazetteer) -> Iterator[Place]:
    """Yield a place for every postcode or outcode that exists."""
    for one in known:
        if one.kind is EntityKind.POSTCODE:
            code = "".join(one.text.split()).upper()
            force = gazetteer.authorities.get(authority_of(code) or "")
            shares = {force: 1.0} if force else gazetteer.outcodes.get(code[:-3])
        elif one.kind is EntityKind.OUTCODE:
            shares = gazetteer.outcodes.get(one.text)
        else:
            continue
        if shares:
            kind = PlaceKind(one.kind.value)
            sure = 1.0 if kind is PlaceKind.POSTCODE else 0.9
            home = _is_home(text, one.start, gazetteer)
            yield Place(kind, one.start, one.end, one.text, shares, sure, home)


def _railway(text: str, gazetteer: Gazetteer) -> Iterator[Place]:
    rail = gazetteer.railway
    lowered = text.lower()
    if len(lowered) != len(text) or any(words in lowered for words in rail.not_when):
        return
    for words in rail.phrases:
        at = lowered.find(words)
        after = at + len(words)
        if at >= 0 and not lowered[after : after + 1].isalnum():
            shares = {rail.force: rail.share}
            yield Place(PlaceKind.RAILWAY, at, after, text[at:after], shares, 1.0, home=False)
            return


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    for match in _WORD.finditer(text):
        between = text[words[-1].end : match.start()] if words else "."
        folded = match[0].lower().replace("'", "").replace("’", "")
        opens = not _SENTENCE_END.isdisjoint(between)
        words.append(_Word(folded, *match.span(), match[0][0].isupper(), opens))
    return words


def _named(text: str, taken: Sequence[tuple[int, int]], gazetteer: Gazetteer) -> Iterator[Place]:
    """Yield the longest place name that begins at each word and is not part of another."""
    words = _words(text)
    at = 0
    while at < len(words):
        for count in range(min(MOST_WORDS, len(words) - at), 0, -1):
            run = words[at : at + count]
            start, end = run[0].start, run[-1].end
            place = _place(text, run, words[at - 1] if at else None, gazetteer)
            if place is not None and not any(a < end and start < b for a, b in taken):
                yield place
                at += count
                break
        else:
            at += 1


def _place(
    text: str, run: Sequence[_Word], previous: _Word | None, gazetteer: Gazetteer
) -> Place | None:
    name = " ".join(word.folded for word in run)
    start, end = run[0].start, run[-1].end
    led = previous is not None and not run[0].opens and previous.folded in gazetteer.before
    if name in gazetteer.named:
        kind, shares, sure = PlaceKind.LANDMARK, gazetteer.named[name], 1.0
    elif name in gazetteer.towns:
        town = gazetteer.towns[name]
        kind, shares, sure = PlaceKind.TOWN, town.forces, _certainty(town, run, led=led)
    else:
        return None
    if sure <= 0:
        return None
    return Place(kind, start, end, text[start:end], shares, sure, _is_home(text, start, gazetteer))


def _certainty(town: Town, run: Sequence[_Word], *, led: bool) -> float:
    """Return how sure it is that these words name a town; 0 for not at all."""
    capital = all(word.capital for word in run)
    if town.ordinary:
        return 0.9 if led and capital else 0.0
    if len(run) > 1 or (led and (capital or town.people >= KNOWN_TO_ALL)):
        return 1.0
    if capital and town.people >= KNOWN_TO_ALL:
        return 0.6 if run[0].opens else 0.8
    if led or capital or town.people >= 5 * KNOWN_TO_ALL:
        return 0.6
    return 0.0


def _is_home(text: str, start: int, gazetteer: Gazetteer) -> bool:
    before = " ".join(text[max(0, start - 24) : start].lower().split())
    return before.endswith(gazetteer.home)
