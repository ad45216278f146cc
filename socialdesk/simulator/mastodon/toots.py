"""Posts and private messages as what Mastodon takes both for: statuses, each with a visibility."""

from dataclasses import dataclass

from socialdesk.simulator.network import DirectMessage, Network, Post, User

DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Toot:
    """One status, as its author wrote it."""

    id: str
    arrival: int
    author: User
    text: str
    visibility: str
    created_at: str
    in_reply_to: str | None
    in_reply_to_author: str | None
    named: tuple[str, ...]


class Toots:
    """The statuses that one account can see; ids of both kinds rise together."""

    def __init__(self, network: Network, account: User) -> None:
        self._network = network
        self._account = account

    def find(self, remote_id: str) -> Toot | None:
        """Return a status by its id."""
        with self._network.lock:
            post = self._network.posts.get(remote_id)
            message = self._network.messages.get(remote_id)
            if post is not None:
                return self._of_post(post)
            return None if message is None else self._of_message(message)

    def to_account(self) -> list[Toot]:
        """Return others' statuses that name the account, in the order of their arrival."""
        me = self._account.id
        with self._network.lock:
            toots = [self._of_post(post) for post in self._network.posts_to(me)]
            toots += [one for one in self._private() if one.author.id != me]
        return sorted(toots, key=lambda toot: toot.arrival)

    def by_account(self) -> list[Toot]:
        """Return the account's own statuses, private ones included, oldest first."""
        me = self._account.id
        with self._network.lock:
            toots = [self._of_post(post) for post in self._network.posts_by(me)]
            toots += [one for one in self._private() if one.author.id == me]
        return sorted(toots, key=lambda toot: int(toot.id))

    def last_with(self) -> dict[str, Toot]:
        """Return the last private status with each other person, oldest first."""
        last: dict[str, Toot] = {}
        for toot in self._private():
            me = toot.author.id == self._account.id
            other = toot.named[0] if me and toot.named else toot.author.id
            last.pop(other, None)
            last[other] = toot
        return last

    def thread(self, remote_id: str) -> tuple[list[Toot], list[Toot]]:
        """Return what is above a status, the root first, and what is below it."""
        above: list[Toot] = []
        parent = self.find(remote_id)
        while parent is not None and parent.in_reply_to:
            parent = self.find(parent.in_reply_to)
            above[:0] = [parent] if parent else []
        with self._network.lock:
            ids = [*self._network.posts, *self._network.messages]
        below: list[Toot] = []
        for toot in (self.find(one) for one in sorted(ids, key=int)):
            if toot and toot.in_reply_to in {remote_id, *(one.id for one in below)}:
                below.append(toot)
        return above, below

    def _private(self) -> list[Toot]:
        return [self._of_message(one) for one in self._network.messages_of(self._account.id)]

    def _of_post(self, post: Post) -> Toot:
        text = post.said if post.author_id == self._account.id else post.text
        return Toot(
            id=post.id,
            arrival=self._network.arrivals[post.id],
            author=self._network.users[post.author_id],
            text=text,
            visibility=post.visibility,
            created_at=post.created_at,
            in_reply_to=post.in_reply_to,
            in_reply_to_author=post.in_reply_to_user_id,
            named=self._network.named_in(text),
        )

    def _of_message(self, message: DirectMessage) -> Toot:
        """A private status reaches whom it names, so one the public says begins with a name."""
        own = message.sender_id == self._account.id
        text = message.text if own else f"@{self._account.username} {message.text}"
        answered = self._network.messages.get(message.in_reply_to or "")
        return Toot(
            id=message.id,
            arrival=self._network.arrivals[message.id],
            author=self._network.users[message.sender_id],
            text=text,
            visibility=DIRECT,
            created_at=message.created_at,
            in_reply_to=message.in_reply_to,
            in_reply_to_author=answered.sender_id if answered else None,
            named=(message.recipient_id,),
        )
