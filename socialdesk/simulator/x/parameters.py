"""Which query parameters each read takes, and X's refusal of any other.

X's OpenAPI document 2.167 calls a post's fields `post.fields` and a reply's parent
`referenced_posts`; X's guides and tweepy 4.17 call them `tweet.fields` and `referenced_tweets`.
The simulator takes both and answers in the words it was asked in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from socialdesk.simulator.x.problems import invalid

POST_FIELDS = frozenset((
    "article", "attachments", "card_uri", "community_id", "context_annotations", "conversation_id",
    "created_at", "display_text_range", "edit_controls", "entities", "geo", "id", "lang",
    "matched_media_notes", "media_metadata", "note_post", "possibly_sensitive", "public_metrics",
    "reply_settings", "scopes", "source", "text", "withheld",
))  # fmt: skip
TWEET_FIELDS = (POST_FIELDS - {"note_post"}) | {
    "author_id", "in_reply_to_user_id", "note_tweet", "referenced_tweets",
    "edit_history_tweet_ids",
}  # fmt: skip
USER_FIELDS = frozenset((
    "created_at", "description", "entities", "id", "location", "name", "profile_image_url",
    "protected", "public_metrics", "url", "username", "verified", "verified_type", "withheld",
))  # fmt: skip
DM_FIELDS = frozenset((
    "attachments", "created_at", "dm_conversation_id", "entities", "event_type", "id", "text",
    "sender_id", "participant_ids", "referenced_tweets",
))  # fmt: skip
POST_EXPANSIONS = frozenset((
    "author_id", "in_reply_to_user_id", "referenced_posts", "referenced_tweets.id",
    "edit_history_post_ids", "edit_history_tweet_ids", "entities.mentions.username",
    "attachments.media_keys",
))  # fmt: skip
DM_EXPANSIONS = frozenset((
    "attachments.media_keys", "participant_ids", "referenced_posts", "referenced_tweets.id",
    "sender_id",
))  # fmt: skip
USER_EXPANSIONS = frozenset(("affiliation", "most_recent_post_id", "pinned_post_id"))
MEDIA_FIELDS = frozenset((
    "alt_text", "duration_ms", "height", "media_key", "preview_image_url", "public_metrics", "type",
    "url", "variants", "width",
))  # fmt: skip
EVENT_TYPES = frozenset(("MessageCreate", "ParticipantsJoin", "ParticipantsLeave"))

_ID = re.compile(r"[0-9]{1,19}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
_FIELDS: Mapping[str, frozenset[str]] = {
    "post.fields": POST_FIELDS,
    "tweet.fields": TWEET_FIELDS,
    "user.fields": USER_FIELDS,
    "dm_event.fields": DM_FIELDS,
    "media.fields": MEDIA_FIELDS,
    "event_types": EVENT_TYPES,
    "exclude": frozenset(("replies", "retweets")),
}
_POST_READ = frozenset((
    "max_results", "pagination_token", "since_id", "until_id", "start_time", "end_time",
    "post.fields", "tweet.fields", "user.fields", "media.fields", "expansions",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What one endpoint takes: parameters, bounds of max_results, expansions."""

    takes: frozenset[str]
    expansions: frozenset[str] = frozenset()
    results: tuple[int, int, int] = (0, 0, 0)
    needs: str | None = None


_OBJECT_FIELDS = frozenset(
    ("post.fields", "tweet.fields", "user.fields", "media.fields", "expansions")
)
ME = Shape(_OBJECT_FIELDS, USER_EXPANSIONS)
LOOKUP = Shape(_OBJECT_FIELDS | {"ids"}, POST_EXPANSIONS, needs="ids")
TIMELINE = Shape(_POST_READ | {"exclude"}, POST_EXPANSIONS, (5, 100, 10))
MENTIONS = Shape(_POST_READ, POST_EXPANSIONS, (5, 100, 10))
SEARCH = Shape(
    _POST_READ | {"query", "next_token", "sort_order"}, POST_EXPANSIONS, (10, 100, 10), "query"
)
DM_EVENTS = Shape(
    _OBJECT_FIELDS | {"max_results", "pagination_token", "event_types", "dm_event.fields"},
    DM_EXPANSIONS,
    (1, 100, 100),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A read's parameters, checked; `host` is where it was asked, as media lie there too."""

    query: Mapping[str, str]
    max_results: int
    expansions: frozenset[str]
    host: str = ""

    def fields(self, name: str) -> frozenset[str]:
        """Return the fields asked for under a parameter's name."""
        return frozenset(self.query.get(name, "").split(",")) - {""}

    @property
    def legacy(self) -> bool:
        """Asked in the words of tweets, not posts."""
        return "tweet.fields" in self.query

    @property
    def token(self) -> str | None:
        """The page asked for."""
        return self.query.get("pagination_token") or self.query.get("next_token")


def checked(query: Mapping[str, str], shape: Shape) -> Asked:
    """Return the parameters of a read.

    Raises:
        Problem: 400 for one that is unknown, missing, out of range or not of its form.
    """
    for name, value in query.items():
        if name not in shape.takes:
            raise invalid(name, value, f"[{name}] is not one of {sorted(shape.takes)}")
        _check_form(name, value)
    if shape.needs and not query.get(shape.needs):
        raise invalid(shape.needs, "", f"The `{shape.needs}` query parameter can not be empty")
    expansions = frozenset(query.get("expansions", "").split(",")) - {""}
    for name in sorted(expansions - shape.expansions):
        raise invalid("expansions", name, f"[{name}] is not one of {sorted(shape.expansions)}")
    return Asked(query, _results(query, shape), expansions)


def _check_form(name: str, value: str) -> None:
    for entry in value.split(",") if name in _FIELDS else ():
        if entry not in _FIELDS[name]:
            raise invalid(name, entry, f"[{entry}] is not one of {sorted(_FIELDS[name])}")
    if name in ("since_id", "until_id") and not _ID.fullmatch(value):
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid")
    if name in ("start_time", "end_time") and not _MOMENT.fullmatch(value):
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not a time")


def _results(query: Mapping[str, str], shape: Shape) -> int:
    least, most, usual = shape.results
    given = query.get("max_results", str(usual))
    if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
        raise invalid(
            "max_results",
            given,
            f"[{given}] is not between {least} and {most}",
        )
    return int(given)
