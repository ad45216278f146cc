"""Images and videos on the simulated network: made from their name, served under /media.

A real PNG, GIF, JPEG or MP4 head is followed by bytes that repeat from the name, so a test can say
what must have been fetched. The fault rules reach these paths like any other.
"""

import itertools
import re
import struct
import zlib
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from socialdesk.simulator.exchange import Answer
from socialdesk.simulator.network import Post
from socialdesk.simulator.x.problems import not_found

PREFIX = "/media/"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}\.(png|gif|jpg|mp4)")
_TYPES = {"png": "image/png", "gif": "image/gif", "jpg": "image/jpeg", "mp4": "video/mp4"}
SIZE = 2000


def content(name: str) -> bytes:
    """Return the bytes of the image or video called `name`."""
    stream = (sha256(f"{name}:{n}".encode()).digest() for n in itertools.count())
    noise = b"".join(itertools.islice(stream, SIZE // 32))
    match name.rsplit(".", 1)[-1]:
        case "png":
            return _png(noise)
        case "gif":
            return b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + noise + b";"
        case "jpg":
            return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + noise + b"\xff\xd9"
        case _:
            return b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + noise


def answer(path: str) -> Answer:
    """Return an image or video.

    Raises:
        Problem: 404, it is not one of ours.
    """
    name = path.removeprefix(PREFIX)
    match = _NAME.fullmatch(name)
    if match is None:
        raise not_found("media", "path", path)
    return Answer(200, content(name), _TYPES[match[1]])


def media_object(name: str, description: str, base_url: str) -> dict[str, Any]:
    """Return how X shows an image or video; a film's address is among its variants."""
    address = f"{base_url}{PREFIX}{name}"
    shown: dict[str, Any] = {"media_key": key_of(name), "type": "photo", "url": address}
    if name.endswith(".mp4"):
        shown = {
            "media_key": key_of(name),
            "type": "video",
            "preview_image_url": f"{base_url}{PREFIX}{name[:-4]}.jpg",
            "variants": [
                {"bit_rate": 256000, "content_type": "video/mp4", "url": f"{address}?low"},
                {"bit_rate": 832000, "content_type": "video/mp4", "url": address},
                {"content_type": "application/x-mpegURL", "url": f"{address}.m3u8"},
            ],
        }
    return shown | ({"alt_text": description} if description else {})


def key_of(name: str) -> str:
    """Return the media key that X gives to `name`."""
    return f"3_{int.from_bytes(sha256(name.encode()).digest()[:7])}"


def included(posts: Iterable[Post], base_url: str) -> list[dict[str, Any]]:
    """Return the media of some posts, each once."""
    named = {name: words for post in posts for name, words in post.media}
    return [media_object(name, words, base_url) for name, words in named.items()]


def _png(noise: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00\x00"))
        + chunk(b"tEXt", b"noise\x00" + noise)
        + chunk(b"IEND", b"")
    )
