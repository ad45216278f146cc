"""From a report to a message: what officers read, and what of it the model is given.

The person's own words come first, so that danger is not pushed below the fold; then the form, how
to reach them, and last a line of ours. A form's questions are the partner's words ("Is anyone
hurt?"), so the model reads the answers without them; `Composed.shown_at` finds its reasons again
in the text that is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from socialdesk.channels.base import Author, Item, Stream
from socialdesk.channels.partner.report import Report, moment_of

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `told` where the public wrote it and the model shall read it."""

    text: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A report as text."""

    pieces: tuple[Piece, ...]

    @property
    def shown(self) -> str:
        """What officers read."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def told(self) -> str:
        """What the model reads: the public's words, one run a line."""
        return "\n".join(piece.text for piece in self.pieces if piece.told)

    def shown_at(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a stretch of `told` stands in `shown`; None where it spans two runs."""
        at = told_at = 0
        for piece in self.pieces:
            if piece.told:
                if told_at <= start <= end <= told_at + len(piece.text):
                    return at + start - told_at, at + end - told_at
                told_at += len(piece.text) + 1
            at += len(piece.text)
        return None


def short_reference(reference: bytes) -> str:
    """Return a reference that people can read out: 60 bits in Crockford's base 32, by fours.

    It has no letter that is easily taken for a digit.
    """
    bits = int.from_bytes(reference[:8], "big") >> 4
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(55, -1, -5))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def composed(report: Report, partner_name: str, reference: str) -> Composed:
    """Return a report as text."""
    return Composed(tuple(_pieces(report, partner_name, reference)))


def item_of(
    report: Report,
    text: str,
    *,
    partner_id: str,
    remote_id: str,
    raw: bytes,
    received_at: datetime,
) -> Item:
    """Return a report as a message; a time later than its arrival is taken as its arrival.

    The contact is the partner's own id of the person, else this report alone: names, addresses and
    numbers prove nobody's identity.
    """
    person = report.person
    known = person.id if person is not None else None
    contact = f"{partner_id}:report:{remote_id}" if known is None else f"{partner_id}:id:{known}"
    thread = f"{contact}\n{report.thread}" if report.thread and known else f"\n{remote_id}"
    return Item(
        remote_id=remote_id,
        stream=Stream.REPORTS,
        thread_key=thread,
        contact_id=contact,
        author=Author(contact, "", (person.name if person else None) or ""),
        outbound=False,
        text=text,
        created_at=min(moment_of(report.submitted_at), received_at),
        in_reply_to=None,
        raw=raw,
        jurisdiction=report.jurisdiction,
    )


def _pieces(report: Report, partner_name: str, reference: str) -> Iterator[Piece]:
    yield Piece(report.text, told=True)
    if report.form is not None:
        yield Piece(f"\n\n{report.form.name}")
        for answer in report.form.answers:
            yield Piece(f"\n• {answer.question} ")
            yield Piece(answer.answer, told=True)
    if report.location:
        yield Piece("\n\nWhere: ")
        yield Piece(report.location, told=True)
    yield from _reaching(report)
    if report.link:
        yield Piece(f"\n\nAt the partner: {report.link}")
    yield Piece(
        f"\n\nReported through {partner_name}, for {report.jurisdiction}, reference {reference}"
    )


def _reaching(report: Report) -> Iterator[Piece]:
    if report.person is None:
        return
    said = {
        "Name": report.person.name,
        "E-mail": report.person.email,
        "Phone": report.person.phone,
        "Wishes to be reached": report.person.prefers,
    }
    lines = [f"{name}: {value}" for name, value in said.items() if value]
    if lines:
        yield Piece("\n\n" + "\n".join(lines))
