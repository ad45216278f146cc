"""Who, where, when and how much: the entities of a message, found in its original text.

Used for jurisdiction, redaction and search, so a find too many costs less than one too few. Every
pattern is bounded: time grows with length and never with its square.

Sources: postcodes, Royal Mail PAF guide; registrations, DVLA INF104; UK numbers, Ofcom's National
Telephone Numbering Plan; what3words, three words between full stops.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from socialdesk.classify.given_names import GIVEN_NAMES


class EntityKind(StrEnum):
    """What an entity is."""

    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    HANDLE = "handle"
    POSTCODE = "postcode"
    OUTCODE = "outcode"
    REGISTRATION = "registration"
    TIME = "time"
    MONEY = "money"
    STREET = "street"
    ROAD = "road"
    REFERENCE = "reference"
    WHAT3WORDS = "what3words"


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity: `text[start:end]` of the message."""

    kind: EntityKind
    start: int
    end: int
    text: str


_KINDS_OF_STREET = (
    "street|st|road|rd|avenue|ave|lane|ln|close|drive|way|court|crescent|cres|terrace|place|square|"
    "gardens|gdns|grove|hill|row|walk|mews|green|parade|rise|wharf|quay|estate"
)
_FILLER = (
    "the|a|an|my|our|your|his|her|their|this|that|down|up|on|in|at|of|off|to|from|by|near|and|or|"
    "main|wrong|same|next|other|whole|every|which|what|any|all|no|one|way|back|across|opposite|"
    "outside|behind|along|end|side|middle|is|was|it|its|he|she|they|we|i|into|out|over|right|left"
)
_DAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tues?|wed|thurs?|fri|sat|sun"

_TWO_CAPITALS = r"[A-Z][\w'’]{1,20}(?: [A-Z][\w'’]{1,20}){0,2}"
_NUMBERED = r"(?:\b\d{1,4}[a-z]? )?\b"
_PARTS_OF_DAY = f"{_DAY}|night|nite|week|month|year|morning|evening"

_URL = r"\b(?:https?://|www\.)[^\s<>\"']{1,300}"
_EMAIL = r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}"
_HANDLE = r"(?<![\w@.])@\w[\w.-]{1,62}\w"
_WHAT3WORDS = r"(?:(?<!\w)///|(?<=what3words )|(?<=w3w ))[^\W\d_]{2,20}(?:\.[^\W\d_]{2,20}){2}\b"
_REFERENCE = (
    r"(?i:\b(?:crime|incident|log|cad|urn|ref(?:erence)?)"
    r"(?: (?:ref(?:erence)?|number|no|num))?[ .:#]{0,3}(?:is )?)"
    r"(?=[A-Za-z0-9/-]{0,10}\d)[A-Za-z0-9][A-Za-z0-9/-]{2,19}"
    r"|\b\d{2}/\d{4,8}/\d{2}\b"
)
_PHONE = r"(?<![\d/])(?:\+44[ -]?(?:\(0\))?|\(?0)(?:\d[ )-]{0,2}){8,9}\d(?![\d/])"
_MONEY = (
    r"[£€$] ?\d[\d,]{0,12}(?:\.\d{1,2})?k?\b"
    r"|(?i:\b\d[\d,.]{0,9} ?(?:quid|pounds|grand|euros?)\b)"
)
_POSTCODE = r"(?i:\b[a-z]{1,2}\d[a-z\d]?[ ]{0,2}(?!\d[ap]m)\d[a-z]{2}\b)"
_REGISTRATION = (
    r"(?i:\b[a-z]{2}\d{2}[ ]?[a-z]{3}\b)"
    r"|\b[A-Z]\d{1,3} ?[A-Z]{3}\b|\b[A-Z]{3} ?\d{1,3}[A-Z]\b"
    r"|(?i:(?<=reg )|(?<=plate ))[A-Za-z]{1,3} ?\d{1,4}\b"
)
_TIME = (
    r"(?i:\b(?:[01]?\d|2[0-3])[:.][0-5]\d(?: ?[ap]\.?m\b)?|\b(?:1[0-2]|[1-9]) ?[ap]\.?m\b"
    r"|\b(?:half(?: past)?|quarter (?:past|to)|gone|about|around) (?:1[0-2]|[1-9])\b(?![\d/])"
    rf"|\b(?:last|this|every|on|next) (?:{_PARTS_OF_DAY})\b"
    r"|\b(?:yesterday|yday|tonight|tonite|today|tomorrow|midnight|midday|noon)\b"
    r"|\b\d{1,3} ?(?:secs?|mins?|minutes?|hours?|hrs?|days?|weeks?|months?|years?) ago\b"
    r"|\b(?:right|just) now\b)"
)
_ROAD = (
    r"\b(?:[MA]\d{1,4}(?:\(M\))?|[mab]\d{2,4}|B\d{4})\b"
    r"(?:,? [Jj](?:unction|ct)? ?\d{1,2}[a-z]?\b)?"
    r"|\b[Jj](?:unction |ct ?)?\d{1,2}[a-z]? (?:of |off )?(?:the )?[MmAa]\d{1,4}\b"
)
_STREET = (
    rf"{_NUMBERED}{_TWO_CAPITALS} (?i:{_KINDS_OF_STREET})\b"
    rf"|(?i:{_NUMBERED}(?!(?:{_FILLER})\b)[a-z'’]{{3,20}}"
    r" (?:street|road|rd|avenue|ave|lane|crescent|terrace|grove|mews)\b)"
)
_OUTCODE = r"\b(?:[A-Z]{2}\d{1,2}|[A-Z]{2}\d[A-Z]|[CDEGHLNSTW]\d{1,2}|[A-Z]\d[A-Z])\b"

