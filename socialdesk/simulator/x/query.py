"""X's search language, as far as recent search needs it: a query read into a predicate.

Words and "phrases" match whole tokens in any letter case; `#tag`, `@name`, `from:name`, `to:name`
and `is:reply|retweet` match what they say; a blank is AND and binds before OR; `-` negates; `( )`
groups. Source: X's guide "Build a query".
"""

import re
from collections.abc import Callable

from socialdesk.simulator.network import Network, Post
from socialdesk.simulator.x.problems import invalid

Match = Callable[[Post], bool]
_TOKEN = re.compile(r'\s*(-?\(|\)|-?(?:"[^"]*"|[^\s()"]+))')
_WORD = re.compile(r"\w+")


def predicate(query: str, network: Network) -> Match:
    """Return what says whether a post matches `query`.

    Raises:
        Problem: 400, the query is not of X's language.
    """
    reader = _Reader(query, network)
    match = reader.either()
    if reader.left:
        raise _wrong(query, f"unexpected {reader.left[0]!r}")
    return match


class _Reader:
    """Reads a query's tokens from left to right."""

    def __init__(self, query: str, network: Network) -> None:
        self._query = query
        self._network = network
        self.left: list[str] = []
        at = 0
        while at < len(query.rstrip()):
            token = _TOKEN.match(query, at)
            if token is None:
                raise _wrong(query, f"cannot be read at character {at}")
            self.left.append(token[1])
            at = token.end()

    def either(self) -> Match:
        choices = [self._all()]
        while self.left and self.left[0] == "OR":
            self.left.pop(0)
            choices.append(self._all())
        return lambda post: any(choice(post) for choice in choices)

    def _all(self) -> Match:
        parts: list[Match] = []
        while self.left and self.left[0] not in ("OR", ")"):
            parts.append(self._one(self.left.pop(0)))
        if not parts:
            raise _wrong(self._query, "an expression is missing")
        return lambda post: all(part(post) for part in parts)

    def _one(self, token: str) -> Match:
        if token.startswith("-"):
            inner = self._one(token[1:])
            return lambda post: not inner(post)
        if token[0] != "(":
            return self._term(token)
        inside = self.either()
        if not self.left or self.left.pop(0) != ")":
            raise _wrong(self._query, "a bracket is not closed")
        return inside

    def _term(self, token: str) -> Match:
        name, colon, value = token.partition(":")
        if colon and not token.startswith('"'):
            return self._operator(name, value)
        if token.startswith(("#", "@")):
            wanted = token.lower()
            return lambda post: wanted in re.findall(r"[#@]\w+", post.text.lower())
        words = _WORD.findall(token.lower())
        return lambda post: _holds(_WORD.findall(post.text.lower()), words)

    def _operator(self, name: str, value: str) -> Match:
        if name in ("from", "to"):
            user = self._network.find(value.lstrip("@"))
            wanted = user.id if user else ""
            if name == "from":
                return lambda post: post.author_id == wanted
            return lambda post: post.in_reply_to_user_id == wanted
        if (name, value) == ("is", "reply"):
            return lambda post: post.in_reply_to is not None
        if (name, value) == ("is", "retweet"):
            return lambda _: False
        raise _wrong(self._query, f"unknown operator {name}:{value}")


def _holds(tokens: list[str], phrase: list[str]) -> bool:
    return any(
        tokens[start : start + len(phrase)] == phrase
        for start in range(len(tokens) - len(phrase) + 1)
    )


def _wrong(query: str, why: str) -> Exception:
    return invalid("query", query, f"There were errors processing your request: {why}")
