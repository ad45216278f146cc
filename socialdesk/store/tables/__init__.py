"""All tables of the desk, one file a subject. Importing this fills `SQLModel.metadata`."""

from socialdesk.store.tables.contact import Contact, ContactIdentity, ContactLink
from socialdesk.store.tables.conversation import (
    AssessmentRow,
    Conversation,
    Message,
    MessageWord,
)
from socialdesk.store.tables.desk import Escalation, Person, Reply, Thrive
from socialdesk.store.tables.evidence import Media, MessageVersion
from socialdesk.store.tables.listening import (
    Finding,
    ListeningRule,
    PersonView,
    ViewPermission,
)
from socialdesk.store.tables.log import LogCheck, LogCheckpoint, LogEntry, LogHead, LogTile
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
    "Finding",
    "LegalHold",
    "ListeningRule",
    "LogCheck",
    "LogCheckpoint",
    "LogEntry",
    "LogHead",
    "LogTile",
    "Media",
    "Message",
    "MessageVersion",
    "MessageWord",
    "Person",
    "PersonView",
    "Quarantined",
    "ReadSpend",
    "Reply",
    "RetentionReview",
    "StreamState",
    "Thrive",
    "VaultKey",
    "VaultRoot",
    "ViewPermission",
]
