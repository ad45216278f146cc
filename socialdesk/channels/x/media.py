"""What X says of a post's images and videos, and which posts it no longer serves."""

from typing import Any

from socialdesk.channels.base import Attachment, Gone
from socialdesk.channels.x.slices import Slice, elements, member

_NOT_FOUND = "resource-not-found"


def media_by_key(whole: Slice) -> dict[str, Attachment]:
    """Return the attachments that an answer includes, by X's media key."""
    includes = member(whole, "includes")
    found: dict[str, Attachment] = {}
    for piece in elements(member(includes, "media")) if includes else []:
        value = piece.value
        if isinstance(value, dict) and isinstance(value.get("media_key"), str):
            found[value["media_key"]] = _attachment(value)
    return found


def attached(post: dict[str, Any], by_key: dict[str, Attachment]) -> tuple[Attachment, ...]:
    """Return a post's attachments; one that X names but does not include has no address."""
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    return tuple(
        by_key.get(key, Attachment("", "unknown"))
        for key in (keys if isinstance(keys, list) else ())
        if isinstance(key, str)
    )


def gone_in(whole: Slice) -> dict[str, Gone]:
    """Return the posts that an answer to a look-up says are not there, and why."""
    found: dict[str, Gone] = {}
    for piece in elements(member(whole, "errors")):
        value = piece.value
        if not isinstance(value, dict):
            continue
        remote_id = value.get("resource_id") or value.get("value")
        if isinstance(remote_id, str) and remote_id.isdigit():
            missing = str(value.get("type", "")).endswith(_NOT_FOUND)
            found[remote_id] = Gone.NOT_FOUND if missing else Gone.WITHHELD
    return found


def history(post: dict[str, Any]) -> list[str]:
    """Return the ids of all versions of a post, oldest first."""
    for name in ("edit_history_post_ids", "edit_history_tweet_ids"):
        ids = post.get(name)
        if isinstance(ids, list):
            return [one for one in ids if isinstance(one, str) and one.isdigit()]
    return []


def newest_versions(whole: Slice) -> set[str]:
    """Return the newest versions of posts that an answer shows in an older one."""
    posts = [piece.value for piece in elements(member(whole, "data"))]
    ids = [(post.get("id"), history(post)) for post in posts if isinstance(post, dict)]
    return {versions[-1] for own, versions in ids if versions and versions[-1] != own}


def _attachment(value: dict[str, Any]) -> Attachment:
    kind, alt = str(value.get("type", "unknown")), value.get("alt_text")
    address = value.get("url")
    if kind != "photo":
        address = _best_variant(value.get("variants")) or value.get("preview_image_url")
    return Attachment(
        address if isinstance(address, str) else "",
        kind,
        alt if isinstance(alt, str) else "",
    )


def _best_variant(variants: Any) -> str | None:
    """Return the address of the film of most bits a second; playlists are no files."""
    films = [
        variant
        for variant in (variants if isinstance(variants, list) else ())
        if isinstance(variant, dict)
        and variant.get("content_type") == "video/mp4"
        and isinstance(variant.get("url"), str)
    ]
    rates = [film["bit_rate"] if isinstance(film.get("bit_rate"), int) else 0 for film in films]
    return str(films[rates.index(max(rates))]["url"]) if films else None
