"""A force's configuration: its accounts, services and wording, in one file that the force edits."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationInfo, field_validator

from socialdesk.core.config_file import load_config
from socialdesk.core.errors import ConfigError
from socialdesk.core.text import file_stem

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Strict(BaseModel):
    """A part of a configuration file: unknown keys are mistakes, not extras."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Account(Strict):
    """The force's own presence on a channel.

    `base_url` None means the network's own host. `settle_seconds` is how long after a doubtful
    send the network is given to show the post, before its absence counts as proven.
    `monthly_reads` is how many messages the network's plan lets the account read in a month.
    """

    id: Slug = Field(examples=["northshire-x"])
    channel: Slug = Field(examples=["x"])
    handle: str = Field(min_length=1, max_length=80, examples=["NorthshirePolice"])
    base_url: str | None = Field(default=None, examples=["https://api.x.com"])
    streams: tuple[Slug, ...] = Field(default=("mentions", "dms"), examples=["[mentions, dms]"])
    poll_seconds: float = Field(default=60.0, ge=0.2, le=3600, examples=["60"])
    timeout_seconds: float = Field(default=20.0, gt=0, le=120, examples=["20"])
    settle_seconds: float = Field(default=20.0, ge=0, le=600, examples=["20"])
    monthly_reads: int | None = Field(default=None, ge=1, examples=["10000"])

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None:
            HttpUrl(url)
        return url


class Disposition(Strict):
    """One way in which a contact may end, with its NSIR slug."""

    id: Slug = Field(examples=["advice_given"])
    label: str = Field(min_length=1, examples=["Advice given"])
    nsir: Slug = Field(default="contact_record", examples=["contact_record"])


class Destination(Strict):
    """Someone who can act: where an escalation goes."""

    id: Slug = Field(examples=["dispatch"])
    label: str = Field(min_length=1, examples=["Control room dispatch"])


class Template(Strict):
    """A reply the force has approved, ready to be adapted."""

    id: Slug = Field(examples=["move_to_dm"])
    label: str = Field(min_length=1, examples=["Move to direct message"])
    text: str = Field(min_length=1, examples=["Please send us a direct message."])


class WitnessAddress(Strict):
    """Someone outside who countersigns the audit log's checkpoints (C2SP tlog-witness).

    `key` is their verifier key, name+id+base64, as they publish it.
    """

    id: Slug = Field(examples=["oversight"])
    url: HttpUrl = Field(examples=["https://witness.oversight.example"])
    key: str = Field(min_length=8, examples=["witness.oversight.example+1a2b3c4d+BAsO..."])


class Force(Strict):
    """A police force: the tenant, with its own accounts, wording and audit log."""

    id: Slug = Field(examples=["northshire"])
    name: str = Field(min_length=1, max_length=120, examples=["Northshire Police"])
    log_origin: str = Field(
        pattern=r"^[^\s+]+$", max_length=200, examples=["socialdesk.northshire.example/audit/1"]
    )
    accounts: tuple[Account, ...] = Field(min_length=1)
    dispositions: tuple[Disposition, ...] = Field(min_length=1)
    destinations: tuple[Destination, ...] = Field(min_length=1)
    templates: tuple[Template, ...] = ()
    claim_seconds: float = Field(default=600.0, ge=30, le=7200, examples=["600"])
    witnesses: tuple[WitnessAddress, ...] = ()
    quorum: int = Field(default=0, ge=0, examples=["2"])
    fsck_at: str = Field(default="02:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["02:30"])
    published: Path | None = Field(default=None, examples=["/srv/audit"])

    @field_validator("quorum")
    @classmethod
    def _reachable(cls, quorum: int, info: ValidationInfo) -> int:
        if quorum > len(info.data.get("witnesses", ())):
            raise ValueError("more witnesses are demanded than are listed")
        return quorum

    @field_validator("accounts", "dispositions", "destinations", "templates", "witnesses")
    @classmethod
    def _no_twins(cls, parts: tuple[Account, ...]) -> tuple[Account, ...]:
        ids = [part.id for part in parts]
        twins = sorted({part for part in ids if ids.count(part) > 1})
        if twins:
            raise ValueError(f"the id {', '.join(twins)} is used more than once")
        return parts

    def account(self, account_id: str) -> Account:
        """Return one of the force's accounts.

        Raises:
            ConfigError: the force has no account of that id.
        """
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise ConfigError(
            f"{self.name} has no account {account_id!r}.",
            todo="Add it under accounts in the force's file, or close what still refers to it.",
        )


def load_force(config: Path, force_id: str | None) -> Force:
    """Return the force whose file lies in `config`/forces; the only one where no id is given.

    Raises:
        ConfigError: no such file, several and none named, or a file that breaks the rules.
    """
    folder = config / "forces"
    if force_id is not None:
        return load_config(folder / f"{file_stem(force_id)}.yaml", Force)
    found = sorted(folder.glob("*.yaml"))
    if len(found) == 1:
        return load_config(found[0], Force)
    names = ", ".join(path.stem for path in found) or "none"
    raise ConfigError(
        f"{folder}: expected one force file, found {names}.",
        todo="Name the force with SOCIALDESK_FORCE, for example SOCIALDESK_FORCE=northshire.",
    )
