"""Log lines: JSON with every control character escaped, so that no message can forge a line."""

import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog


def log_to(target: Path | None) -> None:
    """Send log lines to a file (appended), or to standard error when `target` is None."""
    stream: TextIO = sys.stderr
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = target.open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
