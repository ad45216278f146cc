"""The account for people: one HTML page, readable without the desk, inert and accessible.

Everything from outside is shown by `visible` and escaped; no script, style sheet, link or picture
is loaded. Tables name their columns (WCAG 2.2: 1.3.1, 2.4.2, 3.1.1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from socialdesk.core.text import decoded, visible
from socialdesk.evidence.gather import Captured, Opened, Written

LONDON = ZoneInfo("Europe/London")
ERASED = "(erased by authority)"
_STYLE = (
    "body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #595959;padding:.4rem;"
    "text-align:left;vertical-align:top}td{overflow-wrap:anywhere}.text{white-space:pre-wrap}"
)
_HOW = (
    "Run <code>python verify.py BUNDLE.zip --log-key KEY --witness-key KEY</code> with a verify.py "
    "and keys from a source you trust. This page is for reading; the files beside it are the proof."
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Cover:
    """What the account says of itself."""

    force: str
    conversation: str
    recipient: str
    reason: str
    made_by: str
    made_at: datetime
    checkpoint: str


def write_account(cover: Cover, opened: Opened, entries: Sequence[dict[str, Any]]) -> bytes:
    """Return the page."""
    parts = [
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Evidence: conversation {_inert(cover.conversation)}</title>",
        f"<style>{_STYLE}</style></head><body><main>",
        f"<h1>Evidence of conversation {_inert(cover.conversation)}</h1>",
        _cover(cover),
        "<h2>Messages as captured</h2>",
        _table(
            "Every message of the conversation, oldest first",
            (
                "Sent (UTC)",
                "Sent (Europe/London)",
                "From",
                "Network id",
                "SHA-256 of raw",
                "Media",
                "Text",
            ),
            (_message(one) for one in opened.messages),
        ),
        "<h2>Replies and drafts</h2>",
        _table(
            "Every reply that was begun, at its last wording; what was sent stands above as well",
            ("Begun (UTC)", "Begun (Europe/London)", "By", "State", "Text"),
            (_written(one) for one in opened.replies),
        ),
        "<h2>Assessments and escalations</h2>",
        _table(
            "Every THRIVE assessment and escalation, with the officer's own reasons",
            ("Made (UTC)", "Made (Europe/London)", "By", "What", "Text"),
            (_written(one) for one in opened.notes),
        ),
        "<h2>Timeline of the audit log</h2>",
        _table(
            "Every entry in this bundle, in the log's order",
            ("Entry", "Time (UTC)", "Time (Europe/London)", "Who", "Act", "Subject", "Reason"),
            (_entry(core) for core in entries),
        ),
        "<h2>How to check this</h2>",
        f"<p>{_HOW}</p>",
        "</main></body></html>\n",
    ]
    return "\n".join(parts).encode("utf-8")


def _cover(cover: Cover) -> str:
    rows = (
        ("Force", cover.force),
        ("Disclosed to", cover.recipient),
        ("Reason", cover.reason),
        ("Made by", cover.made_by),
        ("Made at", " / ".join(_times(cover.made_at))),
    )
    lines = "".join(
        f'<tr><th scope="row">{_inert(name)}</th><td>{_inert(text)}</td></tr>'
        for name, text in rows
    )
    return (
        f"<table><caption>About this bundle</caption><tbody>{lines}</tbody></table>"
        f"<h2>Checkpoint of the log</h2><pre>{_inert(cover.checkpoint, multiline=True)}</pre>"
    )


def _message(one: Captured) -> tuple[str, ...]:
    row = one.row
    text = ERASED if one.text is None else decoded(one.text)
    return (
        *_times(row.sent_at),
        "the force" if row.outbound else "the public",
        row.remote_id,
        row.raw_sha256.hex() if row.raw_sha256 else "",
        "\n".join(
            f"{part.name} ({part.type}, {part.size} bytes, SHA-256 {part.sha256})"
            for part in one.media
        ),
        text,
    )


def _written(one: Written) -> tuple[str, ...]:
    told = dict(one.facts)
    by = told.pop("by")
    what = ", ".join([one.kind, *told.values()])
    return (*_times(one.at), by, what, ERASED if one.text is None else decoded(one.text))


def _entry(core: dict[str, Any]) -> tuple[str, ...]:
    moment = datetime.fromisoformat(core["time"])
    who = f"{core['actor']['id']} ({core['actor']['role']})"
    return (str(core["seq"]), *_times(moment), who, core["action"], core["subject"], core["reason"])


def _times(moment: datetime) -> tuple[str, str]:
    local = moment.astimezone(LONDON)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC", f"{local:%Y-%m-%d %H:%M:%S %Z}"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_inert(name)}</th>' for name in heads)
    lines = "".join(
        "<tr>"
        + "".join(f'<td class="text">{_inert(cell, multiline=True)}</td>' for cell in row)
        + "</tr>\n"
        for row in rows
    )
    return (
        f"<table><caption>{_inert(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )


def _inert(text: str, *, multiline: bool = False) -> str:
    return escape(visible(text, multiline=multiline), quote=True)
