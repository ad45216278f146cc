"""Which contact and conversation a message belongs to, for one page at a time.

Everything a page needs is read in a few queries, changed in memory and written back once.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from socialdesk.channels.base import Author, Item
from socialdesk.classify.assessment import Assessment, Category, Urgency
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.core.text import gist
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import FOUND_RANK, place, welcome
from socialdesk.queue.states import ConversationMove, ConversationState, after
from socialdesk.store.tables import Contact, ContactIdentity, Conversation
from socialdesk.store.transaction import Transaction
from socialdesk.store.vault import ContactKey


@dataclass(slots=True)
class Thread:
    """A conversation and the key that seals it."""

    conversation: Conversation
    key: ContactKey


class Threads:
    """The conversations that one page of items touches."""

    def __init__(
        self,
        desk: Desk,
        current: Transaction,
        account: Account,
        items: Sequence[Item],
        rule_id: UUID | None = None,
    ) -> None:
        self._rule_id = rule_id
        self._desk = desk
        self._current = current
        self._account = account
        self._contacts: dict[bytes, tuple[Contact, ContactKey]] = {}
        self._conversations: dict[bytes, Conversation] = {}
        self._load(items)

    def receive(self, item: Item, assessment: Assessment | None) -> Thread:
        """Add a message to its conversation, made (with its contact) where there is none."""
        contact, key = self._contact(item)
        lookup = self._desk.vault.lookup(f"thread:{self._account.id}", item.thread_key)
        conversation = self._conversations.get(lookup)
        if conversation is None:
            conversation = self._begin(item, contact, lookup)
            self._conversations[lookup] = conversation
        if conversation.found_by is not None and self._rule_id is None and not item.outbound:
            welcome(conversation, item.stream, item.created_at)
        if not item.outbound and assessment is not None:
            _raise_to(conversation, item, assessment)
        conversation.version += 1
        conversation.last_message_at = max(conversation.last_message_at, item.created_at)
        if not item.outbound or not conversation.sealed_gist:
            conversation.sealed_gist = _sealed_gist(item, self._account, key)
        return Thread(conversation, key)

    def flush(self) -> None:
        """Write contacts and conversations, so that messages can refer to them."""
        self._current.session.add_all(self._conversations.values())
        self._current.session.flush()

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
            lookup: (contact, keys[contact.key_id])
            for lookup, contact in rows
            if contact.key_id in keys
        }
        threads = {vault.lookup(f"thread:{self._account.id}", item.thread_key) for item in items}
        for conversation in session.exec(
            select(Conversation)
            .where(
                Conversation.account_id == self._account.id,
                col(Conversation.thread_lookup).in_(threads),
            )
            .with_for_update()
        ):
            self._conversations[conversation.thread_lookup] = conversation

    def _person(self, remote_id: str) -> bytes:
        return self._desk.vault.lookup(f"person:{self._account.channel}", remote_id)

    def _contact(self, item: Item) -> tuple[Contact, ContactKey]:
        lookup = self._person(item.contact_id)
        if lookup not in self._contacts:
            self._contacts[lookup] = self._meet(item, lookup)
        return self._contacts[lookup]

    def _meet(self, item: Item, lookup: bytes) -> tuple[Contact, ContactKey]:
        session, now = self._current.session, self._current.now
        key = self._desk.vault.create_key(session, self._desk.force.id, now)
        contact = Contact(id=new_id(), force_id=self._desk.force.id, key_id=key.id, created_at=now)
        known = Author(item.contact_id, "", "") if item.outbound else item.author
        session.add(contact)
        session.flush()
        session.add(
            ContactIdentity(
                id=new_id(),
                force_id=self._desk.force.id,
                contact_id=contact.id,
                channel=self._account.channel,
                lookup=lookup,
                sealed=key.seal(
                    json.dumps(
                        {"id": known.remote_id, "handle": known.handle, "name": known.name}
                    ).encode()
                ),
            )
        )
        return contact, key

    def _begin(self, item: Item, contact: Contact, lookup: bytes) -> Conversation:
        return Conversation(
            id=new_id(),
            force_id=self._desk.force.id,
            account_id=self._account.id,
            channel=self._account.channel,
            stream=item.stream.value,
            contact_id=contact.id,
            thread_lookup=lookup,
            state=ConversationState.AWAITING,
            urgency_rank=Urgency.NONE.rank if self._rule_id is None else FOUND_RANK,
            category=Category.CHATTER,
            possible_crime=0.0,
            waiting_since=item.created_at,
            last_message_at=item.created_at,
            sealed_gist=b"",
            found_by=self._rule_id,
        )


def raise_for_edit(
    conversation: Conversation,
    account: Account,
    item: Item,
    assessment: Assessment | None,
    key: ContactKey,
) -> None:
    """Let an edited message move its conversation as a new one would: drafts must be re-read."""
    conversation.version += 1
    if assessment is None:
        return
    _raise_to(conversation, item, assessment)
    if item.created_at >= conversation.last_message_at:
        conversation.sealed_gist = _sealed_gist(item, account, key)


def _sealed_gist(item: Item, account: Account, key: ContactKey) -> bytes:
    line = gist(_without_address(item.text, account.handle))
    said = {"handle": item.author.handle, "name": item.author.name, "gist": line}
    return key.seal(json.dumps(said).encode())


def _without_address(text: str, handle: str) -> str:
    """Return a message without the account's own handle in front: every mention begins with it."""
    return re.sub(rf"^\s*@{re.escape(handle)}\b[\s,:]*", "", text, flags=re.IGNORECASE) or text


def _raise_to(conversation: Conversation, item: Item, assessment: Assessment) -> None:
    """Let a message of the public move its conversation: urgency rises here, never falls."""
    was = conversation.state
    conversation.state = after(was, ConversationMove.RECEIVE)
    first_since_closed = was == ConversationState.CLOSED or conversation.version == 0
    if was in {ConversationState.CLOSED, ConversationState.AWAITING}:
        conversation.waiting_since = item.created_at
        conversation.disposition = None
    found = conversation.found_by is not None
    rank = place(assessment.urgency) if found else assessment.urgency.rank
    if first_since_closed or rank < conversation.urgency_rank:
        conversation.urgency_rank = rank
        conversation.category = assessment.category
    conversation.possible_crime = (
        assessment.possible_crime
        if first_since_closed
        else max(conversation.possible_crime, assessment.possible_crime)
    )
