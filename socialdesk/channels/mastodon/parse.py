"""From Mastodon's JSON to values: each understood or refused by itself, its bytes kept either way.

A status that names the account arrives inside a notification; the account's own statuses arrive
bare. Statuses of other kinds of server may lack or bend any member.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from socialdesk.channels.base import Author, Rejected
from socialdesk.channels.members import Unfit, as_object, number_of, text_of, when
from socialdesk.channels.plain import plain
from socialdesk.channels.slices import Slice, document, elements, member

DIRECT = "direct"
VISIBILITIES = ("public", "unlisted", "private", DIRECT)
CONTENT_LIMIT = 200_000
"""Characters of HTML that are read at most; Mastodon's own limit for a post is far below."""

MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Status:
    """A status as written: who, what, when, to whom.

    Attributes:
        named: accounts that it names, in order.
    """

    remote_id: str
    author: Author
    text: str
    created_at: datetime
    visibility: str
    in_reply_to: str | None
    in_reply_to_author: str | None
    named: tuple[str, ...]
    raw: bytes

    @property
    def direct(self) -> bool:
        """Whether only the people it names can see it."""
        return self.visibility == DIRECT

    def addressee(self) -> str | None:
        """Return whom the author speaks to: who is answered, else the first other one named."""
        others = [one for one in (self.in_reply_to_author, *self.named) if one]
        return next((one for one in others if one != self.author.remote_id), None)


@dataclass(frozen=True, slots=True)
class Statuses:
    """What one answer holds, and the ids of all that was on it (notifications' or statuses')."""

    found: list[Status]
    rejected: list[Rejected]
    ids: list[str]


def notified(body: bytes, *, direct: bool) -> Statuses:
    """Return the statuses in a page of mention notifications, direct ones or all others.

    One whose visibility cannot be read is put aside among the others, so that it is kept once.

    Raises:
        ValueError, RecursionError: the body as a whole is not the JSON array Mastodon promises.
    """
    page = Statuses([], [], [])
    for piece in _array(body):
        if isinstance(piece.value, dict) and piece.value.get("type") not in (None, "mention"):
            continue
        page.ids.extend(_known_ids(piece.value))
        status = member(piece, "status")
        if direct is (_visibility(status) == DIRECT):
            _take(page, status, piece)
    return page


def own(body: bytes) -> Statuses:
    """Return the statuses in a page of the account's own.

    Raises:
        ValueError, RecursionError: as for `notified`.
    """
    page = Statuses([], [], [])
    for piece in _array(body):
        page.ids.extend(_known_ids(piece.value))
        _take(page, piece, piece)
    return page


def kept(raw: bytes) -> Status | Rejected:
    """Read again a status as it was kept: in its notification, or bare where it is the account's.

    `Status.raw` stays as it was kept.
    """
    try:
        whole = document(raw)
        return status(member(whole, "status") or whole, raw)
    except Unfit as unfit:
        return Rejected(raw, str(unfit))
    except (ValueError, RecursionError) as error:
        return Rejected(raw, f"not JSON as Mastodon writes it ({type(error).__name__})")


def ancestors(body: bytes) -> list[str]:
    """Return the ids above a status, the root first.

    Raises:
        ValueError, RecursionError, Unfit: the body is not a context.
    """
    above = elements(member(document(body), "ancestors"))
    return [number_of(one.value, "id") for one in above]


def conversation(body: bytes, with_id: str) -> tuple[Author, str] | None:
    """Return the other person and the last status of the conversation with them alone.

    Raises:
        ValueError, RecursionError: the body as a whole is not a JSON array.
    """
    for piece in _array(body):
        try:
            others = [account(one.value) for one in elements(member(piece, "accounts"))]
            last = number_of(piece.value.get("last_status"), "id")
        except (Unfit, AttributeError):
            continue
        if [one.remote_id for one in others] == [with_id]:
            return others[0], last
    return None


def text_limit(instance: Any) -> int | None:
    """Return `configuration.statuses.max_characters` of an instance, where it is a sane number."""
    of = instance
    for name in ("configuration", "statuses", "max_characters"):
        of = of.get(name) if isinstance(of, dict) else None
    return of if isinstance(of, int) and 0 < of <= MOST_CHARACTERS else None


def account(of: Any) -> Author:
    """Return an account.

    Raises:
        Unfit: it is not one.
    """
    if not isinstance(of, dict):
        raise Unfit("account is not a JSON object")
    handle, name = of.get("acct"), of.get("display_name")
    handle = handle if isinstance(handle, str) else ""
    return Author(number_of(of, "id"), handle, name if isinstance(name, str) and name else handle)


def status(piece: Slice, raw: bytes) -> Status:
    """Return one status.

    Raises:
        Unfit: it cannot be understood.
    """
    of = as_object(piece)
    visibility = text_of(of, "visibility")
    if visibility not in VISIBILITIES:
        raise Unfit("visibility is none that is known")
    return Status(
        remote_id=number_of(of, "id"),
        author=account(of.get("account")),
        text=_whole_text(of),
        created_at=when(of, "created_at"),
        visibility=visibility,
        in_reply_to=_optional_id(of, "in_reply_to_id"),
        in_reply_to_author=_optional_id(of, "in_reply_to_account_id"),
        named=_named(of),
        raw=raw,
    )


def _array(body: bytes) -> list[Slice]:
    whole = document(body)
    if not isinstance(whole.value, list):
        raise ValueError("the answer is not a JSON array")  # noqa: TRY004 the content is wrong
    return elements(whole)


def _take(page: Statuses, piece: Slice | None, whole: Slice) -> None:
    raw = whole.as_bytes()
    if piece is None:
        page.rejected.append(Rejected(raw, "there is no status"))
        return
    try:
        page.found.append(status(piece, raw))
    except Unfit as unfit:
        known = _known_ids(piece.value)
        page.rejected.append(Rejected(raw, str(unfit), known[0] if known else None))


def _visibility(status: Slice | None) -> Any:
    of = status.value if status else None
    return of.get("visibility") if isinstance(of, dict) else None


def _known_ids(value: Any) -> list[str]:
    try:
        return [number_of(value, "id")]
    except Unfit:
        return []


def _optional_id(values: dict[str, Any], name: str) -> str | None:
    return None if values.get(name) is None else number_of(values, name)


def _whole_text(of: dict[str, Any]) -> str:
    """Return what is said, after the warning the author may have put before it."""
    content = text_of(of, "content")
    if len(content) > CONTENT_LIMIT:
        raise Unfit(f"content is longer than {CONTENT_LIMIT} characters")
    warning = of.get("spoiler_text")
    said = plain(content)
    return f"{warning}\n\n{said}" if isinstance(warning, str) and warning else said


def _named(of: dict[str, Any]) -> tuple[str, ...]:
    mentions = of.get("mentions")
    listed = mentions if isinstance(mentions, list) else []
    return tuple(one for mention in listed for one in _known_ids(mention))
