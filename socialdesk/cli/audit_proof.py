"""`socialdesk audit proof` and `policy`: what an outsider checks without the desk's database."""

import json
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.audit.checkpoint import parse_checkpoint
from socialdesk.audit.cosigning import witness_keys
from socialdesk.audit.note import parse_key, parse_note
from socialdesk.audit.policy import Policy, parse_policy, write_policy
from socialdesk.audit.proof import Proof, parse_proof
from socialdesk.audit.verify import DOES_NOT_HOLD, HOLDS
from socialdesk.cli.audit_read import open_readable, read_text
from socialdesk.cli.context import settings
from socialdesk.core.errors import AuditError
from socialdesk.core.text import visible

proof = typer.Typer(
    help="Proof files (C2SP tlog-proof).", no_args_is_help=True, rich_markup_mode=None
)


@proof.callback()
def _proof() -> None:
    """Proof files (C2SP tlog-proof)."""


@proof.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="The proof file.")],
    entry: Annotated[
        Path | None, typer.Option(help="The entry's bytes; default: FILE.entry.json beside it.")
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(help="File with the log's verifier keys; default: this home's own policy."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file (C2SP tlog-policy): logs, witnesses, quorum.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check a proof. Exit status 0: it holds; 1: it does not; 2: it cannot be checked."""
    parsed = parse_proof(read_text(file))
    demanded = _demanded(policy, key)
    body = _bytes(entry or file.with_name(f"{file.name}.entry.json"))
    proven = parsed.proves(body, demanded.logs)
    witnessed = demanded.accepts(parsed.note)
    facts = _facts(parsed, demanded) | {"proven": proven, "witnessed": witnessed}
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        for line in _lines(facts):
            typer.echo(visible(line))
    raise typer.Exit(HOLDS if proven and witnessed else DOES_NOT_HOLD)


def policy() -> None:
    """Print this force's policy (C2SP tlog-policy), for whoever checks its checkpoints."""
    typer.echo(_own_policy(), nl=False)


def _own_policy() -> str:
    found = open_readable(settings())
    witnesses = [(known.id, known.key) for known in witness_keys(found.force)]
    return write_policy(found.own_keys(), witnesses, found.force.quorum)


def _demanded(policy: Path | None, paths: list[Path] | None) -> Policy:
    """Return what is demanded: by the policy given, else by the force's own; keys alone ask for
    nobody's signature but the log's."""
    if policy is not None or not paths:
        return parse_policy(_own_policy() if policy is None else read_text(policy))
    lines = [line for path in paths for line in read_text(path).splitlines() if line.strip()]
    return Policy(logs=[parse_key(line) for line in lines], quorum="none")


def _facts(parsed: Proof, demanded: Policy) -> dict[str, object]:
    checkpoint = parse_checkpoint(parse_note(parsed.note)[0])
    return {
        "index": parsed.index,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "cosigned_by": demanded.cosigned(parsed.note),
        "quorum": demanded.quorum,
    }


def _lines(facts: dict[str, object]) -> list[str]:
    place = f"entry {facts['index']} of the {facts['size']} under a checkpoint of {facts['origin']}"
    named = ", ".join(map(str, facts["cosigned_by"] or [])) or "nobody"  # type: ignore[call-overload]
    return [
        f"✓ These bytes are {place}." if facts["proven"] else f"✗ These bytes are not {place}.",
        f"{'✓' if facts['witnessed'] else '✗'} Cosigned by {named}; quorum: {facts['quorum']}.",
    ]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AuditError(
            f"The entry {path} cannot be read.", todo="Name it with --entry FILE."
        ) from error
