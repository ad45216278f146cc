"""`socialdesk erase`, `hold`, `retention` and `vault`: the end of a contact's record."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from socialdesk.cli.bundle import Login, Passphrase
from socialdesk.cli.context import say, settings
from socialdesk.core.errors import RuleError
from socialdesk.queue import retention
from socialdesk.queue.authority import require_role
from socialdesk.queue.desk import open_desk
from socialdesk.queue.erasure import (
    Warrant,
    erase_contact,
    erase_conversation,
    finish_scrubbing,
)
from socialdesk.queue.holds import add_hold, contact_of, lift_hold, running_holds
from socialdesk.queue.people import Role, sign_in
from socialdesk.queue.quarantine import erase_quarantined, in_quarantine
from socialdesk.store.rotation import rotate_master

Contact = Annotated[UUID | None, typer.Option(help="The contact's id.")]
Conversation = Annotated[UUID | None, typer.Option(help="The conversation's id.")]
Authority = Annotated[str, typer.Option(help="Reference of the authority; never a name.")]

holds = typer.Typer(help="Legal holds (CPIA).", no_args_is_help=True, rich_markup_mode=None)
reviews = typer.Typer(help="Retention.", no_args_is_help=True, rich_markup_mode=None)
quarantine = typer.Typer(
    help="Items that could not be understood.", no_args_is_help=True, rich_markup_mode=None
)
vault = typer.Typer(help="The vault's keys.", no_args_is_help=True, rich_markup_mode=None)


def erase(
    authority: Authority,
    reason: Annotated[str, typer.Option(help="A code of erasure_reasons in retention.yaml.")],
    login: Login,
    contact: Contact = None,
    conversation: Conversation = None,
    passphrase: Passphrase = "",
) -> None:
    """Erase a contact, or one conversation, under an authority. It cannot be undone."""
    chosen = settings()
    rules = retention.load_rules(chosen.config_folder)
    rules.require_reason(reason)
    desk = open_desk(chosen)
    officer = sign_in(desk, login, passphrase)
    warrant = Warrant(authority, reason)
    if (contact is None) == (conversation is None):
        raise RuleError("Name one of --contact and --conversation.")
    if conversation is not None:
        done = erase_conversation(desk, officer, conversation, warrant)
    else:
        done = erase_contact(desk, officer, _given(contact), warrant)
    say(f"Erased {done.messages} messages of {len(done.conversations)} conversations.")
    if not done.scrubbed:
        say("Their keys are destroyed. Clear the database's files: socialdesk vault scrub")


@holds.command("add")
def add(
    authority: Authority,
    login: Login,
    contact: Contact = None,
    conversation: Conversation = None,
    passphrase: Passphrase = "",
) -> None:
    """Keep a contact from being erased until the hold is removed."""
    desk = open_desk(settings())
    officer = sign_in(desk, login, passphrase)
    held = contact_of(desk, conversation) if conversation is not None else _given(contact)
    say(f"Hold {add_hold(desk, officer, held, authority)} on contact {held}")


@holds.command("remove")
def remove(
    hold: Annotated[UUID, typer.Argument(help="The hold's id.")],
    authority: Authority,
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Lift a legal hold."""
    desk = open_desk(settings())
    lift_hold(desk, sign_in(desk, login, passphrase), hold, authority)
    say(f"Hold {hold} is lifted.")


@holds.command("list")
def list_holds() -> None:
    """List the holds that run."""
    for hold in running_holds(open_desk(settings())):
        typer.echo(
            f"{hold.id}  contact {hold.contact_id}  {hold.placed_at:%Y-%m-%d}  {hold.authority}"
        )


@reviews.command("review")
def review(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    login: Annotated[str, typer.Option(help="Who holds the review.")] = "",
    passphrase: Annotated[str, typer.Option(envvar="SOCIALDESK_PASSPHRASE", hidden=True)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what is due for review. Nothing is erased by this; --dry-run leaves no entry either."""
    chosen = settings()
    desk = open_desk(chosen)
    rules = retention.load_rules(chosen.config_folder)
    found = retention.due_for_review(desk, rules)
    if not dry_run:
        if not login:
            raise RuleError("A review needs --login.", todo="Or list only, with --dry-run.")
        secret = passphrase or typer.prompt("Passphrase", hide_input=True)
        retention.record_review(desk, sign_in(desk, login, secret), found)
    if as_json:
        typer.echo(json.dumps([one.told() for one in found], default=str))
        return
    for one in found:
        typer.echo(one.line(desk.clock.now().date()))
    say(f"{len(found)} due. Erase under authority, or keep: socialdesk retention keep")


@reviews.command("keep")
def keep(
    conversation: Annotated[UUID, typer.Option(help="The conversation's id.")],
    reason: Annotated[str, typer.Option(help="A code of keep_reasons in retention.yaml.")],
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Decide that a conversation is kept until its next review."""
    chosen = settings()
    rules = retention.load_rules(chosen.config_folder)
    desk = open_desk(chosen)
    following: date = retention.keep(
        desk, sign_in(desk, login, passphrase), rules, conversation, reason
    )
    say(f"Kept; next review on {following}.")


@quarantine.command("list")
def list_quarantine(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List what could not be understood; nothing is opened."""
    found = in_quarantine(open_desk(settings()))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        typer.echo(
            f"{one.id}  {one.account} {one.stream}  {one.found_at:%Y-%m-%d %H:%M} UTC  "
            f"{one.size} bytes  {one.reason}"
        )


@quarantine.command("erase")
def erase_item(
    item: Annotated[UUID, typer.Argument(help="The item's id.")],
    authority: Authority,
    reason: Annotated[str, typer.Option(help="A code of erasure_reasons in retention.yaml.")],
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Erase one item under an authority. It cannot be undone."""
    chosen = settings()
    retention.load_rules(chosen.config_folder).require_reason(reason)
    desk = open_desk(chosen)
    officer = sign_in(desk, login, passphrase)
    done = erase_quarantined(desk, officer, item, Warrant(authority, reason))
    say(f"Erased item {item}.")
    if not done:
        say("Its key is destroyed. Clear the database's files: socialdesk vault scrub")


@vault.command("rotate")
def rotate(
    reason: Annotated[str, typer.Option(help="Why; the log keeps it.")],
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Put a fresh master key in force; no text is touched, running services follow."""
    desk = open_desk(settings())
    officer = sign_in(desk, login, passphrase)
    require_role(officer, (Role.ADMINISTRATOR,), "rotate the master key")
    service = desk.service("vault")
    count = rotate_master(desk.store, desk.vault, service, officer.actor.id, reason)
    say(f"{count} keys are wrapped by a fresh master key. Back it up apart from the database.")


@vault.command("scrub")
def scrub() -> None:
    """Clear the database's files of traces that an erasure had to leave; run in a quiet hour."""
    desk = open_desk(settings())
    say(f"Cleared the traces of {finish_scrubbing(desk)} keys.")


def _given(contact: UUID | None) -> UUID:
    if contact is None:
        raise RuleError("Name one of --contact and --conversation.")
    return contact
