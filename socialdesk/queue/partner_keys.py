"""A partner's keys: making one, ending one. Two are good at a time, so that none goes without."""

import secrets
from io import StringIO

from pydantic import SecretStr
from ruamel.yaml import YAML

from socialdesk.audit.entry import Action
from socialdesk.channels.partner.keys import MOST_KEYS, PartnerKey, PartnerKeys
from socialdesk.core.errors import ConfigError, RuleError
from socialdesk.core.force import Partner
from socialdesk.core.home import write_private
from socialdesk.queue.desk import Desk
from socialdesk.queue.partners import keys_of, keys_path

SECRET_BYTES = 32


def partner_named(desk: Desk, partner_id: str) -> Partner:
    """Return one of the force's partners.

    Raises:
        ConfigError: the force has no partner of that id.
    """
    for partner in desk.force.partners:
        if partner.id == partner_id:
            return partner
    raise ConfigError(
        f"{desk.force.name} has no partner {partner_id!r}.",
        todo="Add it under partners in the force's file.",
    )


def key_names(desk: Desk, partner: Partner) -> list[str]:
    """Return the names of a partner's keys, oldest first."""
    return [key.id for key in _held(desk, partner)]


def new_key(desk: Desk, partner: Partner) -> PartnerKey:
    """Make a key and return it; the one before it stays good until it is ended.

    Raises:
        RuleError: the partner has two keys already.
    """
    held = _held(desk, partner)
    if len(held) >= MOST_KEYS:
        raise RuleError(
            f"{partner.name} has {len(held)} keys already: {', '.join(key.id for key in held)}.",
            todo="End the older one first: socialdesk partner end-key.",
        )
    name = f"{desk.clock.now():%Y%m%d}-{secrets.token_hex(2)}"
    made = PartnerKey(id=name, secret=SecretStr(secrets.token_urlsafe(SECRET_BYTES)))
    _change(desk, partner, (*held, made), {"key": made.id, "change": "made"})
    return made


def end_key(desk: Desk, partner: Partner, name: str) -> None:
    """End a key.

    Raises:
        RuleError: the partner has no such key.
    """
    held = _held(desk, partner)
    left = tuple(key for key in held if key.id != name)
    if len(left) == len(held):
        raise RuleError(f"{partner.name} has no key {name!r}.")
    _change(desk, partner, left, {"key": name, "change": "ended"})


def _held(desk: Desk, partner: Partner) -> tuple[PartnerKey, ...]:
    return keys_of(desk, partner).keys if keys_path(desk, partner).exists() else ()


def _change(
    desk: Desk, partner: Partner, keys: tuple[PartnerKey, ...], details: dict[str, str]
) -> None:
    """Record the change and write the file, in that order: no key is good without its entry."""
    PartnerKeys(keys=keys)
    with desk.store.transaction(desk.service("desk"), "a partner's keys") as current:
        current.record(Action.CONFIGURATION, f"partner:{partner.id}", details=dict(details))
    text = StringIO()
    YAML().dump(
        {"keys": [{"id": key.id, "secret": key.secret.get_secret_value()} for key in keys]}, text
    )
    write_private(keys_path(desk, partner), text.getvalue().encode())
