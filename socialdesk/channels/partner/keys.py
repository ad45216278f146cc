"""A partner's keys: at most two are good at a time, so that one can follow the other."""

from pydantic import Field, SecretStr

from socialdesk.core.errors import ConfigError
from socialdesk.core.force import Strict

MOST_KEYS = 2
SECRET_LENGTH = 32
"""Characters a secret has at least; those made by socialdesk hold 256 random bits."""


class PartnerKey(Strict):
    """One key: its name travels with each request, its secret never."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$", examples=["2026a"])
    secret: SecretStr


class PartnerKeys(Strict):
    """What `secrets/PARTNER.yaml` in the home folder holds."""

    keys: tuple[PartnerKey, ...] = Field(max_length=MOST_KEYS)

    def secret(self, key: str) -> str | None:
        """Return the secret of one key; None where the partner has no such key."""
        for held in self.keys:
            if held.id == key:
                return held.secret.get_secret_value()
        return None


def require_sound(keys: PartnerKeys, where: str) -> None:
    """Refuse keys that are too short or share a name, without showing any of them.

    Raises:
        ConfigError: naming the file and the key.
    """
    names = [key.id for key in keys.keys]
    if len(set(names)) != len(names):
        raise ConfigError(
            f"{where}: two keys are called {names[0]!r}.", todo="Give each a name of its own."
        )
    for key in keys.keys:
        secret = key.secret.get_secret_value()
        if len(secret) < SECRET_LENGTH or not secret.isascii():
            raise ConfigError(
                f"{where}: the secret of key {key.id!r} is shorter than {SECRET_LENGTH} characters "
                "or not plain ASCII.",
                todo="Let `socialdesk partner new-key` make one.",
            )
