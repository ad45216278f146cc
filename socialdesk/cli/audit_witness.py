"""`socialdesk audit witness` and `stamp`: what others say about the log."""

from pathlib import Path
from threading import Thread
from typing import Annotated

import typer

from socialdesk.audit.keys import load_service_key
from socialdesk.audit.note import NoteKey, parse_key
from socialdesk.audit.timestamp import read_certificates, request_timestamp, verify_timestamp
from socialdesk.audit.witness import Witness
from socialdesk.audit.witness_server import serve_witness
from socialdesk.cli.audit_read import read_text
from socialdesk.cli.context import say
from socialdesk.core.clock import SystemClock
from socialdesk.core.errors import AuditError, ConfigError
from socialdesk.core.lock import only_one
from socialdesk.core.processes import stop_event


def witness(
    name: Annotated[str, typer.Option(help="The witness's name, schemeless, as in its key.")],
    state: Annotated[Path, typer.Option(help="Folder for its memory and evidence.")],
    log_key: Annotated[list[Path], typer.Option(help="File with a log's verifier keys.")],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 7000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    key_file: Annotated[
        Path | None, typer.Option(help="Its signing key; default: in the state folder.")
    ] = None,
) -> None:
    """Run a witness: countersigns checkpoints of logs that only ever grow (C2SP tlog-witness)."""
    stop = stop_event(lifeline=False)
    key = load_service_key(key_file or state / "witness.key")
    this = Witness(name, key, state, _logs(log_key), SystemClock())
    with only_one(state / "witness.lock", "A witness", wait_seconds=1):
        try:
            server = serve_witness(this, host, port)
        except OSError as error:
            raise ConfigError(
                f"{host}:{port} cannot be used: {error.strerror}.", todo="Choose another --port."
            ) from error
        typer.echo(str(this.public))
        say(f"Witness {name} listens on http://{host}:{server.server_port}. Stop with Ctrl+C.")
        Thread(target=server.serve_forever, daemon=True).start()
        stop.wait()
        server.shutdown()


def stamp(
    checkpoint: Annotated[Path, typer.Argument(help="A signed checkpoint.")],
    out: Annotated[Path, typer.Option(help="The time-stamp's file (DER).")],
    url: Annotated[str | None, typer.Option(help="Authority to ask; else OUT is checked.")] = None,
    root: Annotated[Path | None, typer.Option(help="Root certificates (PEM) to check by.")] = None,
) -> None:
    """Have a checkpoint time-stamped (RFC 3161), or check the time-stamp it has."""
    note = read_text(checkpoint)
    if url is not None:
        out.write_bytes(request_timestamp(note, url))
        say(f"The time-stamp is in {out}.")
    if root is not None:
        moment = verify_timestamp(note, out.read_bytes(), read_certificates(root))
        typer.echo(f"✓ This checkpoint existed at {moment.isoformat()}.")


def _logs(paths: list[Path]) -> dict[str, list[NoteKey]]:
    logs: dict[str, list[NoteKey]] = {}
    for path in paths:
        for line in read_text(path).splitlines():
            if line.strip():
                key = parse_key(line)
                logs.setdefault(key.name, []).append(key)
    if not logs:
        raise AuditError("No log key was given.", todo="Fetch it with: socialdesk audit keys")
    return logs
