"""What Bluesky can do, as data; importing this loads no network client."""

from socialdesk.channels.base import Capabilities, Stream
from socialdesk.channels.bluesky.length import DM_LIMIT, POST_LIMIT, length

BLUESKY = Capabilities(
    name="bluesky",
    streams=frozenset((Stream.MENTIONS, Stream.DMS)),
    text_limit={Stream.MENTIONS: POST_LIMIT, Stream.DMS: DM_LIMIT},
    length=length,
)
