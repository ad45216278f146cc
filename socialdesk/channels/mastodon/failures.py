"""How a Mastodon instance says no: a JSON object with `error`.

Mastodon honours an Idempotency-Key for an hour, so that a second attempt within it publishes
nothing new; the outbox still looks before it asks again.
"""

from socialdesk.channels.allowance import LimitHeaders, iso
from socialdesk.channels.causes import cause_of
from socialdesk.channels.failures import Failures, problem_of
from socialdesk.channels.transport import Refused


def status_of(error: Exception) -> int | None:
    """Return the status of the refusal behind an error, if that is what it was."""
    refused = cause_of(error, Refused)
    return None if refused is None else refused.status


def _about_access(refused: Refused) -> bool:
    return refused.status == 403 and "authorized scopes" in str(problem_of(refused).get("error"))


failures = Failures(
    network="The instance",
    place="on the instance",
    access_todo="Renew the account's access token on its instance (Preferences, Development).",
    words=lambda problem: problem.get("error"),
    limits=LimitHeaders("x-ratelimit-", iso),
    shuts_out=_about_access,
)
