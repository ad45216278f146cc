"""`socialdesk audit`: verify the log, sign it, show its keys."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from socialdesk.audit.note import NoteKey, parse_key
from socialdesk.audit.verify import Verdict, verify_log
from socialdesk.cli.context import settings
from socialdesk.queue.desk import Desk, open_desk

app = typer.Typer(
    help="The audit log: what happened, provably.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _audit() -> None:
    """The audit log: what happened, provably."""


@app.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint saved elsewhere; may be given several times."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="File with the log's verifier key; default: this home's own keys."),
    ] = None,
) -> None:
    """Recompute the whole log. Exit status 0: it holds; 1: it does not; 2: it cannot be checked."""
    desk = open_desk(settings())
    keys = _keys(key) if key else list(desk.signer().keys.public)
    saved = [path.read_text("utf-8") for path in checkpoint or []]
    memory = desk.signer().memory
    if memory.exists():
        saved.append(memory.read_text("utf-8"))
    verdict = _verify(desk, keys, saved)
    _show(verdict)
    raise typer.Exit(0 if verdict.good else 1)


@app.command("checkpoint")
def sign(
    out: Annotated[Path | None, typer.Option(help="Write it to a file as well.")] = None,
) -> None:
    """Sign the log as it stands and print the checkpoint, to be kept far from this machine."""
    desk = open_desk(settings())
    note = desk.signer().sign(desk.store)
    if out is not None:
        out.write_text(note, "utf-8")
    typer.echo(note, nl=False)


@app.command("keys")
def keys() -> None:
    """Print the log's verifier keys, for whoever is to check it."""
    for public in open_desk(settings()).signer().keys.public:
        typer.echo(str(public))


def _keys(paths: list[Path]) -> list[NoteKey]:
    return [
        parse_key(line)
        for path in paths
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]


def _verify(desk: Desk, keys: list[NoteKey], saved: list[str]) -> Verdict:
    console = Console(stderr=True)
    with desk.store.reading() as session, Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Verifying", total=desk.log.size(session))
        return verify_log(
            desk.log,
            session.connection(),
            keys,
            saved,
            lambda done: progress.update(bar, completed=done),
        )


def _show(verdict: Verdict) -> None:
    if verdict.good:
        typer.echo(
            f"✓ {verdict.size} entries verify; {verdict.covered} are covered by the newest of "
            f"{verdict.checkpoints} signed checkpoints."
        )
        if verdict.clock_behind:
            typer.echo(f"  The machine's clock ran backwards at {verdict.clock_behind} entries.")
        typer.echo("  This proves that none was changed, removed, added between or reordered.")
        typer.echo("  It cannot prove that an entry was true, nor that nothing went unlogged.")
        return
    typer.echo("✗ The log does not verify.")
    for problem in verdict.problems:
        typer.echo(f"  {problem}")
