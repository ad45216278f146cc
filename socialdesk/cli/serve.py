"""`socialdesk serve` and `socialdesk partner`: the door to partner platforms, and their keys."""

from pathlib import Path
from typing import Annotated

import typer

from socialdesk.cli.context import own_lexicon, say, settings
from socialdesk.core.errors import ConfigError
from socialdesk.core.lock import only_one
from socialdesk.core.logs import log_to
from socialdesk.core.processes import stop_event
from socialdesk.queue.desk import open_desk
from socialdesk.queue.partner_keys import end_key, key_names, new_key, partner_named

partners = typer.Typer(
    help="Partner platforms and their keys.", no_args_is_help=True, rich_markup_mode=None
)

PartnerId = Annotated[str, typer.Argument(help="The partner's id in the force's file.")]


def serve(
    host: Annotated[str, typer.Option(help="IP address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0: any free one.", min=0, max=65535)] = 8443,
    certificate: Annotated[
        Path | None, typer.Option(help="TLS certificate chain (PEM).", exists=True)
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The certificate's key (PEM).", exists=True)
    ] = None,
    lifeline: Annotated[bool, typer.Option("--lifeline", hidden=True)] = False,
) -> None:
    """Take in signed reports from partner platforms over HTTP, until stopped (Ctrl+C)."""
    from socialdesk.classify.locate import load_model  # noqa: PLC0415 only this service needs it
    from socialdesk.web.app import make_app  # noqa: PLC0415 loads Starlette
    from socialdesk.web.server import Certificate, bind, serve  # noqa: PLC0415 loads uvicorn

    if (certificate is None) != (key is None):
        raise ConfigError("--certificate and --key belong together; give both or neither.")
    tls = Certificate(certificate, key) if certificate and key else None
    stop = stop_event(lifeline=lifeline)
    chosen = settings()
    desk = open_desk(chosen)
    log_to(chosen.folder.logs / "serve.log")
    with only_one(chosen.folder.root / "serve.lock", "socialdesk serve", wait_seconds=2):
        app = make_app(desk, load_model(lexicon=own_lexicon(chosen)))
        listening = bind(host, port, tls)
        scheme, (address, taken) = "https" if tls else "http", listening.getsockname()[:2]
        say(f"{desk.force.name}: partners report to {scheme}://{address}:{taken}/v1/reports")
        serve(app, listening, stop, tls)


@partners.callback()
def _partners() -> None:
    """Partner platforms and their keys."""


@partners.command("new-key")
def new_key_command(partner: PartnerId) -> None:
    """Make a key for a partner and print its secret once; the one before stays good."""
    desk = open_desk(settings())
    made = new_key(desk, partner_named(desk, partner))
    say(f"Key {made.id} of {partner}. Hand it over by a safe way; it is not shown again:")
    typer.echo(made.secret.get_secret_value())


@partners.command("end-key")
def end_key_command(
    partner: PartnerId, key: Annotated[str, typer.Argument(help="The key's name.")]
) -> None:
    """End a partner's key: what it signs is refused from now on."""
    desk = open_desk(settings())
    end_key(desk, partner_named(desk, partner), key)
    say(f"Key {key} of {partner} has ended.")


@partners.command("keys")
def keys_command(partner: PartnerId) -> None:
    """Show the names of a partner's keys."""
    desk = open_desk(settings())
    for name in key_names(desk, partner_named(desk, partner)):
        typer.echo(name)
