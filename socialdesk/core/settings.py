"""Settings of one installation, from the environment (prefix SOCIALDESK_) and the command line."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from socialdesk.core.errors import ConfigError
from socialdesk.core.home import Home
from socialdesk.core.shipped import shipped


class Settings(BaseSettings):
    """Where this desk keeps its state and which force it serves."""

    model_config = SettingsConfigDict(env_prefix="SOCIALDESK_", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("socialdesk"))
    force: str | None = None
    config: Path | None = None
    database_url: str | None = None
    master_key_from: Literal["file", "environment", "keyring"] = "file"

    @property
    def folder(self) -> Home:
        """The home folder."""
        return Home(self.home.expanduser().resolve())

    @property
    def config_folder(self) -> Path:
        """The configuration in force: as set, else the home's own, else as shipped."""
        if self.config is not None:
            return self.config
        own = self.folder.config
        return own if own.is_dir() else shipped("config")

    @property
    def database(self) -> str:
        """The database's URL; SQLite in the home folder unless set."""
        return self.database_url or f"sqlite:///{self.folder.database}"


def load_settings(home: Path | None = None) -> Settings:
    """Return the settings, with `home` over the environment where given.

    Raises:
        ConfigError: a SOCIALDESK_ variable is wrong.
    """
    try:
        return Settings() if home is None else Settings(home=home)
    except ValidationError as error:
        detail = error.errors()[0]
        name = "_".join(str(part) for part in detail["loc"]).upper()
        raise ConfigError(f"SOCIALDESK_{name}: {detail['msg']}.") from error
