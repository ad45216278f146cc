"""All tables of the desk, one file a subject. Importing this fills `SQLModel.metadata`."""

from socialdesk.store.tables.contact import Contact, ContactIdentity
from socialdesk.store.tables.conversation import (
    AssessmentRow,
    Conversation,
    Message,
    MessageWord,
)
from socialdesk.store.tables.desk import Escalation, Person, Reply, Thrive
from socialdesk.store.tables.log import LogCheckpoint, LogEntry, LogHead, LogNode
from socialdesk.store.tables.stream import Quarantined, StreamState
from socialdesk.store.tables.vault import VaultKey

__all__ = [
    "AssessmentRow",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "Escalation",
    "LogCheckpoint",
    "LogEntry",
    "LogHead",
    "LogNode",
    "Message",
    "MessageWord",
    "Person",
    "Quarantined",
    "Reply",
    "StreamState",
    "Thrive",
    "VaultKey",
]
