"""How Mastodon writes accounts, statuses, notifications, conversations and itself.

Sources: the entities in Mastodon's API documentation; its text formatter for the HTML.
"""

import re
from html import escape
from typing import Any

from socialdesk.simulator.mastodon.toots import Toot
from socialdesk.simulator.network import Network, User

POST_LIMIT = 500
LINK_LENGTH = 23
SHOWN = 30
"""Characters of a link that Mastodon shows; the rest is there, hidden."""

_SPECIAL = re.compile(r"(?P<link>https?://[^\s<>\"]+)|(?<![\w/])@(?P<name>\w+)")

Payload = dict[str, Any]


def account_object(user: User, base_url: str) -> Payload:
    """Return an account of this instance."""
    return {
        "id": user.id,
        "username": user.username,
        "acct": user.username,
        "display_name": user.name,
        "locked": False,
        "bot": False,
        "created_at": user.created_at,
        "note": "",
        "url": f"{base_url}/@{user.username}",
        "uri": f"{base_url}/users/{user.username}",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": 0,
        "emojis": [],
        "fields": [],
    }


def status_object(toot: Toot, network: Network, base_url: str) -> Payload:
    """Return a status."""
    url = f"{base_url}/@{toot.author.username}/{toot.id}"
    named = [network.users[one] for one in toot.named if one in network.users]
    return {
        "id": toot.id,
        "created_at": toot.created_at,
        "in_reply_to_id": toot.in_reply_to,
        "in_reply_to_account_id": toot.in_reply_to_author,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": toot.visibility,
        "language": "en",
        "uri": f"{base_url}/users/{toot.author.username}/statuses/{toot.id}",
        "url": url,
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "edited_at": None,
        "content": html_of(toot.text, base_url, network),
        "reblog": None,
        "account": account_object(toot.author, base_url),
        "media_attachments": [],
        "mentions": [
            {
                "id": user.id,
                "username": user.username,
                "url": f"{base_url}/@{user.username}",
                "acct": user.username,
            }
            for user in named
        ],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }


def notification_object(toot: Toot, network: Network, base_url: str) -> Payload:
    """Return the notification that a status named the account."""
    return {
        "id": str(toot.arrival),
        "type": "mention",
        "created_at": toot.created_at,
        "group_key": f"ungrouped-{toot.arrival}",
        "account": account_object(toot.author, base_url),
        "status": status_object(toot, network, base_url),
    }


def instance_object(base_url: str) -> Payload:
    """Return what the instance says of itself, as /api/v2/instance does."""
    return {
        "domain": base_url.partition("://")[2],
        "title": "Simulated Mastodon",
        "version": "4.4.0",
        "api_versions": {"mastodon": 6},
        "configuration": {
            "statuses": {
                "max_characters": POST_LIMIT,
                "max_media_attachments": 4,
                "characters_reserved_per_url": LINK_LENGTH,
            }
        },
    }


def old_instance_object(base_url: str) -> Payload:
    """Return the same in the words of /api/v1/instance."""
    new = instance_object(base_url)
    return {
        "uri": new["domain"],
        "title": new["title"],
        "version": new["version"],
        "configuration": new["configuration"],
    }


def html_of(text: str, base_url: str, network: Network) -> str:
    """Return a text as Mastodon formats it: paragraphs, breaks, links in parts, names as links."""
    pieces: list[str] = []
    place = 0
    for match in _SPECIAL.finditer(text):
        pieces.append(escape(text[place : match.start()]))
        pieces.append(_link(match["link"]) if match["link"] else _name(match, base_url, network))
        place = match.end()
    pieces.append(escape(text[place:]))
    paragraphs = re.split(r"\n{2,}", "".join(pieces))
    return "".join("<p>" + one.replace("\n", "<br />") + "</p>" for one in paragraphs)


def counted(text: str) -> int:
    """Return Mastodon's count of a text: a link is 23, a name goes without its domain."""
    shortened = re.sub(r"https?://[^\s<>\"]+", "x" * LINK_LENGTH, text)
    return len(re.sub(r"(?<![\w/])(@\w+)@[\w.-]+\w", r"\1", shortened))


def _link(link: str) -> str:
    scheme, _, rest = link.partition("://")
    shown, hidden = rest[:SHOWN], rest[SHOWN:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{escape(link)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{kind}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span></a>'
    )


def _name(match: re.Match[str], base_url: str, network: Network) -> str:
    user = network.find(match["name"])
    if user is None:
        return match[0]
    return (
        f'<span class="h-card" translate="no"><a href="{base_url}/@{user.username}" '
        f'class="u-url mention">@<span>{match["name"]}</span></a></span>'
    )
