"""What every sub-command starts from: the settings, with the home folder of the command line."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from socialdesk.core.settings import Settings, load_settings
from socialdesk.core.text import visible

_chosen: dict[str, Path] = {}


def use_home(home: Path | None) -> None:
    """Remember the home folder given on the command line."""
    if home is not None:
        _chosen["home"] = home


def settings(home: Path | None = None) -> Settings:
    """Return the settings, with the home folder of the sub-command or of the command line.

    Raises:
        ConfigError: a SOCIALDESK_ variable is wrong.
    """
    return load_settings(home or _chosen.get("home"))


def say(step: str) -> None:
    """Show one step of what is being done."""
    Console(stderr=True, highlight=False).print(Text(f"• {visible(step)}"), soft_wrap=True)
