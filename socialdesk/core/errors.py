"""Every error socialdesk raises on purpose, worded for the person who will read it.

SocialdeskError
├── ConfigError            a force's file or a setting is wrong: file, key, line and an example
├── HomeError              the home folder cannot be used
├── StoreError             the database refused, is away, or is from another version
├── VaultError             sealed text cannot be opened
│   └── Erased             it was erased by authority, and the key is gone
├── RuleError              the desk's own rules refuse the act
│   ├── IllegalMove        no such move from this state (the transition table says so)
│   ├── NotYours           someone else holds the claim, or it was lost
│   ├── ThreadMoved        a newer message arrived since the draft was begun
│   └── NotAllowed         this person's role does not carry this act
├── AuditError             the log cannot take an entry, or its keys are missing
│   └── SignerRefused      the tree on disk contradicts what was signed before
├── ModelError             no trained model, or one that fails its hash
└── ChannelError           a network said no or said nothing
    ├── ChannelDown        no answer, a server error or nonsense: try again later
    ├── RateLimited        too many requests: try again at `resets_at`
    ├── AccessRefused      credentials expired or lack the permission
    ├── SendRefused        the network will never take this reply
    └── SendUnknown        the reply may or may not be public: reconcile, never retry blindly
        └── SendDuplicate  the network holds this text already: from us before, or elsewhere
"""

from datetime import datetime


class SocialdeskError(Exception):
    """What happened, in words for people; `todo` says what to do about it."""

    def __init__(self, what: str, *, todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.what} {self.todo}".strip()


class ConfigError(SocialdeskError):
    """A configuration file is wrong; the text names the file, key, line and an example."""


class HomeError(SocialdeskError):
    """The home folder cannot be used."""


class StoreError(SocialdeskError):
    """The database refused, is away, or is from another version."""


class VaultError(SocialdeskError):
    """Sealed text cannot be opened."""


class Erased(VaultError):  # noqa: N818 a state the reader must name, not a fault
    """The text was erased by authority: its key no longer exists."""


class RuleError(SocialdeskError):
    """The desk's own rules refuse the act; nothing was changed."""


class IllegalMove(RuleError):  # noqa: N818 named as in the transition table
    """No such move from this state."""


class NotYours(RuleError):  # noqa: N818 named for what the officer is told
    """Someone else holds the claim, or this claim was lost."""


class ThreadMoved(RuleError):  # noqa: N818 named for what the officer is told
    """A newer message arrived since the draft was begun."""


class NotAllowed(RuleError):  # noqa: N818 named for what the officer is told
    """This person's role does not carry this act."""


class AuditError(SocialdeskError):
    """The audit log cannot take an entry, or its keys are missing or wrong."""


class SignerRefused(AuditError):  # noqa: N818 named for what the signer did
    """The tree in the database contradicts what was signed before."""


class ModelError(SocialdeskError):
    """No trained model is at hand, or the one found fails its hash."""


class ChannelError(SocialdeskError):
    """A network said no or said nothing."""


class ChannelDown(ChannelError):  # noqa: N818 a state, named as the health line shows it
    """No answer in time, a server error or an answer that is not one: try again later."""


class RateLimited(ChannelError):  # noqa: N818 the field's term
    """Too many requests. `resets_at` is when the network lets us back, if it said."""

    def __init__(self, what: str, *, resets_at: datetime | None, todo: str = "") -> None:
        super().__init__(what, todo=todo)
        self.resets_at = resets_at


class AccessRefused(ChannelError):  # noqa: N818 a state, named as the health line shows it
    """The credentials have expired, were revoked, or lack the permission."""


class SendRefused(ChannelError):  # noqa: N818 a state, as the outbox shows it
    """The network refuses this reply for good; it was not published."""


class SendUnknown(ChannelError):  # noqa: N818 a state, as the outbox shows it
    """The reply may or may not have been published: reconcile before anything else."""


class SendDuplicate(SendUnknown):
    """The network refuses the reply as a copy of one it holds: an earlier attempt, or another."""
