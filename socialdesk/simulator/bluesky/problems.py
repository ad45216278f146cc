"""XRPC's way of saying no: a status, an error's name and a message."""

from collections.abc import Mapping

from socialdesk.simulator.exchange import Answer, json_answer


class Problem(Exception):  # noqa: N818 what is answered, not what broke
    """A refusal, to be answered as `{error, message}`."""

    def __init__(
        self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """Return it as an HTTP answer."""
        payload = {"error": self.error, "message": self.message}
        return json_answer(self.status, payload, headers=self.headers)


def invalid(message: str) -> Problem:
    """Return 400: the request is not of its lexicon's form."""
    return Problem(400, "InvalidRequest", message)


def too_many(headers: Mapping[str, str]) -> Problem:
    """Return 429."""
    return Problem(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)
