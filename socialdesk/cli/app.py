"""The `socialdesk` command: global options, the sub-commands, and errors in plain words."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from socialdesk.cli import audit, bundle, coverage, demo, desk, erasure, model, services, simulate
from socialdesk.cli.context import use_home
from socialdesk.core.errors import SocialdeskError
from socialdesk.core.text import visible

FAILED = 2

app = typer.Typer(
    name="socialdesk",
    help="Social-media monitoring and contact handling for police contact centres.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
audit.app.command("bundle")(bundle.bundle)
app.add_typer(audit.app, name="audit")
app.add_typer(erasure.holds, name="hold")
app.add_typer(erasure.reviews, name="retention")
app.add_typer(erasure.vault, name="vault")
app.add_typer(erasure.quarantine, name="quarantine")
app.command("erase")(erasure.erase)
app.add_typer(simulate.app, name="simulate")
app.add_typer(desk.people, name="person")
app.command("demo")(demo.demo)
app.command("run")(services.run)
app.command("ingest", hidden=True)(services.ingest)
app.command("outbox", hidden=True)(services.outbox)
app.command("desk")(desk.desk)
app.command("health")(desk.health)
app.command("coverage")(coverage.coverage)
app.command("train")(model.train)
app.command("evaluate")(model.evaluate)
app.command("classify")(model.classify)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"socialdesk {version('socialdesk')}")
        raise typer.Exit


@app.callback()
def options(
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", help="Where all state lives (default: SOCIALDESK_HOME, else per user)."
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and exit.",
            callback=lambda v: _print_version(wanted=v),
        ),
    ] = False,
) -> None:
    """Remember the options that hold for every sub-command."""
    use_home(home)


def main() -> None:
    """Run the command; a failure with a name is told in words, without a stack."""
    try:
        app()
    except SocialdeskError as error:
        console = Console(stderr=True, highlight=False)
        console.print(
            Text(f"✗ {visible(error.what, multiline=True)}", style="bold red"), soft_wrap=True
        )
        if error.todo:
            console.print(Text(f"  {visible(error.todo, multiline=True)}"), soft_wrap=True)
        sys.exit(FAILED)
