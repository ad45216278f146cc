"""The account's repository: one record under a key, and never a second.

A create under a key in use is answered as the reference server does, by 500; a put with
`swapRecord: null` (nothing may be there) by InvalidSwap. A put over an existing post is refused, as
this network knows no edits.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from socialdesk.simulator.bluesky.names import COLLECTION, did_of, handle_of, is_tid
from socialdesk.simulator.bluesky.pages import page_of
from socialdesk.simulator.bluesky.problems import Problem, invalid
from socialdesk.simulator.bluesky.shown import Shown
from socialdesk.simulator.network import Network, Post, User

BYTES_LIMIT = 3_000

Payload = dict[str, Any]


class Records:
    """Writes and reads the records of one account."""

    def __init__(self, network: Network, account: User, shown: Shown) -> None:
        self._network = network
        self._account = account
        self._shown = shown

    def create(self, data: Payload) -> Payload:
        """com.atproto.repo.createRecord.

        Raises:
            Problem: 400 for what is not a post of this account; 500 for a key in use.
        """
        self._require_own(data)
        with self._network.lock:
            if self._existing(data) is not None:
                raise Problem(500, "InternalServerError", "Internal Server Error")
            return self._published(data)

    def put(self, data: Payload) -> Payload:
        """com.atproto.repo.putRecord.

        Raises:
            Problem: 400 for what is not a new post of this account.
        """
        self._require_own(data)
        if "rkey" not in data:
            raise invalid('Input must have the property "rkey"')
        with self._network.lock:
            existing = self._existing(data)
            if existing is None:
                return self._published(data)
            if "swapRecord" in data:
                raise Problem(400, "InvalidSwap", "Record was at another cid")
            raise invalid("this network knows no edits")

    def get(self, query: Mapping[str, str]) -> Payload:
        """com.atproto.repo.getRecord."""
        post = None
        if query.get("collection") == COLLECTION:
            post = self._shown.addresses.record(query.get("repo", ""), query.get("rkey", ""))
        if post is None:
            raise Problem(400, "RecordNotFound", f"Could not locate record: {query.get('rkey')}")
        return self._shown.reference(post) | {"value": self._shown.record(post)}

    def delete(self, data: Payload) -> Payload:
        """com.atproto.repo.deleteRecord; deleting what is not there is no error."""
        self._require_own(data)
        post = self._existing(data)
        if post is not None:
            self._network.delete_post(post.id)
        return {}

    def listing(self, query: Mapping[str, str]) -> Payload:
        """com.atproto.repo.listRecords."""
        posts = self._network.posts_by(self._account.id)
        found, cursor = page_of(posts, query, lambda post: post.id)
        records = [
            self._shown.reference(post) | {"value": self._shown.record(post)} for post in found
        ]
        return {"records": records, **cursor}

    def _published(self, data: Payload) -> Payload:
        record = data.get("record")
        if not isinstance(record, dict) or record.get("$type") != COLLECTION:
            raise invalid(f"Invalid {COLLECTION} record")
        text = record.get("text")
        if not isinstance(text, str) or len(text.encode()) > BYTES_LIMIT:
            raise invalid("Invalid app.bsky.feed.post record: Record/text must not be too long")
        _check_facets(record.get("facets", []), text)
        post = self._network.post(
            self._account,
            text,
            reply_to=self._parent(record),
            at=_moment(record.get("createdAt")),
            key=_rkey(data.get("rkey")),
        )
        return self._shown.reference(post) | {"validationStatus": "valid"}

    def _parent(self, record: Payload) -> str | None:
        reply = record.get("reply")
        if reply is None:
            return None
        try:
            root, parent = reply["root"], reply["parent"]
            found = self._shown.addresses.find(parent["uri"])
            whole = isinstance(root["uri"], str) and isinstance(root["cid"], str)
        except (KeyError, TypeError, AttributeError) as error:
            raise invalid("Record/reply must have root and parent with uri and cid") from error
        if found is None or not whole or parent.get("cid") != self._shown.reference(found)["cid"]:
            raise invalid("Record/reply names no post")
        return found.id

    def _existing(self, data: Payload) -> Post | None:
        rkey = data.get("rkey")
        if rkey in self._network.keys:
            return self._network.posts.get(self._network.keys[rkey])
        return self._shown.addresses.record(did_of(self._account.id), rkey or "")

    def _require_own(self, data: Payload) -> None:
        if data.get("repo") not in (did_of(self._account.id), handle_of(self._account)):
            raise invalid("Could not find repo")
        if data.get("collection") != COLLECTION:
            raise invalid("This network keeps posts alone")


def _rkey(rkey: Any) -> str | None:
    if rkey is None:
        return None
    if not isinstance(rkey, str) or not is_tid(rkey):
        raise invalid(f"Invalid record key for {COLLECTION}: it must be a TID")
    return rkey


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise invalid("Record/createdAt must be a valid datetime") from error
    if moment.tzinfo is None:
        raise invalid("Record/createdAt must be a valid datetime")
    return moment


def _check_facets(facets: Any, text: str) -> None:
    """Refuse a facet that lies outside of the text's bytes or has no feature."""
    size = len(text.encode())
    try:
        for facet in facets:
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            kinds = [feature["$type"] for feature in facet["features"]]
            if not (0 <= start < end <= size and kinds):
                raise invalid("Record/facets: index out of range")
    except (KeyError, TypeError) as error:
        raise invalid("Invalid app.bsky.feed.post record: facets") from error
