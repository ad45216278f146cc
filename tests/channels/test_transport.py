import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
import requests

from socialdesk.channels.registry import capabilities_of, open_channel
from socialdesk.channels.transport import Refused
from socialdesk.channels.x.credentials import XCredentials
from socialdesk.channels.x.failures import failures
from socialdesk.channels.x.transport import XSession
from socialdesk.core.errors import (
    AccessRefused,
    ConfigError,
    RateLimited,
    SendDuplicate,
    SendRefused,
    SendUnknown,
    SocialdeskError,
)

KEYS = XCredentials(
    consumer_key="ck-secret",
    consumer_secret="cs-secret",
    access_token="1-at-secret",
    access_token_secret="ats-secret",
    bearer_token="bearer-secret",
)


@pytest.mark.parametrize(
    "base_url",
    ["http://example.org", "ftp://127.0.0.1", "https://api.x.com/2", "nonsense", "https://"],
)
def test_an_address_that_would_leak_or_fail_is_refused(base_url: str) -> None:
    with pytest.raises(ConfigError):
        XSession(base_url, 1)


def test_credentials_go_to_no_other_host() -> None:
    session = XSession("http://127.0.0.1:9", 1)
    with pytest.raises(requests.exceptions.InvalidSchema):
        session.get("http://127.0.0.1:10/2/users/me")


def test_without_an_address_x_itself_is_asked() -> None:
    request = requests.Request("GET", "https://api.twitter.com/2/users/me")
    assert XSession(None, 1).prepare_request(request).url == "https://api.x.com/2/users/me"


def test_credentials_never_show() -> None:
    assert "secret" not in repr(KEYS)


def test_a_wrong_access_token_is_explained() -> None:
    account = SimpleNamespace(channel="x", base_url=None, timeout_seconds=1.0)
    with pytest.raises(ConfigError, match="Access Token"):
        open_channel(account, KEYS.model_copy(update={"access_token": "token"}))


def test_an_unknown_channel_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="telegraph"):
        capabilities_of("telegraph")


def test_what_a_channel_can_do_is_known_without_its_client() -> None:
    program = (
        "import sys; from socialdesk.channels.registry import capabilities_of;"
        "capabilities_of('x'); print([m for m in ('tweepy', 'requests') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.strip() == b"[]"


@pytest.mark.parametrize(
    ("status", "problem", "error"),
    [
        (400, {"errors": [{"message": "text too long"}]}, SendRefused),
        (404, {"detail": "no such user"}, SendRefused),
        (401, {}, AccessRefused),
        (403, {"type": "https://api.x.com/2/problems/oauth1-permissions"}, AccessRefused),
        (403, {"detail": "You cannot send messages to this user."}, SendRefused),
        (403, {"detail": "You are not allowed to create a Tweet with duplicate content."},
         SendDuplicate),
        (408, {}, SendUnknown),
        (429, {}, RateLimited),
        (500, {}, SendUnknown),
        (302, {}, SendUnknown),
    ],
)  # fmt: skip
def test_each_refusal_of_a_send_says_whether_it_may_be_public(
    status: int, problem: dict[str, object], error: type[SocialdeskError]
) -> None:
    decided = failures.sending(Refused(status, {}, json.dumps(problem).encode()))
    assert type(decided) is error
    assert decided.todo


def test_the_networks_own_reason_is_passed_on() -> None:
    body = json.dumps({"detail": "You cannot send\n messages to this user."}).encode()
    decided = failures.sending(Refused(403, {}, body))
    assert "You cannot send messages to this user (HTTP 403)" in str(decided)


@pytest.mark.parametrize("reset", ["", "soon", "-1e9", "9" * 30])
def test_a_senseless_reset_time_is_no_time(reset: str) -> None:
    assert failures.limits.resets_at({"x-rate-limit-reset": reset}) is None


def test_a_spent_daily_limit_outlasts_the_quarter_of_an_hour() -> None:
    headers = {
        "x-rate-limit-reset": "1764000900",
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": "1764080000",
        "x-app-limit-24hour-remaining": "7",
        "x-app-limit-24hour-reset": "1764090000",
    }
    found = failures.limits.resets_at(headers)
    assert found is not None
    assert found.timestamp() == 1764080000
