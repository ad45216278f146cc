"""The rereader: hands what came in to the deep tier within seconds, the least certain first."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from socialdesk.classify.assessment import Assessment, Urgency
from socialdesk.classify.thread import in_thread, together
from socialdesk.classify.tiers import TwoTiers
from socialdesk.core.ids import first_id_at
from socialdesk.queue.desk import Desk
from socialdesk.queue.rereading import Opened, Reread, Unread, keep, opened, unread, unsure
from socialdesk.store.transaction import Actor

logger = structlog.get_logger()

SURGE = 2_000
"""Messages waiting that are looked over at once for the least certain."""

BATCH = 48
"""Messages read again in one go: about a quarter of a second."""

LOOKS_BACK = timedelta(hours=24)
"""How old a message may be that is still read again after a standstill."""


@dataclass(slots=True)
class Rereader:
    """Reads again what the fast tier let in; one for the whole desk."""

    desk: Desk
    actor: Actor
    tiers: TwoTiers
    after: UUID | None = None
    erased: set[UUID] = field(default_factory=set)

    def step(self) -> bool:
        """Read some messages again; return whether more are waiting.

        Raises:
            StoreError: the database failed; what was not kept is read again later.
        """
        found = unread(self.desk, self.tiers.fast.model, self.tiers.model, self._since(), SURGE)
        waiting = [one for one in found if one.message_id not in self.erased]
        if not waiting:
            return False
        chosen = self._least_certain(waiting)
        texts = opened(self.desk, self.actor, [one.message_id for one in chosen])
        self.erased |= {one.message_id for one in chosen} - {one.message_id for one in texts}
        if texts:
            rose = keep(self.desk, self.actor, self._read(texts))
            logger.info("read again", messages=len(texts), raised=rose)
        if len(chosen) == len(waiting):
            self.after = waiting[-1].assessment_id
        return len(chosen) < len(waiting)

    def _since(self) -> UUID:
        return self.after or first_id_at(self.desk.clock.now() - LOOKS_BACK)

    def _least_certain(self, waiting: list[Unread]) -> list[Unread]:
        threshold = self.tiers.fast.terms.thresholds[f"urgency:{Urgency.IMMEDIATE}"]
        return sorted(waiting, key=lambda one: unsure(one.urgency_scores, threshold))[:BATCH]

    def _read(self, texts: list[Opened]) -> list[Reread]:
        alone = self.tiers.assess([one.text for one in texts])
        whole = self.tiers.assess([in_thread(one.before, one.text) for one in texts])
        return [
            self._reread(one, together(by_itself, in_it, one.text))
            for one, by_itself, in_it in zip(texts, alone, whole, strict=True)
        ]

    def _reread(self, one: Opened, said: Assessment) -> Reread:
        """Explain what an officer will be shown as urgent; the rest is explained when asked for."""
        flagged = said.urgency.rank <= Urgency.PRIORITY.rank or said.possible_crime >= 0.5
        return Reread(one.message_id, said, self.tiers.explain(one.text) if flagged else ())
