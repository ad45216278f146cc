"""Mastodon's way of saying no: a JSON object with `error`, worded as Mastodon words it."""

from collections.abc import Mapping

from socialdesk.simulator.exchange import Answer, json_answer


class Problem(Exception):  # noqa: N818 the answer it becomes
    """A refusal, to be answered as JSON."""

    def __init__(
        self, status: int, error: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = headers or {}

    def answer(self) -> Answer:
        """Return it as an HTTP answer."""
        return json_answer(self.status, {"error": self.error}, headers=self.headers)


def unauthorised() -> Problem:
    """Return 401: no token, or a wrong one."""
    return Problem(401, "The access token is invalid")


def not_found() -> Problem:
    """Return 404: no such thing, or not for this account's eyes."""
    return Problem(404, "Record not found")


def invalid(error: str) -> Problem:
    """Return 422: the status breaks a rule."""
    return Problem(422, f"Validation failed: {error}")


def not_allowed() -> Problem:
    """Return 403: the act is not allowed."""
    return Problem(403, "This action is not allowed")


def racing() -> Problem:
    """Return 503: the same Idempotency-Key is being worked on by another request."""
    return Problem(503, "There was a temporary problem serving your request, please try again")


def too_many(headers: Mapping[str, str]) -> Problem:
    """Return 429."""
    return Problem(429, "Too many requests", headers=headers)
