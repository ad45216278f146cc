"""Mastodon's reads: who am I, notifications, statuses, threads, conversations, the instance."""

from collections.abc import Mapping, Sequence
from typing import Any

from socialdesk.simulator.exchange import Request
from socialdesk.simulator.mastodon import objects
from socialdesk.simulator.mastodon.pages import Bounds, page_of
from socialdesk.simulator.mastodon.problems import not_found
from socialdesk.simulator.mastodon.toots import Toot, Toots
from socialdesk.simulator.network import Network, User

NOTIFICATIONS = Bounds(40, 80)
STATUSES = Bounds(20, 40)

Payload = dict[str, Any]
Listed = tuple[list[Payload], Mapping[str, str]]


class Reading:
    """Answers reads for one account from the network's state."""

    def __init__(self, network: Network, account: User) -> None:
        self._network = network
        self._account = account
        self._toots = Toots(network, account)

    def me(self, request: Request) -> Payload:
        """GET /api/v1/accounts/verify_credentials."""
        source = {"privacy": "public", "sensitive": False, "language": "en"}
        return self.account(request, self._account.id) | {"source": source}

    def account(self, request: Request, user_id: str) -> Payload:
        """GET /api/v1/accounts/:id."""
        user = self._network.users.get(user_id)
        if user is None:
            raise not_found()
        return objects.account_object(user, base_of(request))

    def notifications(self, request: Request) -> Listed:
        """GET /api/v1/notifications: all of them are mentions here."""
        base = base_of(request)
        page = page_of(
            self._toots.to_account(),
            request.query,
            of=lambda toot: toot.arrival,
            bounds=NOTIFICATIONS,
            url=base + request.path,
        )
        shown = [objects.notification_object(one, self._network, base) for one in page.items]
        return shown, page.headers

    def statuses_of(self, request: Request, user_id: str) -> Listed:
        """GET /api/v1/accounts/:id/statuses: one's own with private ones, others' without."""
        self.account(request, user_id)
        toots = [one for one in self._toots.by_account() if one.author.id == user_id]
        page = page_of(
            toots,
            request.query,
            of=lambda toot: int(toot.id),
            bounds=STATUSES,
            url=base_of(request) + request.path,
        )
        return self._shown(request, page.items), page.headers

    def status(self, request: Request, status_id: str) -> Payload:
        """GET /api/v1/statuses/:id."""
        return self._shown(request, [self._found(status_id)])[0]

    def context(self, request: Request, status_id: str) -> Payload:
        """GET /api/v1/statuses/:id/context."""
        self._found(status_id)
        above, below = self._toots.thread(status_id)
        return {
            "ancestors": self._shown(request, above),
            "descendants": self._shown(request, below),
        }

    def conversations(self, request: Request) -> Listed:
        """GET /api/v1/conversations, by their last status."""
        base = base_of(request)
        page = page_of(
            list(self._toots.last_with().items()),
            request.query,
            of=lambda pair: int(pair[1].id),
            bounds=STATUSES,
            url=base + request.path,
        )
        shown = [
            {
                "id": str(self._network.arrivals[last.id]),
                "unread": False,
                "accounts": [objects.account_object(self._network.users[other], base)],
                "last_status": objects.status_object(last, self._network, base),
            }
            for other, last in page.items
        ]
        return shown, page.headers

    def _found(self, status_id: str) -> Toot:
        toot = self._toots.find(status_id)
        if toot is None:
            raise not_found()
        return toot

    def _shown(self, request: Request, toots: Sequence[Toot]) -> list[Payload]:
        base = base_of(request)
        return [objects.status_object(one, self._network, base) for one in toots]


def base_of(request: Request) -> str:
    """Return the address the instance was asked at."""
    return f"http://{request.headers.get('host', '')}"
