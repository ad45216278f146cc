"""One command, `socialdesk`, with sub-commands."""

from socialdesk.cli.app import main

__all__ = ["main"]
