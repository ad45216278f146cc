"""The simulated public: says each scenario item at its time and answers what the desk replies.

What is due is worked out afresh from the network's own state at every step, so that a restart
neither repeats nor forgets anything: each item's id is in the same journal record as its post.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Literal

from socialdesk.core.clock import Clock
from socialdesk.simulator.network import Network, User
from socialdesk.simulator.scenario import Answers, Placed, Scenario

STEP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Saying:
    """Something the public will say."""

    item: str
    at: datetime
    by: str
    channel: Literal["mention", "dm"]
    text: str
    reply_to: str | None = None
    follows: str | None = None


class Public:
    """Everyone in a scenario but the force.

    Args:
        speed: how many scenario seconds pass in one real second.
        offset_seconds: how far into the scenario the network starts; what lies before is on it
            already, spread back over that many real seconds.
    """

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        clock: Clock,
        *,
        speed: float = 1.0,
        offset_seconds: float = 0.0,
    ) -> None:
        self._scenario = scenario
        self._network = network
        self._clock = clock
        self._speed = speed
        self._offset = offset_seconds
        self._force = network.join(scenario.account.handle, scenario.account.name)
        self._names = {author.handle: author.name for author in scenario.authors}
        self._fresh = network.started_at is None
        self._start = network.start(clock.now())
        self._waiting = [
            self._planned(placed)
            for placed in scenario.timeline()
            if placed.id not in network.played
        ]

    def step(self) -> int:
        """Say everything that is due now; return how many things were said.

        On the very first step the backlog keeps its past times; what fell due while the simulator
        was down is said at the present time, as ids must only rise.
        """
        now = self._clock.now()
        due = [saying for saying in self._waiting if saying.at <= now]
        self._waiting = self._waiting[len(due) :]
        for saying in due:
            self._say(saying, saying.at if self._fresh and saying.at <= self._start else None)
        answers = [saying for saying in self._answers() if saying.at <= now]
        for saying in answers:
            self._say(saying, None)
        return len(due) + len(answers)

    def run(self, stop: Event) -> None:
        """Step until `stop` is set."""
        while not stop.wait(STEP_SECONDS):
            self.step()

    def _planned(self, placed: Placed) -> Saying:
        item = placed.item
        ahead = item.at - self._offset
        moment = self._start + timedelta(seconds=ahead / self._speed if ahead > 0 else ahead)
        return Saying(placed.id, moment, item.by, item.channel, item.text, follows=placed.follows)

    def _say(self, saying: Saying, at: datetime | None) -> None:
        author = self._network.join(saying.by, self._names[saying.by])
        text = self._scenario.spoken(saying.text)
        if saying.channel == "dm":
            self._network.message(author, self._force, text, at=at, item=saying.item)
        else:
            reply_to = saying.reply_to or self._network.played.get(saying.follows or "")
            self._network.post(author, text, reply_to=reply_to, at=at, item=saying.item)

    def _answers(self) -> Iterator[Saying]:
        for answers in self._scenario.answers:
            author = self._network.find(answers.by)
            if author is not None:
                yield from self._answers_of(author, answers)

    def _answers_of(self, author: User, answers: Answers) -> Iterator[Saying]:
        replies = self._desk_replies_to(author)
        for number, answer in enumerate((answers.first, answers.second), start=1):
            item = f"{answers.by}-answer-{number}"
            if answer is None or len(replies) < number or item in self._network.played:
                continue
            at, reply_to = replies[number - 1]
            yield Saying(
                item,
                at + timedelta(seconds=answer.after / self._speed),
                answers.by,
                "dm" if reply_to is None else "mention",
                answer.text,
                reply_to,
            )

    def _desk_replies_to(self, author: User) -> list[tuple[datetime, str | None]]:
        """Return when the force answered this person, and the post's id (None for a DM)."""
        replies: list[tuple[datetime, str | None]] = [
            (datetime.fromisoformat(post.created_at), post.id)
            for post in self._network.posts_by(self._force.id)
            if post.in_reply_to_user_id == author.id
        ]
        replies += [
            (datetime.fromisoformat(message.created_at), None)
            for message in self._network.messages_of(author.id)
            if message.sender_id == self._force.id
        ]
        return sorted(replies, key=lambda reply: reply[0])
