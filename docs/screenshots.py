"""Take the screenshots in docs/screenshots from the real terminal, at an invented desk.

A desk in a temporary home hears a short evening of invented messages, graded by the trained model,
with the clock standing still; the real application is then driven by its keys. `make screenshots`.
"""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from textual.pilot import Pilot

from socialdesk.channels.base import Author, Item, Stream
from socialdesk.classify.locate import load_model
from socialdesk.core.clock import SetClock
from socialdesk.core.settings import Settings
from socialdesk.core.shipped import shipped
from socialdesk.queue import claims, listing
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.intake import CursorMove, judge, take_in
from socialdesk.queue.people import Officer, Role, add_person, sign_in
from socialdesk.queue.search import Query
from socialdesk.tui.app import DeskApp

NOW = datetime(2026, 11, 21, 19, 42, tzinfo=UTC)
FOLDER = Path(__file__).with_name("screenshots")
SIZE = (140, 40)
PASSPHRASE = "only for the screenshots"  # noqa: S105 opens nothing but a temporary desk


@dataclass(frozen=True, slots=True)
class Post:
    """Something an invented person wrote, so many minutes ago; a private message where `dm`."""

    minutes: int
    handle: str
    text: str
    dm: bool = False
    to: str = ""


EVENING = (
    Post(3, "night_bus_nia", "@NorthshirePolice man with a knife on the 42, upstairs, by the "
         "station. he is shouting at people and the driver has stopped", to="bus"),
    Post(1, "night_bus_nia", "@NorthshirePolice we are outside Wexley library now, some people "
         "still on the bus", to="bus"),
    Post(11, "grey_sky_80", "i cant do this any more. nobody would notice if i was gone", dm=True),
    Post(16, "lena_door_22", "my ex is outside again, third time this week, he is trying the back "
         "door and my little one is asleep upstairs", dm=True),
    Post(24, "corner_shop_raj", "@NorthshirePolice two lads just took the charity box and ran "
         "toward Mill Lane, one in a grey hood"),
    Post(31, "tilda_bikes", "@NorthshirePolice my bike was stolen from the rack at Ellerdale "
         "station today. how do i report it?"),
    Post(38, "gran_is_here", "Someone rang saying he was from the bank and I read him the numbers "
         "on my card. Have I done wrong?", dm=True),
    Post(44, "westgate_watch", "@NorthshirePolice quad bikes on the playing field again, same as "
         "every Saturday, children about"),
    Post(52, "mo_the_barber", "@NorthshirePolice van parked across the fire exit behind my shop "
         "since noon, who do I call?"),
    Post(57, "aisha_no42", "@NorthshirePolice what time does the front desk in Brackwater close?"),
    Post(63, "hill_farm_hal", "@NorthshirePolice gate cut and two ewes gone from the top field, "
         "some time since Thursday"),
    Post(71, "quayside_kev", "@NorthshirePolice is the ring road shut because of the match?"),
    Post(80, "mags_allotment", "@NorthshirePolice shed doors forced on plots 9 and 12, tools gone"),
    Post(93, "pub_quiz_pete", "@NorthshirePolice thank you to the officer who helped my dad home "
         "last night, a real gent"),
    Post(101, "sam_runs_north", "@NorthshirePolice lovely morning for the park run marshals"),
)  # fmt: skip


def item(number: int, post: Post) -> Item:
    """Return an invented post as a channel would read it."""
    person = Author(f"u-{post.handle}", post.handle, post.handle.replace("_", " ").title())
    return Item(
        remote_id=str(1000 + number),
        stream=Stream.DMS if post.dm else Stream.MENTIONS,
        thread_key=f"dm:{post.handle}" if post.dm else f"post:{post.to or number}",
        contact_id=person.remote_id,
        author=person,
        outbound=False,
        text=post.text,
        created_at=NOW - timedelta(minutes=post.minutes),
        in_reply_to=None,
        raw=post.text.encode(),
    )


def evening(home: Path, clock: SetClock) -> tuple[Desk, Officer]:
    """Return a desk that has heard the evening, with a colleague at work, and an officer."""
    desk = open_desk(Settings(home=home, config=shipped("config")), clock)
    account, ingest = desk.force.accounts[0], desk.service("ingest")
    judged = judge([item(number, post) for number, post in enumerate(EVENING)], load_model())
    read = CursorMove("1999", NOW)
    for stream in account.streams:
        here = [one for one in judged if one.item.stream == stream]
        take_in(desk, ingest, account, stream, here, move=read)
    officers = []
    for login, name in (("pat", "Pat Morgan"), ("sam", "Sam Okoro")):
        add_person(desk, login, name, Role.OFFICER, PASSPHRASE)
        officers.append(sign_in(desk, login, PASSPHRASE))
    claims.claim(desk, officers[1], written_by(desk, officers[1], "@lena_door_22"))
    desk.signer().sign(desk.store)
    return desk, officers[0]


def written_by(desk: Desk, officer: Officer, handle: str) -> UUID:
    """Return whose conversation it is, wherever the model put it."""
    return listing.order(desk, officer, Query(words=(handle,)))[0]


async def settle(pilot: Pilot[None]) -> None:
    """Wait until what was asked for is on screen."""
    for _turn in range(8):
        await pilot.pause(0.1)


async def take(desk: Desk, officer: Officer) -> None:
    """Drive the terminal and save what it shows."""
    app = DeskApp(desk, officer, every=0)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.desk_screen.queue.go_to(written_by(desk, officer, "@night_bus_nia"))
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        app.clear_notifications()
        await app.desk_screen.look()
        await settle(pilot)
        app.save_screenshot("desk.svg", path=str(FOLDER))
        await pilot.press("r")
        await settle(pilot)
        await pilot.press(*"Thank you. We have passed this on to our control room at once. ")
        await pilot.press(
            *"Please keep well away from the bus, and call 999 if anyone is in danger."
        )
        await asyncio.sleep(1.2)
        await settle(pilot)
        app.save_screenshot("composer.svg", path=str(FOLDER))
        await pilot.press("escape")
        await settle(pilot)
        app.clear_notifications()
        await pilot.press("question_mark")
        await settle(pilot)
        app.save_screenshot("help.svg", path=str(FOLDER))


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(take(*evening(Path(home), SetClock(NOW))))


if __name__ == "__main__":
    main()
