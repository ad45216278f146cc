"""What X can do, as data; importing this loads no network client.

Sends: X's published limits, 15 direct messages and 100 posts in fifteen minutes a user. Direct
messages are served thirty days back. Replies: X lets an application answer only who named it.
"""

from datetime import timedelta

from socialdesk.channels.base import Capabilities, ReplyRule, Search, SendLimit, Stream
from socialdesk.channels.x.length import DM_LIMIT, POST_LIMIT, length
from socialdesk.channels.x.search import HORIZON, QUERY_LIMIT, query_of

WINDOW_SECONDS = 900.0

X = Capabilities(
    name="x",
    streams=frozenset((Stream.MENTIONS, Stream.DMS)),
    text_limit={Stream.MENTIONS: POST_LIMIT, Stream.DMS: DM_LIMIT},
    length=length,
    reads_before=frozenset((Stream.MENTIONS, Stream.LISTENING)),
    horizons={Stream.DMS: timedelta(days=30), Stream.LISTENING: HORIZON},
    send_limits={
        Stream.MENTIONS: SendLimit(100, WINDOW_SECONDS),
        Stream.DMS: SendLimit(15, WINDOW_SECONDS),
    },
    reply_rules={
        Stream.MENTIONS: ReplyRule(
            only_if_named=True,
            otherwise="Answer in a direct message, or by phone where a number is known.",
        )
    },
    search=Search(query_of, QUERY_LIMIT),
    media_hosts=frozenset(("pbs.twimg.com", "video.twimg.com")),
    rechecks=100,
)
