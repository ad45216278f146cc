"""`socialdesk audit bundle`: a conversation as evidence, for whoever is to receive it."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from socialdesk.cli.context import say, settings
from socialdesk.core.errors import HomeError
from socialdesk.core.home import create_private
from socialdesk.evidence import verifier
from socialdesk.evidence.bundle import Request, make_bundle
from socialdesk.queue.desk import open_desk
from socialdesk.queue.people import sign_in

Login = Annotated[str, typer.Option(help="Your short name; your key signs what you do.")]
Passphrase = Annotated[
    str,
    typer.Option(
        prompt=True, hide_input=True, envvar="SOCIALDESK_PASSPHRASE", help="Your passphrase."
    ),
]


def bundle(
    conversation: Annotated[UUID, typer.Option(help="The conversation's id.")],
    out: Annotated[Path, typer.Option(help="The zip to write; it must not exist yet.")],
    recipient: Annotated[str, typer.Option(help="To whom it is disclosed; the log keeps it.")],
    reason: Annotated[str, typer.Option(help="Why it is disclosed; the log keeps it.")],
    login: Login,
    passphrase: Passphrase = "",
) -> None:
    """Bundle a conversation with its proof, and record the disclosure."""
    desk = open_desk(settings())
    officer = sign_in(desk, login, passphrase)
    if out.exists():
        raise HomeError(f"{out} exists already.", todo="Choose another name with --out.")
    made = make_bundle(desk, officer, Request(conversation, recipient, reason))
    content = made.content
    if not create_private(out.resolve(), content):
        raise HomeError(f"{out} exists already.", todo="Choose another name with --out.")
    say(f"Wrote {out} ({len(content)} bytes), SHA-256 {sha256(content).hexdigest()}")
    witnesses = len(desk.force.witnesses)
    say(f"Cosigned by {made.witnessed} of {witnesses} witnesses, {desk.force.quorum} demanded.")
    digest = sha256(Path(verifier.__file__).read_bytes()).hexdigest()
    say(f"Tell its reader by another way: verify.py has SHA-256 {digest}")
    say(f"and the log's key is {desk.signer().keys.public[0]}")
