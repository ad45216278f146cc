"""May this person still be answered here? A pure decision from what the network allows."""

from datetime import datetime

from socialdesk.channels.base import Capabilities, Stream
from socialdesk.core.errors import RuleError


def require_answerable(
    capabilities: Capabilities, stream: Stream, *, heard_at: datetime, named: bool, now: datetime
) -> None:
    """Refuse a reply that the network would not take, before anyone writes it.

    Args:
        heard_at: when the public last wrote in this conversation.
        named: whether that message named the account.

    Raises:
        RuleError: saying why, and how else the person may be reached.
    """
    if stream is Stream.LISTENING:
        raise RuleError(
            "Nobody can be answered here: this was found by listening, and its author has not "
            "written to the force.",
            todo="Where someone is at risk, escalate (x).",
        )
    rule = capabilities.reply_rules.get(stream)
    if rule is None:
        return
    if rule.only_if_named and not named:
        raise RuleError(
            "The network lets this account answer only those who named it.", todo=rule.otherwise
        )
    if rule.window is not None and now - heard_at > rule.window:
        closed = heard_at + rule.window
        raise RuleError(
            f"The network's time to answer this person ended at {closed:%Y-%m-%d %H:%M} UTC.",
            todo=rule.otherwise,
        )
