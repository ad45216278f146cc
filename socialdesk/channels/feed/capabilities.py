"""What the desk can do with a feed: read it."""

from socialdesk.channels.base import Capabilities, ReplyRule, Stream

FEED = Capabilities(
    name="feed",
    streams=frozenset((Stream.ENTRIES,)),
    text_limit={},
    length=lambda _stream, text: len(text),
    reply_rules={
        Stream.ENTRIES: ReplyRule(
            otherwise="Answer where it was published, from the force's own account there, or "
            "escalate it; then close it with what was done."
        )
    },
    has_credentials=False,
)
