"""`socialdesk simulate`: local networks over real HTTP, with faults on demand."""

from pathlib import Path
from typing import Annotated

import typer

from socialdesk.core.processes import stop_event
from socialdesk.simulator.server import run_x

app = typer.Typer(
    help="Run a local network to try the desk against.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def networks() -> None:
    """Run a local network to try the desk against."""


@app.command("x")
def x(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)],
    scenario: Annotated[Path | None, typer.Option(help="The public's traffic (YAML).")] = None,
    faults: Annotated[Path | None, typer.Option(help="Rules of what goes wrong (YAML).")] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Where the network is kept across restarts.")
    ] = None,
    speed: Annotated[
        float, typer.Option(help="Scenario seconds in one real second.", min=0.01, max=10_000)
    ] = 1.0,
    offset: Annotated[
        float, typer.Option(help="Scenario seconds that have passed already.", min=0)
    ] = 0.0,
    lifeline: Annotated[bool, typer.Option("--lifeline", hidden=True)] = False,
) -> None:
    """Serve a simulated X (API v2) on 127.0.0.1 until stopped."""
    run_x(
        port,
        stop=stop_event(lifeline=lifeline),
        scenario=scenario,
        faults=faults,
        journal=journal,
        speed=speed,
        offset_seconds=offset,
    )
