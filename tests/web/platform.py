"""A partner platform: it signs its reports as docs/partners.md says, and can sign them wrongly."""

import itertools
import json
import secrets
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import requests
from ruamel.yaml import YAML

from socialdesk.channels.partner.signature import Claimed, headers_of
from socialdesk.core.clock import Clock, SystemClock
from socialdesk.core.home import Home, write_private
from socialdesk.core.settings import Settings
from socialdesk.core.shipped import shipped
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.partner_keys import new_key, partner_named
from tests.desks import START

PARTNER = "safer-streets"
_numbers = itertools.count(1)


def partner_desk(
    home: Path,
    *,
    clock: Clock | None = None,
    database_url: str | None = None,
    per_minute: int = 6000,
) -> Desk:
    """Return Northshire's desk with two partners, whose reports it takes `per_minute`."""
    yaml = YAML()
    document = yaml.load((shipped("config") / "forces" / "northshire.yaml").read_text("utf-8"))
    document["partners"] = [
        {"id": name, "name": name.replace("-", " ").title(), "per_minute": per_minute}
        for name in (PARTNER, "school-gate")
    ]
    text = StringIO()
    yaml.dump(document, text)
    write_private(Home(home).config / "forces" / "northshire.yaml", text.getvalue().encode())
    settings = Settings(home=home, config=home / "config", database_url=database_url)
    return open_desk(settings, clock or SystemClock())


def report(text: str = "There was a theft at the shop", **more: Any) -> dict[str, Any]:
    """Return a report for Northshire."""
    return {
        "jurisdiction": "northshire",
        "text": text,
        "submitted_at": "2026-11-23T08:55:00Z",
    } | more


@dataclass(frozen=True)
class Platform:
    """One partner with one of its keys."""

    base_url: str
    key: str
    secret: str
    partner: str = PARTNER

    def asked(self, **more: Any) -> Claimed:
        """Return what a fresh request claims."""
        usual: dict[str, Any] = {
            "method": "POST",
            "path": "/v1/reports",
            "partner": self.partner,
            "key": self.key,
            "timestamp": int(START.timestamp()),
            "nonce": secrets.token_urlsafe(16),
            "idempotency_key": f"report-{next(_numbers):08}",
        }
        return Claimed(**(usual | more))

    def send(self, body: Any = None, **more: Any) -> requests.Response:
        """Sign and send a body (bytes as they are, anything else as JSON)."""
        content = body if isinstance(body, bytes) else json.dumps(body or report()).encode()
        return self.post(content, headers_of(self.asked(**more), content, self.secret))

    def post(self, content: bytes, headers: dict[str, str]) -> requests.Response:
        """Send a body with headers just as they are."""
        return requests.post(
            f"{self.base_url}/v1/reports",
            data=content,
            headers={"content-type": "application/json"} | headers,
            timeout=20,
        )

    def as_partner(self, partner: str) -> "Platform":
        """Return a platform that says it is another, with this one's key."""
        return replace(self, partner=partner)


def platform_of(
    desk: Desk, base_url: str = "http://127.0.0.1:1", partner: str = PARTNER
) -> Platform:
    """Return a partner with a new key."""
    made = new_key(desk, partner_named(desk, partner))
    return Platform(base_url, made.id, made.secret.get_secret_value(), partner)
