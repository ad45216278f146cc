"""Plain words for what the desk knows: grades, likelihoods, waiting times, where a reply goes.

A state is always a word and a glyph. Every text here is ours, or was made inert by the services.
"""

from datetime import datetime

from socialdesk.channels.base import Stream
from socialdesk.classify.assessment import Urgency
from socialdesk.core.text import SafeText, visible
from socialdesk.queue.states import ConversationState, ReplyState
from socialdesk.queue.views import Line

URGENCY_GLYPHS = {
    Urgency.IMMEDIATE: "▲",
    Urgency.PRIORITY: "◆",
    Urgency.ROUTINE: "●",
    Urgency.NONE: "○",
}
REPLY_WORDS = {
    ReplyState.AWAITING_APPROVAL: ("◇", "awaiting approval"),
    ReplyState.QUEUED: ("◷", "queued, not sent yet"),
    ReplyState.SENDING: ("◷", "being sent"),
    ReplyState.SENT: ("✓", "sent"),
    ReplyState.FAILED: ("✗", "failed, it was not sent"),
    ReplyState.UNKNOWN: ("?", "in doubt: looking whether it was sent"),
}
STATE_WORDS = {
    ConversationState.OPEN: "waits for us",
    ConversationState.AWAITING: "waits for them",
    ConversationState.ESCALATED: "escalated",
    ConversationState.CLOSED: "closed",
}
_STATE_FLAGS = {
    ConversationState.AWAITING: "↩ answered",
    ConversationState.ESCALATED: "↑ escalated",
    ConversationState.CLOSED: "✓ closed",
}
_LIKELIHOODS = ((0.9, "very likely"), (0.6, "likely"), (0.25, "possible"))
_NETWORKS = {"x": "X", "mastodon": "Mastodon", "bluesky": "Bluesky"}
MINUTE, HOUR, DAY = 60, 3600, 86400


def urgency_word(urgency: Urgency) -> str:
    """Return a grade as glyph and word; only the most urgent is loud."""
    word = urgency.value.upper() if urgency is Urgency.IMMEDIATE else urgency.value
    return f"{URGENCY_GLYPHS[urgency]} {word}"


def likelihood(probability: float) -> str:
    """Return a calibrated probability as people say it."""
    return next((word for least, word in _LIKELIHOODS if probability >= least), "unlikely")


def named(slug: str) -> SafeText:
    """Return an id such as `antisocial_behaviour` as words."""
    return visible(slug.replace("_", " ").capitalize())


def waiting(since: datetime, now: datetime) -> str:
    """Return how long someone has waited, in five characters at most."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < MINUTE:
        return "<1m"
    if seconds < HOUR:
        return f"{seconds // MINUTE}m"
    if seconds < DAY:
        return f"{seconds // HOUR}h{seconds % HOUR // MINUTE:02}"
    return f"{min(seconds // DAY, 9999)}d"


def clock_time(moment: datetime) -> str:
    """Return the time of day on this machine's clock."""
    return moment.astimezone().strftime("%H:%M")


def said_at(moment: datetime, now: datetime) -> str:
    """Return when something was said: the time, and the day where it was another."""
    local = moment.astimezone()
    same_day = local.date() == now.astimezone().date()
    return local.strftime("%H:%M" if same_day else "%a %d %b %H:%M")


def flag(line: Line) -> SafeText:
    """Return who holds a conversation, or else where it stands if it does not wait for us."""
    if line.mine:
        return SafeText("● you")
    if line.owner is not None:
        return SafeText(f"● {line.owner}")
    return SafeText(_STATE_FLAGS.get(line.state, ""))


def network(channel: str) -> SafeText:
    """Return a channel's name as people write it."""
    return SafeText(_NETWORKS.get(channel) or visible(channel))


def source(line: Line) -> SafeText:
    """Return the channel and whether it is public, briefly."""
    kind = {Stream.DMS: "DM", Stream.LISTENING: "found"}.get(Stream(line.stream), "post")
    return SafeText(f"{network(line.channel)} {kind}")


def at_handle(line: Line) -> SafeText:
    """Return the contact's handle as written to them."""
    return SafeText(f"@{line.handle}") if line.handle else SafeText("(no handle)")


def where_to(line: Line) -> SafeText:
    """Return in words who will be able to read a reply."""
    name = network(line.channel)
    if line.stream == Stream.DMS:
        return SafeText(f"PRIVATE: a direct message on {name}. Only {at_handle(line)} reads it.")
    return SafeText(f"PUBLIC: a reply to {at_handle(line)} on {name}. Anyone can read it.")


def fits(left: int, length: int, limit: int) -> str:
    """Return how much room a reply has, or by how much it is too long."""
    if left < 0:
        return f"too long by {-left}  {length}/{limit}"
    return f"{length}/{limit}"
