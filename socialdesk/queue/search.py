"""Finding: a small query language over keyed hashes, so that no readable text lies at rest.

burglary acton          all of these words, anywhere in the conversation
from:@somebody          written by that handle
is:open is:awaiting is:escalated is:closed is:unclaimed is:mine
is:elsewhere             for another force, so to be handed off
risk:immediate  risk:priority  risk:routine  risk:none  (that grade or above)
cat:theft               by the model's category
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from socialdesk.classify.assessment import Category, Urgency
from socialdesk.core.errors import RuleError
from socialdesk.queue.states import ConversationState

MAX_WORDS = 200
_WORD = re.compile(r"[^\W_]{2,40}")
STATES = tuple(state.value for state in ConversationState)


@dataclass(frozen=True, slots=True)
class Query:
    """What an officer is looking for; empty fields do not restrict."""

    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    worst_rank: int | None = None
    categories: tuple[str, ...] = ()
    unclaimed: bool = False
    mine: bool = False
    elsewhere: bool = False


def words_of(text: str, handle: str = "") -> Iterator[str]:
    """Yield the searchable words of a message and its author's handle (as "@handle"), once each."""
    if handle:
        yield f"@{handle.casefold()}"
    folded = unicodedata.normalize("NFKC", text[:20_000]).casefold()
    yield from list(dict.fromkeys(_WORD.findall(folded)))[:MAX_WORDS]


def parse_query(text: str) -> Query:
    """Return what `text` asks for.

    Raises:
        RuleError: an unknown qualifier or value; the text says which are known.
    """
    words: list[str] = []
    states: list[str] = []
    categories: list[str] = []
    rank: int | None = None
    flags = dict.fromkeys(("unclaimed", "mine", "elsewhere"), False)
    for part in text.split():
        name, colon, value = part.partition(":")
        if not colon or not value:
            words += words_of(part)
        elif name == "is" and value in flags:
            flags[value] = True
        elif name == "is":
            states.append(_known(value, (*STATES, *flags), "is"))
        elif name == "risk":
            rank = Urgency(_known(value, tuple(Urgency), "risk")).rank
        elif name == "cat":
            categories.append(_known(value, tuple(Category), "cat"))
        elif name == "from":
            words.append(f"@{value.removeprefix('@').casefold()}")
        else:
            _known(name, ("is", "risk", "cat", "from"), "")
    return Query(tuple(words), tuple(states), rank, tuple(categories), **flags)


def _known(value: str, allowed: tuple[str, ...], name: str) -> str:
    if value in allowed:
        return value
    where = f"{name}: " if name else ""
    raise RuleError(
        f"{where}{value!r} is not something to search by.", todo=f"Known: {', '.join(allowed)}."
    )
