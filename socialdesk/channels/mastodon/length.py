"""How Mastodon counts a text: characters as read, links as 23, a mention without its domain.

Source: Mastodon's StatusLengthValidator: characters are grapheme clusters, each link of http or
https counts 23, `@name@domain` counts as `@name`. A reply must name the person answered or they are
never told: the adapter puts their `@name` before the text, and room for the longest name is always
counted here. In doubt the count is too high, never too low: code points are counted, which
are never fewer than clusters.
"""

import re

from socialdesk.channels.base import Stream

POST_LIMIT = 500
LINK_LENGTH = 23
NAME_LIMIT = 30
ADDRESS_ROOM = len("@") + NAME_LIMIT + len(" ")
"""What the `@name ` that the adapter adds may take."""

LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_NAME = r"@[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_MENTION = re.compile(rf"(?<![\w/])({_NAME})@[A-Za-z0-9.-]+[A-Za-z0-9]")
ADDRESS = re.compile(rf"^\s*{_NAME}(?:@[A-Za-z0-9.-]+[A-Za-z0-9])?(?=[\s,:;!?]|$)")
"""The mention a text begins with."""
_TRAILING = ".,;:!?)'"


def length(_stream: Stream, text: str) -> int:
    """Return how long Mastodon finds `text`, with the mention it is sent with."""
    return counted(text) + ADDRESS_ROOM


def counted(text: str) -> int:
    """Return Mastodon's count of a text exactly as it stands."""
    count = place = 0
    for match in LINK.finditer(text):
        link = match[0].rstrip(_TRAILING)
        count += _plain(text[place : match.start()]) + LINK_LENGTH
        place = match.start() + len(link)
    return count + _plain(text[place:])


def _plain(text: str) -> int:
    return len(_MENTION.sub(r"\1", text))
