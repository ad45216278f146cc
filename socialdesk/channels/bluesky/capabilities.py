"""What Bluesky can do, as data; importing this loads no network client.

Sends: Bluesky's published limit of 5,000 points an hour, of which a new record costs three; none is
published for direct messages. Nothing that is out can be edited; a direct message is taken back
from one's own view alone, and carries no media.
"""

from socialdesk.channels.base import Capabilities, SendLimit, Stream
from socialdesk.channels.bluesky.length import DM_LIMIT, POST_LIMIT, length

BLUESKY = Capabilities(
    name="bluesky",
    streams=frozenset((Stream.MENTIONS, Stream.DMS)),
    text_limit={Stream.MENTIONS: POST_LIMIT, Stream.DMS: DM_LIMIT},
    length=length,
    send_limits={Stream.MENTIONS: SendLimit(5_000 // 3, 3600.0)},
    deletes=frozenset((Stream.MENTIONS,)),
    media=frozenset((Stream.MENTIONS,)),
)
