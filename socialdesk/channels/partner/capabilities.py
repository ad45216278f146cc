"""What the desk can do with a partner's reports: take them in. Nothing goes back to the partner."""

from socialdesk.channels.base import Capabilities, ReplyRule, Stream

PARTNER = Capabilities(
    name="partner",
    streams=frozenset((Stream.REPORTS,)),
    text_limit={},
    length=lambda _stream, text: len(text),
    reply_rules={
        Stream.REPORTS: ReplyRule(
            otherwise="Reach the person as the report says they wish (telephone, e-mail), or "
            "escalate it; then close it with what was done."
        )
    },
    has_credentials=False,
    polled=False,
)
