"""`socialdesk demo`: the whole desk against a simulated network."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from socialdesk.cli.context import say, settings
from socialdesk.core.errors import ConfigError
from socialdesk.core.lock import only_one
from socialdesk.core.logs import log_to
from socialdesk.core.settings import Settings
from socialdesk.demo.headless import run_headless
from socialdesk.demo.summary import Summary
from socialdesk.demo.terminal import run_at_terminal

DEMO_HOME = "demo"


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Run without a terminal.")] = False,
    seconds: Annotated[
        float, typer.Option(help="How long a headless run works the queue.", min=1, max=3600)
    ] = 20.0,
    home: Annotated[Path | None, typer.Option("--home", help="Where its state lives.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Run socialdesk against a simulated network with an hour of public traffic.

    Without --home its state lies in a folder "demo" under the usual home, apart from real work.
    """
    chosen = settings(home)
    if home is None:
        chosen = chosen.model_copy(update={"home": chosen.folder.root / DEMO_HOME})
    if chosen.database_url is not None:
        raise ConfigError(
            "The demonstration keeps to its own database.", todo="Unset SOCIALDESK_DATABASE_URL."
        )
    folder = chosen.folder
    folder.prepare()
    log_to(folder.logs / "demo.log")
    with only_one(folder.root / "demo.lock", "A demonstration", wait_seconds=2):
        if headless:
            _finish(run_headless(chosen, seconds, say), as_json=as_json)
        else:
            _at_terminal(chosen)


def _at_terminal(chosen: Settings) -> None:
    from socialdesk.tui.app import run_desk  # noqa: PLC0415 Textual is loaded for a terminal alone

    run_at_terminal(chosen, say, run_desk)


def _finish(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(summary) | {"good": summary.good}))
    else:
        _show(summary)
    raise typer.Exit(0 if summary.good else 1)


def _show(summary: Summary) -> None:
    rows = {
        "messages on the network": summary.on_network,
        "ingested": summary.ingested,
        "classified": summary.classified,
        **{f"  {grade}": count for grade, count in summary.by_urgency.items()},
        "contacts handled": summary.handled,
        "replies sent": summary.replies_sent,
        "replies on the network": summary.replies_on_network,
        **{f"  replies {state}": count for state, count in summary.left_over.items()},
        "messages lost": len(summary.lost),
        "replies published twice": len(summary.twice),
        "audit entries": summary.audit_entries,
        "log verified": "yes" if summary.log_verified else "NO",
    }
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name, value in rows.items():
        table.add_row(name, str(value))
    console = Console(highlight=False)
    console.print(table)
    for problem in summary.log_problems:
        console.print(f"the log: {problem}", markup=False)
