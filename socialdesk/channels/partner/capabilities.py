"""What the desk can do with a partner's reports: read them."""

from socialdesk.channels.base import Capabilities, Stream

PARTNER = Capabilities(
    name="partner", streams=frozenset((Stream.REPORTS,)), text_limit={}, length=lambda _, text: len(text)
)
