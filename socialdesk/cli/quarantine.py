"""`socialdesk quarantine`: what no channel understood, shown as it came and read again."""

from typing import Annotated
from uuid import UUID

import typer

from socialdesk.cli.bundle import Login, Passphrase
from socialdesk.cli.context import say, settings
from socialdesk.core.errors import RuleError
from socialdesk.queue import quarantine
from socialdesk.queue.accounts import open_account
from socialdesk.queue.desk import open_desk
from socialdesk.queue.people import sign_in

commands = typer.Typer(
    help="Items that could not be understood.", no_args_is_help=True, rich_markup_mode=None
)


@commands.command("list")
def list_items() -> None:
    """List what is in quarantine: where it came from, when, and what is wrong with it."""
    for kept in quarantine.kept_items(open_desk(settings())):
        when = f"{kept.found_at:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"{kept.id} {kept.account_id} {kept.stream} {when}: {kept.reason}")


@commands.command("show")
def show(
    item: Annotated[UUID, typer.Argument(help="The item's id.")],
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Show an item as it came; who read it is recorded."""
    desk = open_desk(settings())
    officer = sign_in(desk, login, passphrase)
    typer.echo(quarantine.shown(quarantine.raw_of(desk, officer.actor, item)))


@commands.command("retry")
def retry(
    login: Login,
    item: Annotated[UUID | None, typer.Argument(help="The item's id; all where none is.")] = None,
    passphrase: Passphrase = "",
) -> None:
    """Read items again, as after an upgrade; exit status 1 where some are still not understood."""
    from socialdesk.classify.locate import load_model  # noqa: PLC0415 slow to load
    from socialdesk.ingest.reread import reread  # noqa: PLC0415 the same

    desk = open_desk(settings())
    officer = sign_in(desk, login, passphrase)
    wanted = [kept for kept in quarantine.kept_items(desk) if item in {None, kept.id}]
    if item is not None and not wanted:
        raise RuleError(f"There is no item {item} in quarantine.")
    model = load_model()
    read = [
        reread(desk, officer.actor, kept, model, lambda account: open_account(desk, account))
        for kept in wanted
    ]
    say(f"{sum(read)} of {len(read)} understood and taken in")
    raise typer.Exit(0 if all(read) else 1)
