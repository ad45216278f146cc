"""Who may decide on a contact's record, and under which authority: roles and references."""

import re

from socialdesk.core.errors import NotAllowed, RuleError
from socialdesk.queue.people import Officer, Role

DECIDERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_:()-]{1,79}")


def require_role(officer: Officer, roles: tuple[Role, ...], act: str) -> None:
    """Refuse an act to anyone whose role does not carry it.

    Raises:
        NotAllowed: this person's role is another.
    """
    if officer.actor.role not in roles:
        names = " or ".join(roles)
        raise NotAllowed(
            f"{officer.name} may not {act}: it needs the role of {names}.",
            todo="Ask someone who has it.",
        )


def checked_reference(reference: str) -> str:
    """Return an authority's reference, fit to stand in the log for ever.

    Raises:
        RuleError: it is empty, or holds more than a reference needs.
    """
    trimmed = reference.strip()
    if not _REFERENCE.fullmatch(trimmed):
        raise RuleError(
            "An authority is a reference of 2 to 80 letters, digits, spaces and ./_:()-",
            todo="Give the reference alone, for example DPO/2026/114; never a name.",
        )
    return trimmed
