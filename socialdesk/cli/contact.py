"""`socialdesk contact`: one person known on several networks, linked for a reason or parted."""

from typing import Annotated
from uuid import UUID

import typer

from socialdesk.cli.bundle import Login, Passphrase
from socialdesk.cli.context import say, settings
from socialdesk.queue.contacts import merge, unmerge
from socialdesk.queue.desk import open_desk
from socialdesk.queue.holds import contact_of
from socialdesk.queue.people import sign_in

commands = typer.Typer(
    help="Contacts known on several networks.", no_args_is_help=True, rich_markup_mode=None
)


@commands.command("link")
def link(
    first: Annotated[UUID, typer.Argument(help="A conversation with the person.")],
    second: Annotated[UUID, typer.Argument(help="Another, elsewhere or by another name.")],
    login: Login,
    reason: Annotated[str, typer.Option(prompt=True, help="Why these are one person; sealed.")],
    passphrase: Passphrase = "",
) -> None:
    """Take the contacts of two conversations for one person. Nothing is moved or mixed."""
    desk = open_desk(settings())
    officer = sign_in(desk, login, passphrase)
    made = merge(desk, officer, contact_of(desk, first), contact_of(desk, second), reason)
    say(f"Linked. To part them again: socialdesk contact unlink {made}")


@commands.command("unlink")
def unlink(
    link_id: Annotated[UUID, typer.Argument(metavar="LINK", help="The link's id.")],
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Undo a link; who made it, and why, stays as history."""
    desk = open_desk(settings())
    unmerge(desk, sign_in(desk, login, passphrase), link_id)
    say("Parted.")
