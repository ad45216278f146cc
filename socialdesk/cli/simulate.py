"""`socialdesk simulate`: local networks over real HTTP, with faults on demand."""

from pathlib import Path
from typing import Annotated

import typer

from socialdesk.core.processes import stop_event
from socialdesk.simulator.server import MastodonSimulator, Options, XSimulator, serve

app = typer.Typer(
    help="Run a local network to try the desk against.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def networks() -> None:
    """Run a local network to try the desk against."""


Port = Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)]
Traffic = Annotated[Path | None, typer.Option(help="The public's traffic (YAML).")]
Faults = Annotated[Path | None, typer.Option(help="Rules of what goes wrong (YAML).")]
Kept = Annotated[Path | None, typer.Option(help="Where the network is kept across restarts.")]
Speed = Annotated[
    float, typer.Option(help="Scenario seconds in one real second.", min=0.01, max=10_000)
]
Offset = Annotated[float, typer.Option(help="Scenario seconds that have passed already.", min=0)]
Lifeline = Annotated[bool, typer.Option("--lifeline", hidden=True)]


@app.command("x")
def x(
    port: Port,
    scenario: Traffic = None,
    faults: Faults = None,
    journal: Kept = None,
    speed: Speed = 1.0,
    offset: Offset = 0.0,
    lifeline: Lifeline = False,
) -> None:
    """Serve a simulated X (API v2) on 127.0.0.1 until stopped."""
    stop = stop_event(lifeline=lifeline)
    serve(XSimulator, port, Options(scenario, faults, journal, speed, offset), stop=stop)


@app.command("mastodon")
def mastodon(
    port: Port,
    scenario: Traffic = None,
    faults: Faults = None,
    journal: Kept = None,
    speed: Speed = 1.0,
    offset: Offset = 0.0,
    lifeline: Lifeline = False,
) -> None:
    """Serve a simulated Mastodon instance on 127.0.0.1 until stopped."""
    stop = stop_event(lifeline=lifeline)
    serve(MastodonSimulator, port, Options(scenario, faults, journal, speed, offset), stop=stop)
