"""What Mastodon can do, as data; importing this loads no network client.

The length is Mastodon's own; an instance may set another, see `MastodonChannel.identify`. It
includes room for the `@name` of the person answered, whom a reply must name to reach them.
Sends: Mastodon's own limit of 300 statuses in three hours an account, private ones included.
A private message is a status like any other: it can be edited, deleted and carry media.
"""

from socialdesk.channels.base import Capabilities, SendLimit, Stream
from socialdesk.channels.mastodon.length import POST_LIMIT, length

_BOTH = frozenset((Stream.MENTIONS, Stream.DMS))
_STATUSES = SendLimit(300, 3 * 3600.0)

MASTODON = Capabilities(
    name="mastodon",
    streams=_BOTH,
    text_limit={Stream.MENTIONS: POST_LIMIT, Stream.DMS: POST_LIMIT},
    length=length,
    send_limits={Stream.MENTIONS: _STATUSES, Stream.DMS: _STATUSES},
    edits=_BOTH,
    deletes=_BOTH,
    media=_BOTH,
)
