"""What Bluesky is given to publish: the record of a reply, with its links and names made live."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from atproto_client.models.utils import get_model_as_dict
from atproto_client.utils.facet_detection import detect_facets, detect_mentions

from socialdesk.channels.bluesky.order import written

COLLECTION = "app.bsky.feed.post"

Resolve = Callable[[str], str | None]
"""From a handle to its DID; None when there is nobody of that name."""


def facets_of(text: str, resolve: Resolve) -> list[dict[str, Any]]:
    """Return the links, tags and names in a text by their place in its UTF-8 bytes.

    Raises:
        ValueError: the text holds characters that UTF-8 has no bytes for.
    """
    facets: list[dict[str, Any]] = [get_model_as_dict(facet) for facet in detect_facets(text)]
    for mention in detect_mentions(text):
        did = resolve(mention.handle.lower())
        if did is not None:
            facets.append(
                {
                    "index": {"byteStart": mention.byte_start, "byteEnd": mention.byte_end},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}],
                }
            )
    return sorted(facets, key=lambda facet: int(facet["index"]["byteStart"]))


def post_record(
    text: str, facets: Iterable[dict[str, Any]], parent: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """Return the record of a reply to `parent`, a post's view as Bluesky serves it.

    Raises:
        KeyError, TypeError: the view does not say what the parent is.
    """
    reference = {"uri": parent["uri"], "cid": parent["cid"]}
    above = parent["record"].get("reply")
    root = {name: above["root"][name] for name in ("uri", "cid")} if above else reference
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": text,
        "createdAt": written(at),
        "reply": {"root": root, "parent": reference},
    }
    found = list(facets)
    return record | ({"facets": found} if found else {})
