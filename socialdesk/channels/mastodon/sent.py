"""Is this status the reply that we sent? Pure comparison after what Mastodon is known to change.

Mastodon shows `@name@domain` as `@name`, normalises and trims the text, and serves it as HTML.
"""

import re
import unicodedata

from socialdesk.channels.base import Outgoing, Stream
from socialdesk.channels.mastodon.length import ADDRESS
from socialdesk.channels.mastodon.parse import Status
from socialdesk.channels.readback import earliest

_MENTION = re.compile(r"(?<![\w/=])@([A-Za-z0-9_.-]*\w(?:@[A-Za-z0-9.-]+[A-Za-z0-9])?)")
_DOMAIN = re.compile(r"(?<![\w/])(@[A-Za-z0-9_.-]+)@[A-Za-z0-9.-]+[A-Za-z0-9]")


def is_the_same(status: Status, outgoing: Outgoing) -> bool:
    """Say whether one of the account's own statuses is `outgoing`."""
    private = outgoing.stream is Stream.DMS
    return (
        status.direct is private
        and status.created_at >= earliest(outgoing)
        and status.addressee() == outgoing.contact_id
        and (private or status.in_reply_to == outgoing.in_reply_to)
        and comparable(status.text) == comparable(outgoing.text)
    )


def addressed(text: str, acct: str) -> str:
    """Return `text` naming `acct` first, without whom a reply reaches nobody."""
    begins = ADDRESS.match(text)
    if begins and begins[0].strip().lower() == f"@{acct}".lower():
        return text
    return f"@{acct} {text}"


def others_named(text: str, acct: str) -> list[str]:
    """Return whom a text names besides `acct`: a direct status is shown to everyone it names."""
    return [one for one in _MENTION.findall(text) if one.lower() != acct.lower()]


def comparable(text: str) -> str:
    """Return what is left of a text when all that Mastodon may change is taken away."""
    rest = unicodedata.normalize("NFC", text).strip()
    while match := ADDRESS.match(rest):
        rest = rest[match.end() :].lstrip()
    return " ".join(_DOMAIN.sub(r"\1", rest).split())
