"""X's form of a search: recent posts that hold any of some terms, reposts left out.

Terms are quoted, so that nothing in them is an operator; hashtags and names stand bare. Source: X's
guide "Build a query"; 512 characters is what its smallest paid access takes.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

QUERY_LIMIT = 512
HORIZON = timedelta(days=7)
_BARE = re.compile(r"[#@]\w+")


def query_of(terms: Sequence[str]) -> str:
    """Return the query that finds posts with any of `terms`."""
    alternatives = [part for term in terms for part in _written(term)]
    return f"({' OR '.join(alternatives)}) -is:retweet"


def _written(term: str) -> list[str]:
    if not _BARE.fullmatch(term):
        return [f'"{term}"']
    return [term] if term.startswith("#") else [term, f"from:{term[1:]}"]
