"""`socialdesk audit key`: the life of the service's, the log's and officers' signing keys."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.cli.audit_read import read_text
from socialdesk.cli.bundle import Login, Passphrase
from socialdesk.cli.context import say, settings
from socialdesk.core.errors import RuleError
from socialdesk.queue import keys
from socialdesk.queue.authority import require_role
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.people import Role, sign_in

app = typer.Typer(
    help="Signing keys; each change is an entry.", no_args_is_help=True, rich_markup_mode=None
)


class Kind(StrEnum):
    """Whose key."""

    SERVICE = "service"
    LOG = "log"
    OFFICER = "officer"


Reason = Annotated[str, typer.Option(help="Why, as it will stand in the log.")]
Of = Annotated[str | None, typer.Option("--of", help="The officer's login.")]
NewPassphrase = Annotated[
    str,
    typer.Option(
        prompt=True, hide_input=True, confirmation_prompt=True, envvar="SOCIALDESK_NEW_PASSPHRASE"
    ),
]
Since = Annotated[
    int | None, typer.Option(help="First entry to doubt, where the theft is dated.", min=0)
]


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show every event of every key's life, as the log tells it."""
    found = keys.list_keys(open_desk(settings()))
    if as_json:
        typer.echo(json.dumps([asdict(line) for line in found]))
        return
    for line in found:
        typer.echo(f"{line.seq:>8}  {line.time}  {line.key}  {line.state:<9} {line.owner}")


@app.command("rotate")
def rotate(kind: Kind, reason: Reason, login: Login, passphrase: Passphrase = "") -> None:
    """Give the service or the log a new key, in good order."""
    desk = open_desk(settings())
    if kind is Kind.OFFICER:
        raise RuleError(
            "Officers rotate their own keys.", todo="Use: socialdesk audit key renew --login LOGIN"
        )
    order = _order(desk, login, passphrase, reason)
    change = keys.rotate_service_key if kind is Kind.SERVICE else keys.rotate_log_key
    say(f"The {kind} signs with key {change(desk, order)} from now on.")
    if kind is Kind.LOG:
        say("Hand the new verifier keys to your witnesses: socialdesk audit keys")


@app.command("renew")
def renew(login: Login, new_passphrase: NewPassphrase, passphrase: Passphrase = "") -> None:
    """Give yourself a new key under a new passphrase."""
    name = keys.rotate_own_key(open_desk(settings()), login, passphrase, new_passphrase)
    say(f"{login} signs with key {name} from now on.")


@app.command("retire")
def retire(of: Of, reason: Reason, login: Login, passphrase: Passphrase = "") -> None:
    """End an officer's key in good order: they leave, or forgot their passphrase."""
    desk = open_desk(settings())
    order = _order(desk, login, passphrase, reason)
    say(f"Key {keys.end_officer_key(desk, _named(of), order)} of {of} is retired.")


@app.command("revoke")
def revoke(
    kind: Kind,
    reason: Reason,
    login: Login,
    of: Of = None,
    since: Since = None,
    passphrase: Passphrase = "",
) -> None:
    """End a key that was stolen; the service and the log get a new one at once."""
    desk = open_desk(settings())
    order = _order(desk, login, passphrase, reason, revoked=True, since=since)
    if kind is Kind.OFFICER:
        say(f"Key {keys.end_officer_key(desk, _named(of), order)} of {of} is revoked.")
        return
    change = keys.rotate_service_key if kind is Kind.SERVICE else keys.rotate_log_key
    say(f"The old key is revoked; the {kind} signs with key {change(desk, order)} from now on.")
    if kind is Kind.LOG:
        say("Outsiders must get the new verifier keys from you in person: socialdesk audit keys")


@app.command("reissue")
def reissue(
    of: Of, reason: Reason, login: Login, new_passphrase: NewPassphrase, passphrase: Passphrase = ""
) -> None:
    """Give an officer whose key was ended a new one, under a passphrase they type themselves."""
    desk = open_desk(settings())
    order = _order(desk, login, passphrase, reason)
    name = keys.reissue_officer_key(desk, _named(of), new_passphrase, order)
    say(f"{of} signs with key {name} from now on.")


@app.command("escrow")
def escrow(
    out: Annotated[Path, typer.Option(help="The sealed file; keep it far from this machine.")],
    reason: Reason,
    login: Login,
    new_passphrase: NewPassphrase,
    passphrase: Passphrase = "",
) -> None:
    """Seal the service's and the log's keys into a file under a passphrase of its own."""
    desk = open_desk(settings())
    order = _order(desk, login, passphrase, reason)
    names = keys.escrow_keys(desk, out, new_passphrase, order)
    say(f"Keys {', '.join(names)} are sealed in {out}.")


@app.command("restore")
def restore(
    escrowed: Annotated[Path, typer.Argument(help="The sealed file that `escrow` wrote.")],
    reason: Reason,
    passphrase: Annotated[
        str,
        typer.Option(
            "--escrow-passphrase",
            prompt=True,
            hide_input=True,
            envvar="SOCIALDESK_ESCROW_PASSPHRASE",
            help="The passphrase the file was sealed under.",
        ),
    ] = "",
) -> None:
    """Put lost keys of the service and the log back from their escrow."""
    content = read_text(escrowed).encode()
    names = keys.restore_keys(open_desk(settings()), content, passphrase, reason)
    say(f"Keys {', '.join(names)} are in use again. Check with: socialdesk audit verify")


def _order(
    desk: Desk,
    login: str,
    passphrase: str,
    reason: str,
    *,
    revoked: bool = False,
    since: int | None = None,
) -> keys.Order:
    officer = sign_in(desk, login, passphrase)
    require_role(officer, (Role.ADMINISTRATOR,), "change keys")
    return keys.Order(officer, reason, revoked, since)


def _named(login: str | None) -> str:
    if login is None:
        raise RuleError("Name the officer with --of LOGIN.")
    return login
