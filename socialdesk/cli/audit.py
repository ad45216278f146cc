"""`socialdesk audit`: verify the log, sign it, publish it, show its keys."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from socialdesk.audit.note import NoteKey, parse_key
from socialdesk.audit.publish import publish
from socialdesk.audit.verify import CANNOT_BE_CHECKED, DOES_NOT_HOLD, Verdict, verify_log
from socialdesk.cli.context import settings
from socialdesk.core.errors import AuditError
from socialdesk.core.text import visible
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
    skip_officer_signatures: Annotated[
        bool, typer.Option("--skip-officer-signatures", help="Faster; says how many were skipped.")
    ] = False,
) -> None:
    """Recompute the whole log. Exit status 0: it holds; 1: it does not; 2: it cannot be checked."""
    desk = open_desk(settings())
    keys = _keys(key) if key else list(desk.signer().keys.public)
    saved = [_text(path) for path in checkpoint or []]
    memory = desk.signer().memory
    if memory.exists():
        saved.append(memory.read_text("utf-8"))
    verdict = _verify(desk, keys, saved, skip_officers=skip_officer_signatures)
    _show(verdict)
    raise typer.Exit(verdict.status)


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


@app.command("publish")
def publish_tiles(
    folder: Annotated[Path, typer.Argument(help="Folder that a static web server shows.")],
) -> None:
    """Publish the log as C2SP tiles, under a freshly signed checkpoint; only what is new."""
    desk = open_desk(settings())
    note = desk.signer().sign(desk.store)
    with desk.store.reading() as session:
        written = publish(desk.log, session.connection(), note, folder)
    typer.echo(f"{written} files written to {folder}.")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError(f"{path} cannot be read as text.", todo="Name another file.") from error


def _keys(paths: list[Path]) -> list[NoteKey]:
    lines = [line for path in paths for line in _text(path).splitlines()]
    return [parse_key(line) for line in lines if line.strip()]


def _verify(desk: Desk, keys: list[NoteKey], saved: list[str], *, skip_officers: bool) -> Verdict:
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        with desk.store.reading() as session:
            size = desk.log.size(session)
        bar = progress.add_task("Verifying", total=size)
        with desk.store.reading() as session:
            return verify_log(
                desk.log,
                session.connection(),
                keys,
                saved,
                lambda done: progress.update(bar, completed=done),
                skip_officers=skip_officers,
            )


def _show(verdict: Verdict) -> None:
    if verdict.status == DOES_NOT_HOLD:
        typer.echo("✗ The log does not hold.")
        for problem in verdict.problems:
            typer.echo(f"  {visible(problem)}")
        return
    if verdict.status == CANNOT_BE_CHECKED:
        typer.echo(f"? The log cannot be checked: {visible(verdict.unchecked or '')}")
        return
    typer.echo(
        f"✓ {verdict.size} entries hold; {verdict.covered} are covered by the newest of "
        f"{verdict.checkpoints} signed checkpoints."
    )
    typer.echo(
        f"  Officers' signatures: {verdict.officers_checked} checked, "
        f"{verdict.officers_skipped} skipped."
    )
    if verdict.clock_behind:
        typer.echo(f"  The machine's clock ran backwards at {verdict.clock_behind} entries.")
    for notice in verdict.notices:
        typer.echo(f"  {visible(notice)}")
    typer.echo("  This proves that none was changed, removed, added between or reordered.")
    typer.echo("  It cannot prove that an entry was true, nor that nothing went unlogged.")
