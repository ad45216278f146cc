"""How Bluesky says no: `error`, a name that the lexicons know, and `message`.

Before a reply leaves, its parent or conversation is looked up: a failure there proves that nothing
was published. A server error may stand for a record that exists (the reference server answers 500
to a key in use), and the reply is then looked for under its own key.
"""

from socialdesk.channels.allowance import LimitHeaders, epoch
from socialdesk.channels.causes import cause_of
from socialdesk.channels.failures import Failures, problem_of
from socialdesk.channels.transport import Refused

_STALE = frozenset(("ExpiredToken", "InvalidToken"))
_NO_ACCESS = _STALE | {"AuthMissing", "AccountTakedown", "AccountDeactivated", "InsufficientScope"}
_EXISTS = frozenset(("InvalidSwap", "RecordAlreadyExists"))


def is_stale(refused: Refused) -> bool:
    """Say whether Bluesky wants a fresh access token."""
    return _name_of(refused) in _STALE


def is_absent(error: Exception) -> bool:
    """Say whether Bluesky answered that there is no such record."""
    refused = cause_of(error, Refused)
    return refused is not None and _name_of(refused) == "RecordNotFound"


def _name_of(refused: Refused) -> str:
    name = problem_of(refused).get("error")
    return name if isinstance(name, str) else ""


failures = Failures(
    network="Bluesky",
    place="on Bluesky",
    access_todo="Renew the account's app password on Bluesky; direct messages need its permission.",
    words=lambda problem: problem.get("message") or problem.get("error"),
    limits=LimitHeaders("ratelimit-", epoch),
    shuts_out=lambda refused: _name_of(refused) in _NO_ACCESS,
    holds_it=lambda refused: _name_of(refused) in _EXISTS,
)
