"""The published document is true: generated requests against the real server, signed by a hook."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import CHECKS, load_all_checks

from socialdesk.channels.partner.report import Report
from socialdesk.channels.partner.signature import (
    FORMS,
    SIGNATURE_HEADER,
    claimed,
    grouped,
    ill_formed,
    sign,
)
from socialdesk.core.clock import SetClock
from socialdesk.web.openapi import document
from tests.desks import START

from .conftest import served
from .platform import PARTNER, Platform, partner_desk, platform_of

load_all_checks()
CALLED: list[Any] = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "missing_required_header",
        "unsupported_method",
    )
]
EXAMPLES = 60


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    desk = partner_desk(tmp_path_factory.mktemp("openapi") / "home", clock=SetClock(START))
    with served(desk) as address:
        yield platform_of(desk, address)
    desk.store.engine.dispose()


schema = schemathesis.openapi.from_dict(document("Northshire Police"))
schema.config.checks.negative_data_rejection.expected_statuses = [
    "400",
    "401",
    "405",
    "413",
    "415",
    "422",
]


class Signing(requests.auth.AuthBase):
    """Signs a generated request as its partner would, at the last moment before it leaves."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Claim to be the partner, now, where what was generated is well formed."""
        if SIGNATURE_HEADER not in request.headers:
            return request
        known = {
            "socialdesk-partner": PARTNER,
            "socialdesk-key": self._platform.key,
            "socialdesk-timestamp": str(int(START.timestamp())),
        }
        for name, value in known.items():
            if re.fullmatch(FORMS[name], request.headers.get(name, "")):
                request.headers[name] = value
        headers = grouped((str(n), str(v)) for n, v in request.headers.items())
        body = request.body or b""
        content = body if isinstance(body, bytes) else str(body).encode()
        if ill_formed(headers | {SIGNATURE_HEADER: ["0" * 64]}) is None:
            asked = claimed(str(request.method), request.path_url, headers)
            request.headers[SIGNATURE_HEADER] = sign(asked, content, self._platform.secret)
        return request


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_promises(
    case: schemathesis.Case[Any], partner: Platform
) -> None:
    response = case.call(base_url=partner.base_url, auth=Signing(partner))
    case.validate_response(response, checks=CALLED)


def test_the_document_is_served_and_is_openapi_3_1(partner: Platform) -> None:
    found = requests.get(f"{partner.base_url}/v1/openapi.json", timeout=5).json()
    assert found == document("Northshire Police")
    assert found["openapi"].startswith("3.1")


def test_the_published_schema_and_the_reading_agree_on_examples() -> None:
    published = document("N")
    report: dict[str, Any] = published["components"]["schemas"]["Report"]
    whole = {**report, "components": published["components"]}
    Draft202012Validator.check_schema(whole)
    example = {
        name: part["examples"][0]
        for name, part in report["properties"].items()
        if "examples" in part
    }
    Draft202012Validator(whole).validate(example)
    Report.model_validate_json(json.dumps(example))


def test_every_problem_the_guide_lists_is_in_the_document_and_the_other_way_round() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "partners.md").read_text("utf-8")
    for kind in document("N")["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]:
        slug = kind.removeprefix("urn:socialdesk:problem:")
        assert f"`{slug}`" in guide or slug in {"not-found", "method-not-allowed"}
    for name in FORMS:
        assert f"`{name}`" in guide.lower()
