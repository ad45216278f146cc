"""How X counts a text: posts by weight, direct messages by character.

Source: twitter-text configuration v3 (scale 100, default weight 200, links 23, emoji parsing on):
code points in four ranges count one, all others two, an emoji sequence two as a whole, a link 23.
In doubt the count is too high, never too low: a reply that fits here fits there.
"""

import re
import unicodedata

from socialdesk.channels.base import Stream

POST_LIMIT = 280
DM_LIMIT = 10_000
LINK_LENGTH = 23

_LIGHT = (range(4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))
LINK = re.compile(
    r"https?://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d+)?(?:[/?#][A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*)?"
    r"|(?<![\w@.-])(?:[A-Za-z0-9-]+\.)+"
    r"(?:uk|com|org|net|gov|info|eu|ie|wales|cymru|scot|london|co|io)\b"
    r"(?:/[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*)?",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)'"
_PICTURE = (
    "[\U0001f000-\U0001faff\u231a-\u23ff\u25aa-\u27bf\u2934-\u2935\u2b05-\u2b55\u203c\u2049"
    "\u2122\u2139\u2194-\u21aa\u24c2\u3030\u303d\u3297\u3299]"
)
_PERSON = f"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
    f"|{_PERSON}(?:\u200d{_PERSON})*"
    "|[\u00a9\u00ae]\ufe0f"
)


def length(stream: Stream, text: str) -> int:
    """Return how long X finds `text` when sent on `stream`."""
    if stream is Stream.DMS:
        return len(text)
    return weighted(text)


def weighted(text: str) -> int:
    """Return X's weighted count of a post, to be held against `POST_LIMIT`."""
    normal = unicodedata.normalize("NFC", text)
    count = 0
    place = 0
    for match in LINK.finditer(normal):
        link = match[0].rstrip(_TRAILING)
        count += _plain(normal[place : match.start()]) + _link(link)
        place = match.start() + len(link)
    return count + _plain(normal[place:])


def _link(link: str) -> int:
    """A bare name that X may not take for a link counts in full where that is more."""
    if "://" in link:
        return LINK_LENGTH
    return max(LINK_LENGTH, len(link))


def _plain(text: str) -> int:
    bare, emoji = _EMOJI.subn("", text)
    return 2 * emoji + sum(_weight(char) for char in bare)


def _weight(char: str) -> int:
    return 1 if any(ord(char) in light for light in _LIGHT) else 2
