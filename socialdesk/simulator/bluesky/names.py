"""How Bluesky names things: DIDs, handles, addresses and keys of records, hashes of their content.

Every name is worked out from the network's own ids, so a restart changes none. Ids are TIDs as
numbers. A record written with a key of its own keeps it; all others are named by their id.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from socialdesk.simulator.names import Names
from socialdesk.simulator.network import DirectMessage, Network, Post, User
from socialdesk.simulator.snowflake import Mint

COLLECTION = "app.bsky.feed.post"
DOMAIN = "bsky.test"
_PLC = "abcdefghijklmnopqrstuvwxyz234567"
_TID = "234567abcdefghijklmnopqrstuvwxyz"
_PLC_LENGTH = 24
_TID_LENGTH = 13
_TICKS = 1000 << 10
"""What a TID rises by in a millisecond."""


class TidMint(Mint):
    """Gives out TIDs as numbers that only rise."""

    def next(self, at: datetime) -> str:
        """Return an id above all earlier ones, no earlier than `at`'s own."""
        self._last = max(int(at.timestamp() * 1000) * _TICKS, self._last + 1)
        return str(self._last)


def did_of(user_id: str) -> str:
    """Return a user's DID."""
    return f"did:plc:{_encoded(int(user_id), _PLC, _PLC_LENGTH)}"


def user_id_in(did: str) -> str:
    """Return whose DID it is; empty for what is none of ours."""
    letters = did.removeprefix("did:plc:")
    return str(_decoded(letters, _PLC)) if len(letters) == _PLC_LENGTH else ""


def handle_of(user: User) -> str:
    """Return a user's handle: a name in a domain, where no underscore may stand."""
    return handle_for(user.username)


def handle_for(name: str) -> str:
    """Return the handle of whoever is called `name`; a whole handle stays one."""
    return f"{name.lower().replace('_', '-').removesuffix(f'.{DOMAIN}')}.{DOMAIN}"


def tid_of(number: str) -> str:
    """Return an id as the TID it is."""
    return _encoded(int(number), _TID, _TID_LENGTH)


def is_tid(text: str) -> bool:
    """Say whether a text is a TID."""
    return (
        len(text) == _TID_LENGTH
        and all(letter in _TID for letter in text)
        and text[0] in _TID[: len(_TID) // 2]
    )


def number_of(tid: str) -> str:
    """Return the id that a TID is."""
    return str(_decoded(tid, _TID))


def cid_of(value: Mapping[str, Any]) -> str:
    """Return a content's hash in a CID's form; over its JSON, where Bluesky hashes DAG-CBOR."""
    digest = sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return "b" + base64.b32encode(b"\x01\x71\x12\x20" + digest).decode().rstrip("=").lower()


class Addresses:
    """From posts to their addresses and back."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._keys: dict[str, str] = {}

    def rkey(self, post_id: str) -> str:
        """Return the record key of a post."""
        if len(self._keys) != len(self._network.keys):
            with self._network.lock:
                self._keys = {post: key for key, post in self._network.keys.items()}
        return self._keys.get(post_id) or tid_of(post_id)

    def uri(self, post: Post) -> str:
        """Return the address of a post."""
        return f"at://{did_of(post.author_id)}/{COLLECTION}/{self.rkey(post.id)}"

    def find(self, uri: str) -> Post | None:
        """Return the post at an address, if there is one."""
        did, _, rest = uri.removeprefix("at://").partition("/")
        collection, _, rkey = rest.partition("/")
        return self.record(did, rkey) if collection == COLLECTION else None

    def record(self, did: str, rkey: str) -> Post | None:
        """Return the post under a key in somebody's repository, if there is one."""
        post_id = self._network.keys.get(rkey) or (number_of(rkey) if is_tid(rkey) else "")
        post = self._network.posts.get(post_id)
        return post if post is not None and post.author_id == user_id_in(did) else None


class BlueskyNames(Names):
    """Handles in a domain, DIDs, addresses of posts and TIDs of messages."""

    def __init__(self, network: Network) -> None:
        self._addresses = Addresses(network)

    def handle(self, user: User) -> str:
        """Return a user's handle."""
        return handle_of(user)

    def user(self, user_id: str) -> str:
        """Return a user's DID."""
        return did_of(user_id)

    def post(self, post: Post) -> str:
        """Return a post's address."""
        return self._addresses.uri(post)

    def message(self, message: DirectMessage) -> str:
        """Return a private message's id."""
        return tid_of(message.id)

    def post_id(self, name: str) -> str | None:
        """Return the simulator's own id of the post at an address."""
        post = self._addresses.find(name)
        return post.id if post else None


def _encoded(number: int, letters: str, length: int) -> str:
    found = ""
    for _ in range(length):
        number, rest = divmod(number, len(letters))
        found = letters[rest] + found
    return found


def _decoded(text: str, letters: str) -> int:
    number = 0
    for letter in text:
        number = number * len(letters) + max(0, letters.find(letter))
    return number
