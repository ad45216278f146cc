"""`socialdesk desk`, `socialdesk person` and `socialdesk health`: people and their terminal."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.cli.context import say, settings
from socialdesk.core.logs import log_to
from socialdesk.queue.desk import open_desk
from socialdesk.queue.health import Health, read_health
from socialdesk.queue.people import Role, add_person, sign_in

people = typer.Typer(
    help="The people who work at the desk.", no_args_is_help=True, rich_markup_mode=None
)


@people.callback()
def _people() -> None:
    """The people who work at the desk."""


@people.command("add")
def add(
    login: Annotated[str, typer.Argument(help="Short name to sign in with.")],
    name: Annotated[str, typer.Option(help="Name as colleagues see it.", prompt=True)],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OFFICER,
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="SOCIALDESK_PASSPHRASE",
            help="Unlocks their signing key; nobody can recover it.",
        ),
    ] = "",
) -> None:
    """Add a person, with a signing key of their own."""
    add_person(open_desk(settings()), login, name, role, passphrase)
    say(f"{name} can sign in with: socialdesk desk {login}")


def desk(
    login: Annotated[str, typer.Argument(help="Short name to sign in with.")],
    home: Annotated[Path | None, typer.Option("--home", help="Where its state lives.")] = None,
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True, hide_input=True, envvar="SOCIALDESK_PASSPHRASE", help="Your passphrase."
        ),
    ] = "",
) -> None:
    """Open the officer's terminal."""
    from socialdesk.tui.app import run_desk  # noqa: PLC0415 Textual is loaded for a terminal alone

    chosen = settings(home)
    opened = open_desk(chosen)
    log_to(chosen.folder.logs / "desk.log")
    run_desk(opened, sign_in(opened, login, passphrase))


def health(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what is not working; exit status 1 where something needs attention."""
    found = read_health(open_desk(settings()))
    if as_json:
        typer.echo(json.dumps(asdict(found) | {"well": found.well}, default=str))
    else:
        for line in _lines(found):
            typer.echo(line)
    raise typer.Exit(0 if found.well else 1)


def _lines(found: Health) -> list[str]:
    lines = []
    for stream in found.streams:
        if stream.never_read:
            state = "never read"
        elif stream.blind_since is not None:
            state = f"blind since {stream.blind_since:%H:%M:%S} UTC"
        else:
            state = "read on time"
        problem = f" ({stream.problem})" if stream.problem else ""
        lines.append(f"{stream.account_id} {stream.stream}: {state}{problem}")
    unsent = ", ".join(f"{count} {state}" for state, count in found.unsent.items()) or "none"
    return [
        *lines,
        f"replies on their way: {unsent}; failed: {found.failed}",
        f"items not understood: {found.quarantined}",
        f"audit log: {found.log_size} entries, {found.signed_size} under a signed checkpoint",
        f"witnessed: {found.witnessed} of {found.witnesses}, {found.quorum} demanded",
        *(f"witness {name}: {why}" for name, why in sorted(found.witness_problems.items())),
        f"log checked: {_checked(found)}",
    ]


def _checked(found: Health) -> str:
    if found.checked_at is None:
        return "not yet"
    return f"{found.checked_at:%Y-%m-%d %H:%M} UTC, {found.check_problem or 'it holds'}"
