"""`socialdesk listening`: rules that follow topics and places, and who looked at whom."""

import json
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from socialdesk.cli.bundle import Login, Passphrase
from socialdesk.cli.context import say, settings
from socialdesk.core.errors import RuleError
from socialdesk.queue import listening, listening_list, viewing
from socialdesk.queue.desk import Desk, open_desk
from socialdesk.queue.listening_list import RuleView
from socialdesk.queue.listening_rule import Authority, Form, Proposal, Rank
from socialdesk.queue.looks import WINDOW
from socialdesk.queue.people import Officer, sign_in
from socialdesk.queue.retention import load_rules

app = typer.Typer(help="Listening rules.", no_args_is_help=True, rich_markup_mode=None)

Rule = Annotated[UUID, typer.Argument(help="The rule's id.")]
Until = Annotated[str, typer.Option(help="When it ends, as 2026-12-01T18:00 (UTC); 28 days most.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Reference = Annotated[str, typer.Option("--authority", help="The authority's reference.")]
Name = Annotated[str, typer.Option("--authorising-officer", help="Who authorised it.")]
Ranked = Annotated[Rank, typer.Option("--rank", help="Their rank.")]
Granted = Annotated[str, typer.Option("--granted", help="When it was given (UTC).")]
Ends = Annotated[str, typer.Option("--authority-until", help="When it ends (UTC).")]
Oral = Annotated[bool, typer.Option("--urgent-oral", help="Given orally, urgent: 72 hours.")]


@app.command("add")
def add(
    term: Annotated[list[str], typer.Option(help="A word, phrase or #hashtag; repeat it.")],
    purpose: Annotated[str, typer.Option(help="What it is to find out, in a sentence.")],
    assessment: Annotated[str, typer.Option(help="Reference of the impact assessment.")],
    login: Login,
    account: Annotated[str, typer.Option(help="The account that listens.")] = "",
    until: Until = "",
    group: Annotated[str, typer.Option(help="Retention group of what it finds.")] = "listening",
    authority: Reference = "",
    authorising_officer: Name = "",
    rank: Ranked = Rank.SUPERINTENDENT,
    granted: Granted = "",
    authority_until: Ends = "",
    urgent_oral: Oral = False,
    passphrase: Passphrase = "",
) -> None:
    """Begin a rule. One that names a person is refused unless it carries an authority."""
    chosen = settings()
    desk = open_desk(chosen)
    given = _authority(authority, authorising_officer, rank, granted, authority_until, urgent_oral)
    proposal = Proposal(tuple(term), purpose, assessment, _moment(until), given)
    where = account or desk.force.accounts[0].id
    officer = sign_in(desk, login, passphrase)
    rules = load_rules(chosen.config_folder)
    rule = listening.add(desk, officer, where, proposal, rules, group)
    say(f"Listening rule {rule} runs on {where}.")
    typer.echo(rule)


@app.command("list")
def list_rules(
    login: Login,
    ended: Annotated[bool, typer.Option("--ended", help="Those that ended as well.")] = False,
    passphrase: Passphrase = "",
    as_json: AsJson = False,
) -> None:
    """List the rules that run. Reading them is logged."""
    desk, officer = _signed_in(login, passphrase)
    found = listening_list.listed(desk, officer, ended=ended)
    if as_json:
        typer.echo(json.dumps([listening_list.told(one) for one in found]))
        return
    now = desk.clock.now()
    for one in found:
        typer.echo(_line(one, now))
    if not found:
        say("No listening rule runs.")


@app.command("show")
def show(rule: Rule, login: Login, passphrase: Passphrase = "", as_json: AsJson = False) -> None:
    """Show one rule, what it found and how it fares."""
    desk, officer = _signed_in(login, passphrase)
    (found,) = listening_list.listed(desk, officer, only=rule)
    facts = listening_list.told(found)
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list | tuple) else value
        if shown not in (None, ""):
            typer.echo(f"{name.replace('_', ' ')}: {shown}")


@app.command("renew")
def renew(
    rule: Rule,
    login: Login,
    until: Until = "",
    authority: Reference = "",
    authorising_officer: Name = "",
    rank: Ranked = Rank.SUPERINTENDENT,
    granted: Granted = "",
    authority_until: Ends = "",
    urgent_oral: Oral = False,
    passphrase: Passphrase = "",
    as_json: AsJson = False,
) -> None:
    """Let a rule run on, for 28 days at most; its terms stay as they were."""
    desk, officer = _signed_in(login, passphrase)
    given = _authority(authority, authorising_officer, rank, granted, authority_until, urgent_oral)
    ends = listening.renew(desk, officer, rule, _moment(until), given)
    if as_json:
        typer.echo(json.dumps({"id": str(rule), "expires_at": ends.isoformat()}))
    else:
        say(f"It runs until {ends:%Y-%m-%d %H:%M} UTC.")


@app.command("stop")
def stop(rule: Rule, login: Login, passphrase: Passphrase = "", as_json: AsJson = False) -> None:
    """Stop a rule at once."""
    desk, officer = _signed_in(login, passphrase)
    listening.stop(desk, officer, rule)
    if as_json:
        typer.echo(json.dumps({"id": str(rule), "stopped": True}))
    else:
        say(f"Listening rule {rule} is stopped.")


@app.command("views")
def views(login: Login, passphrase: Passphrase = "", as_json: AsJson = False) -> None:
    """Show who looked how often at one person's posts within 28 days."""
    desk, officer = _signed_in(login, passphrase)
    found = viewing.counted(desk, officer)
    if as_json:
        typer.echo(json.dumps([one.told() for one in found]))
        return
    for one in found:
        typer.echo(one.line())
    say(f"{len(found)} officers and persons within {WINDOW.days} days.")


@app.command("allow")
def allow(
    conversation: Annotated[UUID, typer.Argument(help="The conversation's id.")],
    officer: Annotated[str, typer.Option(help="Login of the officer who may look on.")],
    login: Login,
    rationale: Annotated[str, typer.Option(help="Why this is no directed surveillance.")] = "",
    authority: Reference = "",
    until: Annotated[str, typer.Option(help="When it ends (UTC).")] = "",
    passphrase: Passphrase = "",
    as_json: AsJson = False,
) -> None:
    """Let an officer look at one person further: under an authority, or a recorded rationale."""
    desk, supervisor = _signed_in(login, passphrase)
    leave = viewing.Leave(officer, rationale, authority or None, _moment(until))
    ends = viewing.permit(desk, supervisor, conversation, leave)
    if as_json:
        typer.echo(json.dumps({"conversation": str(conversation), "until": ends.isoformat()}))
    else:
        say(f"{officer} may look until {ends:%Y-%m-%d %H:%M} UTC.")


def _signed_in(login: str, passphrase: str) -> tuple[Desk, Officer]:
    desk = open_desk(settings())
    return desk, sign_in(desk, login, passphrase)


def _authority(
    reference: str,
    officer: str,
    rank: Rank,
    granted: str,
    ends: str,
    urgent: bool,  # noqa: FBT001 a flag of the command
) -> Authority | None:
    if not reference:
        return None
    begins, until = _moment(granted), _moment(ends)
    if begins is None or until is None:
        raise RuleError("An authority needs --granted and --authority-until.")
    form = Form.URGENT_ORAL if urgent else Form.WRITTEN
    return Authority(reference, officer, rank, form, begins, until)


def _moment(text: str) -> datetime | None:
    """Return a moment as typed: UTC where it names no zone; None for nothing."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RuleError(
            f"{text!r} is not a time.", todo="Write it as 2026-12-01T18:00 (UTC)."
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _line(rule: RuleView, now: datetime) -> str:
    state = "runs" if rule.runs(now) else rule.stopped_because or "expired"
    marks = f"  authority {rule.authority}" if rule.authority else ""
    return (
        f"{rule.id}  {rule.account_id}  {state} until {rule.expires_at:%Y-%m-%d %H:%M}  "
        f"{rule.owner}  found {rule.found}  {', '.join(rule.terms)}{marks}"
    )
