"""`socialdesk simulate`: local networks over real HTTP, with faults on demand."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.core.processes import stop_event
from socialdesk.simulator.local import Simulator
from socialdesk.simulator.server import NETWORKS, Options, serve

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


def _command(network: type[Simulator]) -> Callable[..., None]:
    def command(
        port: Port,
        scenario: Traffic = None,
        faults: Faults = None,
        journal: Kept = None,
        speed: Speed = 1.0,
        offset: Offset = 0.0,
        lifeline: Lifeline = False,
    ) -> None:
        options = Options(scenario, faults, journal, speed, offset)
        serve(network, port, options, stop=stop_event(lifeline=lifeline), say=typer.echo)

    return command


for _name, _network in NETWORKS.items():
    app.command(_name, help=f"Serve a simulated {_name} on 127.0.0.1 until stopped.")(
        _command(_network)
    )
