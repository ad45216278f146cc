"""The Channel protocol: what the desk may ask of any network, and the values that cross it.

Reading is paged newest first, as the networks serve it. The walk over pages, and when a cursor may
move, is ingest's affair: an adapter keeps no state between calls and never sleeps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Stream(StrEnum):
    """One sequence of messages that an account can read."""

    MENTIONS = "mentions"
    DMS = "dms"
    LISTENING = "listening"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote, as the network knows them."""

    remote_id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image or video of a message: where the network keeps it, and its author's description."""

    url: str
    kind: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One message as read from a network.

    Attributes:
        remote_id: the network's id of the message.
        thread_key: names the conversation on this network; equal for all messages of one contact's
            thread with the account, whichever side wrote them.
        contact_id: the network's id of the member of the public in this thread.
        outbound: written by the account itself.
        text: as the author wrote it (the network's own escaping undone); may hold any character,
            lone surrogates included.
        created_at: the network's own time, aware UTC.
        raw: the item's (and its author's) JSON exactly as received, byte for byte.
        link: the message's canonical address, None where it has none.
        media: its images and videos; they are fetched later, from the channel's own hosts alone.
        revises: the network's ids of its earlier versions, where an edit makes a new one.
        edited_at: when it was last edited, where an edit keeps its id.
    """

    remote_id: str
    stream: Stream
    thread_key: str
    contact_id: str
    author: Author
    outbound: bool
    text: str
    created_at: datetime
    in_reply_to: str | None
    raw: bytes
    link: str | None = None
    media: tuple[Attachment, ...] = ()
    revises: tuple[str, ...] = ()
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that could not be understood: kept whole, shown on the health line."""

    raw: bytes
    reason: str
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the network's headers say is left of an endpoint's rate limit."""

    limit: int | None
    remaining: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a walk, newest first as served (order inside a page is not to be trusted).

    Attributes:
        next_page: token of the next older page; None when the walk has reached `since` or the end.
        cursor: where the walk's cursor shall stand, for a network that goes by something other
            than its newest remote id (a feed's ETag); None on all others.
    """

    items: Sequence[Item]
    rejected: Sequence[Rejected]
    next_page: str | None
    allowance: Allowance
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out.

    Attributes:
        in_reply_to: the post answered (mentions); None for a direct message.
        contact_id: the network's id of the person answered.
        queued_at: no earlier than this can the network hold it: bounds the search in `find_sent`.
        marker: our own unique name for this reply, for networks that can carry one.
    """

    stream: Stream
    text: str
    in_reply_to: str | None
    contact_id: str
    queued_at: datetime
    marker: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a reply is on the network."""

    remote_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SendLimit:
    """How many messages an account may send within a sliding window."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """When a network lets an account answer.

    Attributes:
        window: how long after the public's last message; None without end.
        only_if_named: only where the person named the account.
        otherwise: how else the person may be reached, in words for the officer.
    """

    window: timedelta | None = None
    only_if_named: bool = False
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """How a network's recent posts are searched: its form of a query, and its greatest length."""

    query: Callable[[Sequence[str]], str]
    limit: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can do, as data, so that the desk never names a network in an `if`.

    Attributes:
        text_limit: the most `length` may return, by stream; a stream that is not here is only read,
            and nobody can be answered on it.
        length: how this network counts a text for a stream.
        reads_before: streams that can be read from a remote id downwards (`before`).
        horizons: how far back a stream is served, where the network sets an end.
        send_limits: how many messages may leave, by stream; none where the network tells none.
        reply_rules: when an answer is allowed, by stream; always where there is none.
        search: how recent posts are searched; None where they cannot be.
        media_hosts: where the network keeps images and video; nothing is fetched from elsewhere.
        rechecks: how many messages one request can look up again; 0 where none can be.
    """

    name: str
    streams: frozenset[Stream]
    text_limit: dict[Stream, int]
    length: Callable[[Stream, str], int]
    reads_before: frozenset[Stream] = frozenset()
    horizons: Mapping[Stream, timedelta] = field(default_factory=dict)
    send_limits: Mapping[Stream, SendLimit] = field(default_factory=dict)
    reply_rules: Mapping[Stream, ReplyRule] = field(default_factory=dict)
    search: Search | None = None
    media_hosts: frozenset[str] = frozenset()
    rechecks: int = 0


class Channel(Protocol):
    """One account on one network.

    Every method may raise ChannelDown, RateLimited or AccessRefused, and returns or raises within
    the account's configured time-out: none waits out a rate limit.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this network can do."""
        ...

    def identify(self) -> Author:
        """Return who the credentials belong to."""
        ...

    def read(
        self, stream: Stream, *, since: str | None, page: str | None, before: str | None = None
    ) -> Page:
        """Return one page of what is newer than `since` (a cursor or remote id), newest first.

        A page may hold items at or before `since`; storing them again must be harmless. `before`
        (a remote id) begins below it; it is asked only of streams in `reads_before`.
        """
        ...

    def newest(self, first: str, second: str) -> str:
        """Return the later of two cursors or remote ids, as this network orders them."""
        ...

    def send(self, outgoing: Outgoing) -> Receipt:
        """Publish a reply.

        Raises:
            SendRefused: the network will never take it; nothing was published.
            SendUnknown: no answer, or an answer that does not say: it may be public.
            SendDuplicate: the network holds this text already, from an earlier attempt or another.
            ChannelDown, RateLimited, AccessRefused: proven not published; may be tried again.
        """
        ...

    def find_sent(self, outgoing: Outgoing) -> Receipt | None:
        """Look on the network for a reply whose sending ended in SendUnknown.

        Returns None only when its absence is proven: the account's own posts (or the direct
        message conversation) were read back to before `queued_at`.
        """
        ...


class Gone(StrEnum):
    """Why the network no longer serves a message."""

    NOT_FOUND = "not_found"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What looking messages up again showed: those still there as they now are, those gone."""

    items: Sequence[Item]
    gone: Mapping[str, Gone]
    allowance: Allowance


@runtime_checkable
class Searches(Protocol):
    """A channel whose network's recent posts can be searched (`capabilities.search`)."""

    def search(
        self, terms: Sequence[str], *, since: str | None, page: str | None, before: str | None
    ) -> Page:
        """Return one page of posts that hold any of `terms`; otherwise as `Channel.read`."""
        ...


@runtime_checkable
class Rechecks(Protocol):
    """A channel that can look messages up again (`capabilities.rechecks`)."""

    def recheck(self, remote_ids: Sequence[str]) -> Rechecked:
        """Return what became of public messages; one the network is silent on is in neither."""
        ...
