"""Which contact and conversation a message belongs to, for one page at a time.

Everything a page needs is read in a few queries, changed in memory and written back once.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select

from socialdesk.channels.base import Author, Item
from socialdesk.classify.assessment import Assessment
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import gist
from socialdesk.queue.desk import Desk
from socialdesk.queue.standing import Standing, read_standings, write_standings
from socialdesk.queue.states import ConversationMove, ConversationState, after
from socialdesk.store.rows import insert_rows
from socialdesk.store.tables import Contact, ContactIdentity, VaultKey
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import ContactKey


@dataclass(slots=True)
class Thread:
    """A conversation and the key that seals it."""

    conversation: Standing
    key: ContactKey


class Threads:
    """The conversations that one page of items touches."""

    def __init__(
        self, desk: Desk, current: Transaction, account: Account, items: Sequence[Item]
    ) -> None:
        self._desk = desk
        self._current = current
        self._account = account
        self._contacts: dict[bytes, tuple[UUID, ContactKey]] = {}
        self._conversations: dict[bytes, Standing] = {}
        self._new: dict[type[SQLModel], list[dict[str, Any]]] = {
            table: [] for table in (VaultKey, Contact, ContactIdentity)
        }
        self._load(items)

    def receive(self, item: Item, assessment: Assessment | None) -> Thread:
        """Add a message to its conversation, made (with its contact) where there is none."""
        contact_id, key = self._contact(item)
        lookup = self._desk.vault.lookup(f"thread:{self._account.id}", item.thread_key)
        conversation = self._conversations.get(lookup)
        if conversation is None:
            conversation = self._begin(item, contact_id, lookup)
            self._conversations[lookup] = conversation
        if not item.outbound and assessment is not None:
            _raise_to(conversation, item, assessment)
        conversation.version += 1
        conversation.last_message_at = max(conversation.last_message_at, item.created_at)
        if not item.outbound or not conversation.sealed_gist:
            conversation.sealed_gist = key.seal(
                json.dumps(
                    {
                        "handle": item.author.handle,
                        "name": item.author.name,
                        "gist": gist(_without_address(item.text, self._account.handle)),
                    }
                ).encode()
            )
        return Thread(conversation, key)

    def flush(self) -> None:
        """Write contacts and conversations, so that messages can refer to them."""
        connection = self._current.session.connection()
        for table, rows in self._new.items():
            insert_rows(connection, table, rows)
        write_standings(connection, self._conversations.values())

    def _load(self, items: Sequence[Item]) -> None:
        session, vault = self._current.session, self._desk.vault
        people = {self._person(item.contact_id) for item in items}
        rows = session.exec(
            select(ContactIdentity.lookup, Contact)
            .join(Contact)
            .where(
                ContactIdentity.force_id == self._desk.force.id,
                ContactIdentity.channel == self._account.channel,
                col(ContactIdentity.lookup).in_(people),
            )
        ).all()
        keys = vault.keys(session, (contact.key_id for _lookup, contact in rows))
        self._contacts = {
            lookup: (contact.id, keys[contact.key_id])
            for lookup, contact in rows
            if contact.key_id in keys
        }
        threads = {vault.lookup(f"thread:{self._account.id}", item.thread_key) for item in items}
        self._conversations = read_standings(session.connection(), self._account.id, threads)

    def _person(self, remote_id: str) -> bytes:
        return self._desk.vault.lookup(f"person:{self._account.channel}", remote_id)

    def _contact(self, item: Item) -> tuple[UUID, ContactKey]:
        lookup = self._person(item.contact_id)
        if lookup not in self._contacts:
            self._contacts[lookup] = self._meet(item, lookup)
        return self._contacts[lookup]

    def _meet(self, item: Item, lookup: bytes) -> tuple[UUID, ContactKey]:
        """Note a new contact, its key and its identity, to be written by `flush`."""
        force_id, now = self._desk.force.id, self._current.now
        key, wrapped = self._desk.vault.new_key(self._current.session, force_id, now)
        contact_id = new_id()
        known = Author(item.contact_id, "", "") if item.outbound else item.author
        said = {"id": known.remote_id, "handle": known.handle, "name": known.name}
        self._new[VaultKey].append(wrapped)
        self._new[Contact].append(
            {"id": contact_id, "force_id": force_id, "key_id": key.id, "created_at": now}
        )
        self._new[ContactIdentity].append(
            {
                "id": new_id(),
                "force_id": force_id,
                "contact_id": contact_id,
                "channel": self._account.channel,
                "lookup": lookup,
                "sealed": key.seal(json.dumps(said).encode()),
            }
        )
        return contact_id, key

    def _begin(self, item: Item, contact_id: UUID, lookup: bytes) -> Standing:
        return Standing(
            id=new_id(),
            force_id=self._desk.force.id,
            account_id=self._account.id,
            channel=self._account.channel,
            stream=item.stream.value,
            contact_id=contact_id,
            thread_lookup=lookup,
            waiting_since=item.created_at,
            last_message_at=item.created_at,
        )


def _without_address(text: str, handle: str) -> str:
    """Return a message without the account's own handle in front: every mention begins with it."""
    return re.sub(rf"^\s*@{re.escape(handle)}\b[\s,:]*", "", text, flags=re.IGNORECASE) or text


def _raise_to(conversation: Standing, item: Item, assessment: Assessment) -> None:
    """Let a message of the public move its conversation: urgency rises here, never falls."""
    was = conversation.state
    conversation.state = after(was, ConversationMove.RECEIVE)
    first_since_closed = was == ConversationState.CLOSED or conversation.version == 0
    if was in {ConversationState.CLOSED, ConversationState.AWAITING}:
        conversation.waiting_since = item.created_at
        conversation.disposition = None
    if first_since_closed or assessment.urgency.rank < conversation.urgency_rank:
        conversation.urgency_rank = assessment.urgency.rank
        conversation.category = assessment.category.value
    conversation.possible_crime = (
        assessment.possible_crime
        if first_since_closed
        else max(conversation.possible_crime, assessment.possible_crime)
    )
