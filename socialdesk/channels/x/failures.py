"""How X says no: RFC 7807 problems, and v1.1 errors where an older door answers.

X's refusal of duplicate content leaves a send in doubt, because the post it duplicates may be our
own earlier attempt; `find_sent` tells.
"""

from typing import Any

from socialdesk.channels.allowance import LimitHeaders, epoch
from socialdesk.channels.failures import Failures, Problem, problem_of
from socialdesk.channels.transport import Refused

_ACCESS_KINDS = (
    "client-forbidden",
    "unsupported-authentication",
    "oauth1-permissions",
    "not-authorized-for-resource",
)


def _words(problem: Problem) -> Any:
    words = problem.get("detail") or problem.get("title")
    errors = problem.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        words = errors[0].get("message") or words
    return words


def _about_access(refused: Refused) -> bool:
    kind = str(problem_of(refused).get("type", ""))
    return refused.status == 403 and kind.rpartition("/")[2] in _ACCESS_KINDS


def _says_duplicate(refused: Refused) -> bool:
    return "duplicate content" in str(_words(problem_of(refused))).lower()


failures = Failures(
    network="X",
    place="on X",
    access_todo="Renew the account's X credentials or permissions in X's developer portal.",
    words=_words,
    limits=LimitHeaders("x-rate-limit-", epoch, ("x-app-limit-24hour-", "x-user-limit-24hour-")),
    shuts_out=_about_access,
    holds_it=_says_duplicate,
)
