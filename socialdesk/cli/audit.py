"""`socialdesk audit`: verify the log, sign it, prove entries, publish it, check it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from socialdesk.audit.checkpoint import cosigners, parse_checkpoint
from socialdesk.audit.cosigning import witness_keys
from socialdesk.audit.fsck import check_log
from socialdesk.audit.note import NoteKey, parse_key, parse_note
from socialdesk.audit.proof import Proof
from socialdesk.audit.publish import publish
from socialdesk.audit.verify import DOES_NOT_HOLD, Verdict, verify_log
from socialdesk.cli import audit_key, audit_proof
from socialdesk.cli.audit_read import ReadableLog, open_readable, read_text
from socialdesk.cli.audit_witness import stamp, witness
from socialdesk.cli.context import say, settings
from socialdesk.core.errors import AuditError
from socialdesk.core.logs import log_to
from socialdesk.core.text import visible
from socialdesk.queue.desk import open_desk

app = typer.Typer(
    help="The audit log: what happened, provably.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(audit_key.app, name="key")
app.add_typer(audit_proof.proof, name="proof")
app.command("policy")(audit_proof.policy)
app.command("witness")(witness)
app.command("stamp")(stamp)


@app.callback()
def _audit() -> None:
    """The audit log: what happened, provably."""
    log_to(None)


@app.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint saved elsewhere; may be given several times."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="File with the log's verifier keys; default: this home's own."),
    ] = None,
    skip_officer_signatures: Annotated[
        bool, typer.Option(help="Leave officers' own signatures unchecked: much faster.")
    ] = False,
) -> None:
    """Recompute the whole log. Exit status 0: it holds; 1: it does not; 2: it cannot be checked."""
    found = open_readable(settings())
    keys = _keys(key) if key else found.own_keys()
    saved = [*(read_text(path) for path in checkpoint or []), *found.own_notes()]
    verdict = _verify(found, keys, saved, skip_officers=skip_officer_signatures)
    for line in _lines(verdict, found):
        typer.echo(visible(line))
    raise typer.Exit(verdict.status)


@app.command("checkpoint")
def sign(
    out: Annotated[Path | None, typer.Option(help="Write it to a file as well.")] = None,
) -> None:
    """Sign the log as it stands and print the checkpoint, to be kept far from this machine."""
    desk = open_desk(settings())
    note = desk.signer().sign(desk.store)
    note = desk.cosigning().collect(desk.store) or note
    if out is not None:
        out.write_text(note, "utf-8")
    typer.echo(note, nl=False)


@app.command("keys")
def keys() -> None:
    """Print the log's verifier keys, for whoever is to check it."""
    for public in open_desk(settings()).signer().keys.public:
        typer.echo(str(public))


@app.command("prove")
def prove(
    entry: Annotated[int, typer.Argument(help="Number of the entry, from 0.", min=0)],
    out: Annotated[Path, typer.Option(help="Where to write the proof file.")],
) -> None:
    """Write a proof that one entry stands in the log (C2SP tlog-proof), and the entry beside it."""
    found = open_readable(settings())
    with found.store.reading() as session:
        connection = session.connection()
        note = found.log.newest_checkpoint(connection)
        size = 0 if note is None else parse_checkpoint(parse_note(note)[0]).size
        if note is None or entry >= size:
            raise AuditError(
                f"No signed checkpoint covers entry {entry} yet.",
                todo="Sign one with: socialdesk audit checkpoint",
            )
        path = tuple(found.log.inclusion_proof(connection, entry, size))
        body = found.log.entry(connection, entry)
    out.write_text(str(Proof(entry, path, note)), "utf-8")
    out.with_name(f"{out.name}.entry.json").write_bytes(body)
    say(f"Entry {entry} is proven in {out}; its exact bytes are in {out.name}.entry.json.")


@app.command("publish")
def publish_tiles(
    folder: Annotated[Path, typer.Argument(help="Folder that a web server hands out.")],
) -> None:
    """Write the log up to its newest checkpoint as C2SP tiles; only what changed is written."""
    found = open_readable(settings())
    with found.store.reading() as session:
        note = found.log.newest_checkpoint(session.connection())
        if note is None:
            raise AuditError("Nothing is signed yet.", todo="Run: socialdesk audit checkpoint")
        written = publish(found.log, session.connection(), note, folder)
    say(f"{written} files written under {folder}.")


@app.command("fsck")
def fsck(
    published: Annotated[
        Path | None, typer.Option(help="Folder the log is published to, to be compared too.")
    ] = None,
) -> None:
    """Check everything that should agree, and keep the result for the health line."""
    desk = open_desk(settings())
    check = check_log(desk.log, desk.store, desk.outside(published))
    typer.echo(
        f"✓ {check.size} entries: all that should agree does."
        if check.good
        else f"✗ {visible(check.problem)}"
    )
    raise typer.Exit(0 if check.good else DOES_NOT_HOLD)


def _keys(paths: list[Path]) -> list[NoteKey]:
    lines = (line for path in paths for line in read_text(path).splitlines())
    return [parse_key(line) for line in lines if line.strip()]


def _verify(
    found: ReadableLog, keys: list[NoteKey], saved: list[str], *, skip_officers: bool
) -> Verdict:
    console = Console(stderr=True)
    with found.store.reading() as session:
        size = found.log.size(session)
    with found.store.reading() as session, Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Verifying", total=size)
        return verify_log(
            found.log,
            session.connection(),
            keys,
            saved,
            lambda done: progress.update(bar, completed=done),
            skip_officers=skip_officers,
        )


def _lines(verdict: Verdict, found: ReadableLog) -> list[str]:
    if verdict.problems:
        return ["✗ The log does not verify.", *(f"  {problem}" for problem in verdict.problems)]
    if verdict.unchecked:
        return ["? The log cannot be checked.", f"  {verdict.unchecked}"]
    holds = (
        f"✓ {verdict.size} entries verify; {verdict.covered} are covered by the newest of "
        f"{verdict.checkpoints} signed checkpoints."
    )
    officers = (
        f"  {verdict.officers_checked} officers' signatures verified, "
        f"{verdict.officers_skipped} left unchecked."
    )
    notices = [f"  Note: {notice}." for notice in verdict.notices]
    lines = [holds, officers, _witnessed(verdict, found), *notices]
    if verdict.clock_behind:
        lines.append(f"  The machine's clock ran backwards at {verdict.clock_behind} entries.")
    return [
        *lines,
        "  This proves that none was changed, removed, added between or reordered.",
        "  It cannot prove that an entry was true, nor that nothing went unlogged.",
    ]


def _witnessed(verdict: Verdict, found: ReadableLog) -> str:
    witnesses = [known.key for known in witness_keys(found.force)]
    names = {
        name
        for note in found.notes_of(verdict.covered)
        for name in cosigners(note, witnesses)
        if verdict.covered
    }
    return (
        f"  Witnessed by {len(names)} of {len(witnesses)} ({', '.join(sorted(names)) or 'none'}); "
        f"{found.force.quorum} demanded."
    )
