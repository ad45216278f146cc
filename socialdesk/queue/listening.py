"""Listening rules: begun, renewed and stopped by a supervisor, and by themselves at their end.

What a rule may be is decided in `listening_rule`; here it is written down. The log carries who,
until when and under which references; terms and purpose lie sealed, as a rule may name a person.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select

from socialdesk.audit.entry import Action, entry_time
from socialdesk.channels.registry import capabilities_of
from socialdesk.core.errors import RuleError
from socialdesk.core.force import Account
from socialdesk.core.ids import new_id
from socialdesk.queue.authority import DECIDERS, require_role
from socialdesk.queue.desk import Desk
from socialdesk.queue.found import stream_of
from socialdesk.queue.listening_rule import (
    Allowed,
    Authority,
    Form,
    Proposal,
    Rank,
    allowed,
    require_authority,
    until,
)
from socialdesk.queue.people import Officer
from socialdesk.queue.retention import Rules
from socialdesk.store.tables import CoverageGap, ListeningRule, StreamState
from socialdesk.store.transaction import Actor, Transaction

STOPPED, EXPIRED = "stopped", "expired"


def add(
    desk: Desk, officer: Officer, account_id: str, proposal: Proposal, rules: Rules, group: str
) -> UUID:
    """Begin a rule; return its id.

    Args:
        group: the retention group of what it finds.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: the rule may not run, or the account's network cannot be searched.
        ConfigError: the force has no such account.
    """
    require_role(officer, DECIDERS, "begin a listening rule")
    account = desk.force.account(account_id)
    rules.require_group(group)
    with desk.store.transaction(officer.actor, "a listening rule begins") as current:
        rule = allowed(proposal, current.now)
        _require_searchable(account, rule.terms)
        key = desk.vault.create_key(current.session, desk.force.id, current.now)
        row = ListeningRule(
            id=new_id(),
            force_id=desk.force.id,
            account_id=account.id,
            owner=officer.person_id,
            key_id=key.id,
            sealed=key.seal(_contents(rule)),
            assessment=rule.assessment,
            retention_group=group,
            names_someone=bool(rule.named),
            begun_at=current.now,
            expires_at=rule.expires_at,
        )
        _put_authority(row, rule.authority)
        current.session.add(row)
        _record(current, row, "added")
    return row.id


def renew(
    desk: Desk,
    officer: Officer,
    rule_id: UUID,
    expires_at: datetime | None,
    authority: Authority | None = None,
) -> datetime:
    """Let a running rule run on, and return until when; its terms stay as they were.

    Args:
        authority: a fresh one, where the rule's own ends too early.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: it has ended, or may not run so long.
    """
    require_role(officer, DECIDERS, "renew a listening rule")
    with desk.store.transaction(officer.actor, "a listening rule is renewed") as current:
        row = _running_row(desk, current, rule_id)
        if authority is not None:
            require_authority(authority, current.now)
            key = desk.vault.keys(current.session, [row.key_id])[row.key_id]
            contents = json.loads(key.unseal(row.sealed)) | {"officer": authority.officer}
            row.sealed = key.seal(json.dumps(contents).encode())
            _put_authority(row, authority)
        row.expires_at = until(expires_at, current.now, authority or _authority(row))
        current.session.add(row)
        _record(current, row, "renewed")
        return row.expires_at


def stop(desk: Desk, officer: Officer, rule_id: UUID) -> None:
    """Stop a rule at once; what it found stays for as long as its purpose allows.

    Raises:
        NotAllowed: the officer is neither supervisor nor administrator.
        RuleError: it has ended already, or there is none.
    """
    require_role(officer, DECIDERS, "stop a listening rule")
    with desk.store.transaction(officer.actor, "a listening rule is stopped") as current:
        _end(current, _running_row(desk, current, rule_id), STOPPED)


def stop_ended(desk: Desk, actor: Actor) -> int:
    """Close every rule whose time is over, and return how many; harmless to repeat.

    A rule past its time collects nothing whether or not this has run: `found.require_running`
    refuses each page. This writes the end down.
    """
    now = desk.clock.now()
    ended = (
        ListeningRule.force_id == desk.force.id,
        col(ListeningRule.stopped_at).is_(None),
        ListeningRule.expires_at <= now,
    )
    with desk.store.reading() as session:
        if session.exec(select(ListeningRule.id).where(*ended)).first() is None:
            return 0
    with desk.store.transaction(actor, "the rule's time is over") as current:
        rows = current.session.exec(select(ListeningRule).where(*ended).with_for_update()).all()
        for row in rows:
            _end(current, row, EXPIRED)
        return len(rows)


def _require_searchable(account: Account, terms: Sequence[str]) -> None:
    search = capabilities_of(account.channel).search
    if search is None:
        raise RuleError(
            f"The network of {account.id} cannot be searched.",
            todo="Listen on an account whose channel can.",
        )
    length = len(search.query(terms))
    if length > search.limit:
        raise RuleError(
            f"The terms make a search of {length} characters; the network takes {search.limit}.",
            todo="Use fewer or shorter terms.",
        )


def _contents(rule: Allowed) -> bytes:
    officer = rule.authority.officer if rule.authority else ""
    return json.dumps({"terms": rule.terms, "purpose": rule.purpose, "officer": officer}).encode()


def _put_authority(row: ListeningRule, authority: Authority | None) -> None:
    if authority is not None:
        row.authority = authority.reference.strip()
        row.authority_form, row.authority_rank = authority.form.value, authority.rank.value
        row.authority_until = authority.expires_at


def _authority(row: ListeningRule) -> Authority | None:
    """Return what bounds a rule's time; who gave it lies sealed and is not needed for that."""
    if row.authority is None or row.authority_until is None:
        return None
    return Authority(
        reference=row.authority,
        officer="",
        rank=Rank(row.authority_rank or Rank.SUPERINTENDENT),
        form=Form(row.authority_form or Form.WRITTEN),
        granted_at=row.begun_at,
        expires_at=row.authority_until,
    )


def _running_row(desk: Desk, current: Transaction, rule_id: UUID) -> ListeningRule:
    row = current.session.exec(
        select(ListeningRule)
        .where(ListeningRule.id == rule_id, ListeningRule.force_id == desk.force.id)
        .with_for_update()
    ).first()
    if row is None:
        raise RuleError(f"{desk.force.name} has no listening rule {rule_id}.")
    if row.stopped_at is not None or row.expires_at <= current.now:
        raise RuleError(
            "This listening rule has ended.", todo="Begin a new one, with its own assessment."
        )
    return row


def _end(current: Transaction, row: ListeningRule, because: str) -> None:
    row.stopped_at = current.now if because == STOPPED else row.expires_at
    row.stopped_because = because
    current.session.add(row)
    for table in (StreamState, CoverageGap):
        current.session.connection().execute(
            delete(table).where(col(table.stream) == stream_of(row.id))
        )
    _record(current, row, because)


def _record(current: Transaction, row: ListeningRule, change: str) -> None:
    authority = {
        "authority": row.authority,
        "form": row.authority_form,
        "rank": row.authority_rank,
    }
    current.record(
        Action.CONFIGURATION,
        f"listening:{row.id}",
        details={
            "change": change,
            "account": row.account_id,
            "assessment": row.assessment,
            "until": entry_time(row.expires_at),
            "names_someone": row.names_someone,
        }
        | {name: value for name, value in authority.items() if value is not None},
    )
