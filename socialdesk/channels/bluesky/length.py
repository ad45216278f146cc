"""How Bluesky counts a text: grapheme clusters, and bytes of UTF-8 at ten to a cluster.

Source: the lexicons app.bsky.feed.post (300 graphemes, 3,000 bytes) and chat.bsky.convo.defs
(1,000 graphemes, 10,000 bytes). Clusters follow UAX #29 for what people write: combining marks,
emoji with modifiers, joiners and tags, flags, and CR LF; scripts that it also joins otherwise
(Hangul in separate letters, some Indic vowels) count more here. In doubt the count is too high,
never too low: a reply that fits here fits there.
"""

import unicodedata

from socialdesk.channels.base import Stream

POST_LIMIT = 300
DM_LIMIT = 1_000
BYTES_IN_ONE = 10

_JOINER = "\u200d"
_MODIFIERS = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_PICTURES = (range(0x1F000, 0x1FB00), range(0x2600, 0x27C0))


def length(stream: Stream, text: str) -> int:
    """Return how long Bluesky finds `text`, on either stream."""
    size = len(text.encode("utf-8", "surrogatepass"))
    return max(clusters(text), -(-size // BYTES_IN_ONE))


def clusters(text: str) -> int:
    """Return how many grapheme clusters `text` has, or a few more."""
    count = 0
    before = base = ""
    half_flag = False
    for char in text:
        joined = _joins(before, base, char, half_flag=half_flag)
        half_flag = ord(char) in _FLAG_LETTERS and not joined
        if not joined:
            count += 1
            base = char
        elif _is_picture(char):
            base = char
        before = char
    return count


def _joins(before: str, base: str, char: str, *, half_flag: bool) -> bool:
    """Say whether `char` belongs to the cluster that `base` began and `before` ended so far."""
    if not before:
        return False
    if before == "\r":
        return char == "\n"
    if unicodedata.category(base) in ("Cc", "Zl", "Zp"):
        return False
    if _extends(char):
        return True
    if ord(char) in _FLAG_LETTERS:
        return half_flag
    return before == _JOINER and _is_picture(base) and _is_picture(char)


def _extends(char: str) -> bool:
    place = ord(char)
    return (
        unicodedata.category(char) in ("Mn", "Me")
        or char == _JOINER
        or place in _MODIFIERS
        or place in _TAGS
    )


def _is_picture(char: str) -> bool:
    place = ord(char)
    return any(place in pictures for pictures in _PICTURES) and place not in _MODIFIERS
