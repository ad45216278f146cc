"""A scripted colleague who works the queue through the desk's own acts, for a headless run."""

import itertools
from dataclasses import dataclass
from uuid import UUID

from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import RuleError
from socialdesk.queue.acts import ThriveNote, assess, close, escalate
from socialdesk.queue.claims import claim, release
from socialdesk.queue.desk import Desk
from socialdesk.queue.listing import order
from socialdesk.queue.people import Officer
from socialdesk.queue.replies import begin_draft, submit
from socialdesk.queue.search import Query
from socialdesk.queue.thread import open_thread
from socialdesk.queue.views import ThreadView

CLOSED_WITHOUT_REPLY = {"chatter": "no_action", "spam": "spam"}
TEMPLATE_FOR = {"thanks": "thanks", "complaint": "move_to_dm", "antisocial_behaviour": "ask_where"}


@dataclass(slots=True)
class Colleague:
    """Takes the most urgent unclaimed contact, again and again."""

    desk: Desk
    officer: Officer
    handled: int = 0

    def work(self) -> bool:
        """Handle one contact; return whether there was one."""
        waiting = order(self.desk, self.officer, Query(unclaimed=True, states=("open",)))
        for conversation_id in itertools.islice(waiting, 1):
            try:
                self._handle(conversation_id)
            except RuleError:
                return False
            self.handled += 1
            return True
        return False

    def _handle(self, conversation_id: UUID) -> None:
        claim(self.desk, self.officer, conversation_id)
        thread = open_thread(self.desk, self.officer, conversation_id)
        line = thread.line
        if line.category in CLOSED_WITHOUT_REPLY and line.urgency is Urgency.NONE:
            ending = CLOSED_WITHOUT_REPLY[line.category]
            close(self.desk, self.officer, conversation_id, ending)
            return
        if line.urgency is Urgency.IMMEDIATE:
            note = ThriveNote(Urgency.IMMEDIATE, "Danger described in the message; act now.")
            assess(self.desk, self.officer, conversation_id, note)
            escalate(self.desk, self.officer, conversation_id, "dispatch", "Danger now: see thread")
        draft = begin_draft(self.desk, self.officer, conversation_id)
        submit(self.desk, self.officer, draft, self._answer(thread))
        release(self.desk, self.officer, conversation_id)

    def _answer(self, thread: ThreadView) -> str:
        """Return a template made out to this contact: networks refuse the same text twice."""
        templates = {template.id: template.text for template in self.desk.force.templates}
        urgent = thread.line.urgency in {Urgency.IMMEDIATE, Urgency.PRIORITY}
        chosen = "emergency" if urgent else TEMPLATE_FOR.get(thread.line.category, "ask_where")
        reference = f"{str(thread.line.id)[-6:]}-{thread.line.version}"
        return f"Hi {thread.line.handle}. {templates[chosen]} Ref {reference}"
