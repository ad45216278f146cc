"""All tables of the desk, one file a subject. Importing this fills `SQLModel.metadata`."""

from socialdesk.store.tables.contact import Contact, ContactIdentity, ContactLink
from socialdesk.store.tables.conversation import (
    AssessmentRow,
    Conversation,
    Message,
    MessageWord,
)
from socialdesk.store.tables.desk import Escalation, Person, Reply, Thrive
from socialdesk.store.tables.log import (
    LogCheck,
    LogCheckpoint,
    LogEntry,
    LogHead,
    LogRefusal,
    LogTile,
)
from socialdesk.store.tables.retention import LegalHold, RetentionReview
from socialdesk.store.tables.stream import CoverageGap, Quarantined, ReadSpend, StreamState
from socialdesk.store.tables.vault import VaultKey, VaultRoot

__all__ = [
    "AssessmentRow",
    "Contact",
    "ContactIdentity",
    "ContactLink",
    "Conversation",
    "CoverageGap",
    "Escalation",
    "LegalHold",
    "LogCheck",
    "LogCheckpoint",
    "LogEntry",
    "LogHead",
    "LogRefusal",
    "LogTile",
    "Message",
    "MessageWord",
    "Person",
    "Quarantined",
    "ReadSpend",
    "Reply",
    "RetentionReview",
    "StreamState",
    "Thrive",
    "VaultKey",
    "VaultRoot",
]
