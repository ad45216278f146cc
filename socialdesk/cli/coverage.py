"""`socialdesk coverage`: what of each account is proven read, and what is missing."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from socialdesk.cli.context import settings
from socialdesk.queue.desk import open_desk
from socialdesk.queue.health import Health, read_health
from socialdesk.queue.stream_health import GapHealth, StreamHealth


def coverage(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what is proven read, and each gap; exit status 1 where something is still to be read."""
    found = read_health(open_desk(settings()))
    if as_json:
        shown = {
            "streams": [asdict(stream) for stream in found.streams],
            "gaps": [asdict(gap) for gap in found.gaps],
        }
        typer.echo(json.dumps(shown, default=_plain))
    else:
        for line in _lines(found):
            typer.echo(line)
    blind = any(stream.blind_since or stream.never_read for stream in found.streams)
    raise typer.Exit(1 if blind else 0)


def _lines(found: Health) -> list[str]:
    lines: list[str] = []
    for stream in found.streams:
        lines.append(_stream_line(stream))
        lines += [
            _gap_line(gap)
            for gap in found.gaps
            if (gap.account_id, gap.stream) == (stream.account_id, stream.stream)
        ]
    return lines


def _stream_line(stream: StreamHealth) -> str:
    name = f"{stream.account_id} {stream.stream}"
    if stream.covered_until is None:
        return f"{name}: never read" + _because(stream.problem)
    parts = [f"{name}: read until {_moment(stream.covered_until)}"]
    if stream.next_attempt_at is not None:
        parts.append(f"next poll {_moment(stream.next_attempt_at)}")
    if stream.allowance_left is not None:
        parts.append(f"{stream.allowance_left} requests left")
    return ", ".join(parts) + _because(stream.problem)


def _gap_line(gap: GapHealth) -> str:
    until = _moment(gap.until)
    if gap.lost:
        since = "the beginning" if gap.since is None else _moment(gap.since)
        return (
            f"  may have missed messages from {since} to {until}: the network serves them no more"
        )
    since = "its beginning" if gap.since is None else _moment(gap.since)
    return f"  gap from {since} to {until}, still to be read" + _because(gap.problem)


def _because(problem: str | None) -> str:
    return f" ({problem})" if problem else ""


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