_PATTERNS = (
    (EntityKind.URL, _URL),
    (EntityKind.EMAIL, _EMAIL),
    (EntityKind.HANDLE, _HANDLE),
    (EntityKind.WHAT3WORDS, _WHAT3WORDS),
    (EntityKind.REFERENCE, _REFERENCE),
    (EntityKind.PHONE, _PHONE),
    (EntityKind.MONEY, _MONEY),
    (EntityKind.POSTCODE, _POSTCODE),
    (EntityKind.REGISTRATION, _REGISTRATION),
    (EntityKind.TIME, _TIME),
    (EntityKind.ROAD, _ROAD),
    (EntityKind.STREET, _STREET),
    (EntityKind.OUTCODE, _OUTCODE),
)
_FINDERS = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)

_CUED = re.compile(
    r"\b(?:[Mm]y name is|[Nn]ame'?s|[Cc]alled|[Nn]amed|PC|PCSO|DC|DS|DI|Sgt|Mr|Mrs|Ms|Miss|Dr|Cllr)"
    r"\.? ([A-Z][\w'’-]{1,20}(?: [A-Z][\w'’-]{1,20}){0,2})"
)
_CUED_LOWER = re.compile(
    r"(?i:\b(?:my name is|(?:his|her|their) names?(?: is)?|called|named)) ([a-z][\w'’-]{1,20})"
)
_CAPITALISED = re.compile(r"\b([A-Z][a-z'’-]{1,20})((?: [A-Z][a-z'’-]{1,20}){0,2})")


def entities(text: str) -> list[Entity]:
    """Return the entities of `text` in order; where two overlap, the kind listed first is kept."""
    found: list[Entity] = []
    taken = bytearray(len(text))
    for kind, start, end in _candidates(text):
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Entity(kind, start, end, text[start:end]))
    return sorted(found, key=lambda one: one.start)


def _candidates(text: str) -> Iterator[tuple[EntityKind, int, int]]:
    for kind, finder in _FINDERS:
        for match in finder.finditer(text):
            yield kind, *match.span()
    for start, end in _people(text):
        yield EntityKind.PERSON, start, end


def _people(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of people's names: after a cue, or beginning with a common given name."""
    for match in _CUED.finditer(text):
        yield match.span(1)
    for match in _CAPITALISED.finditer(text):
        if match[1].lower() in GIVEN_NAMES:
            yield match.span()
    for match in _CUED_LOWER.finditer(text):
        if match[1].lower() in GIVEN_NAMES:
            yield match.span(1)
