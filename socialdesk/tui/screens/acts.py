"""The desk's screen, third layer: what an officer does. The services decide; refusals are told.

An act in the queue opens the row it acts on: nobody acts on a conversation that is not on screen.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from socialdesk.classify.assessment import Urgency
from socialdesk.core.errors import NotYours, SocialdeskError
from socialdesk.queue import acts, claims, listing, replies, thread
from socialdesk.queue.search import Query, parse_query
from socialdesk.tui import watch
from socialdesk.tui.screens.composer import Composer, Draft, Left
from socialdesk.tui.screens.disposition import DispositionScreen
from socialdesk.tui.screens.escalate import EscalateScreen
from socialdesk.tui.screens.live import LiveScreen
from socialdesk.tui.screens.search import SearchScreen
from socialdesk.tui.screens.thrive import ThriveScreen

TRIES = 5
"""Others may take the next conversation first; after so many the officer is told."""

S = TypeVar("S", bound="ActingScreen")


def one_act(method: Callable[[S], Awaitable[None]]) -> Callable[[S], None]:
    """Run an act in a worker, one at a time, and tell the officer what was refused."""

    async def told(screen: S) -> None:
        try:
            await method(screen)
        except SocialdeskError as error:
            screen.say(error)
        finally:
            screen.busy = False
        screen.start_looking()

    def start(screen: S) -> None:
        if screen.busy:
            screen.app.notify("The last act has not finished yet.", markup=False, timeout=2)
            return
        screen.busy = True
        screen.run_worker(told(screen), group="act")

    start.__doc__ = method.__doc__
    return start


class ActingScreen(LiveScreen):
    """The panes, kept true, and the acts."""

    busy = False
    drafts: set[UUID]

    @one_act
    async def action_claim(self) -> None:
        """Claim the target, or renew the claim."""
        await claim_target(self)

    @one_act
    async def action_release(self) -> None:
        """Give the target back."""
        await self.door.act(claims.release, await opened(self))

    @one_act
    async def action_next(self) -> None:
        """Claim and open the most urgent conversation that nobody holds."""
        for _try in range(TRIES):
            free = await self.door.act(listing.order, Query(unclaimed=True))
            if not free:
                self.app.notify("Nothing waits unclaimed.", markup=False)
                return
            try:
                await self.door.act(claims.claim, free[0])
            except NotYours:
                continue
            self.queue.go_to(free[0])
            await self.open_conversation(free[0])
            return
        self.app.notify("Others took the next ones first: press n again.", markup=False)

    @one_act
    async def action_danger(self) -> None:
        """Open the danger that the alarm names."""
        if not self._danger:
            self.app.notify("No immediate danger is unclaimed and unseen.", markup=False)
            return
        target = self._danger[0]
        self.queue.go_to(target)
        await self.open_conversation(target)

    @one_act
    async def action_thrive(self) -> None:
        """Record a THRIVE assessment."""
        target = await opened(self)
        note = await self.app.push_screen_wait(ThriveScreen())
        if note is not None:
            await self.door.act(
                acts.assess, target, acts.ThriveNote(Urgency(note.choice), note.note)
            )

    @one_act
    async def action_escalate(self) -> None:
        """Hand the risk on."""
        target = await opened(self)
        chosen = await self.app.push_screen_wait(EscalateScreen(self.door.desk.force.destinations))
        if chosen is not None:
            await self.door.act(acts.escalate, target, chosen.choice, chosen.note)

    @one_act
    async def action_close(self) -> None:
        """Close the target with a disposition."""
        target = await opened(self)
        chosen = await self.app.push_screen_wait(
            DispositionScreen(self.door.desk.force.dispositions)
        )
        if chosen is not None:
            await self.door.act(acts.close, target, chosen)
            self.show_pane("queue")

    @one_act
    async def action_reopen(self) -> None:
        """Open a closed contact again."""
        await self.door.act(acts.reopen, await opened(self))

    @one_act
    async def action_reply(self) -> None:
        """Write a reply; what is shown beside it is read after the draft was bound."""
        target = await opened(self)
        if self.view is None or not self.view.line.mine:
            await self.door.act(claims.claim, target)
        reply_id = await self.door.act(replies.begin_draft, target)
        text = await self.door.act(replies.draft_text, reply_id)
        mark = await self.door.act(watch.mark_of, target)
        view = await self.door.act(thread.open_thread, target)
        await self.show_view(view, mark)
        left = await self.app.push_screen_wait(
            Composer(self.door, Draft(reply_id, target, text), view)
        )
        if left is Left.POSTPONED:
            self.drafts.add(target)
            self.app.notify("Your draft is kept: r takes it up again.", markup=False)
        else:
            self.drafts.discard(target)
            told = "Sent to the outbox." if left is Left.SUBMITTED else "The draft was given up."
            self.app.notify(told, markup=False)
            self.thread.mark_read()

    @one_act
    async def action_refresh(self) -> None:
        """Take in what is new."""
        await self.refresh_order()

    @one_act
    async def action_search(self) -> None:
        """Search the queue."""
        found = await self.app.push_screen_wait(SearchScreen(self.query_text))
        if found is not None:
            await search_for(self, found)


async def opened(screen: ActingScreen) -> UUID:
    """Return the target of an act, opened on screen.

    Raises:
        SocialdeskError: there is none, or it cannot be opened.
    """
    target = screen.target()
    if target is None:
        raise SocialdeskError("No conversation is chosen.", todo="Choose one (j), or press n.")
    if screen.view is None or screen.view.line.id != target:
        await screen.open_conversation(target)
    return target


async def claim_target(screen: ActingScreen) -> None:
    """Claim the target and say until when."""
    target = await opened(screen)
    renewed = screen.view is not None and screen.view.line.mine
    await screen.door.act(claims.claim, target)
    minutes = int(screen.door.desk.force.claim_seconds // 60)
    word = "Renewed" if renewed else "Claimed"
    screen.app.notify(f"{word} for {minutes} minutes.", markup=False, timeout=3)


async def search_for(screen: ActingScreen, text: str) -> None:
    """Show what a search finds; an empty one shows the whole queue again."""
    screen.asked, screen.query_text = parse_query(text), text.strip()
    screen.queue.cursor = None
    await screen.refresh_order()
    screen.queue.scroll_home(animate=False)
    screen.show_pane("queue")
