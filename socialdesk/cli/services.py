"""`socialdesk run` and the services it supervises."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.cli.context import own_lexicon, say, settings
from socialdesk.core.lock import only_one
from socialdesk.core.logs import log_to
from socialdesk.core.processes import stop_event
from socialdesk.core.supervise import Service, Supervisor
from socialdesk.ingest.evidence import sign
from socialdesk.queue.desk import open_desk

Lifeline = Annotated[bool, typer.Option("--lifeline", hidden=True)]


def run(
    home: Annotated[Path | None, typer.Option("--home", help="Where its state lives.")] = None,
) -> None:
    """Run the pollers, the classifier and the outbox until stopped (Ctrl+C)."""
    chosen = settings(home)
    desk = open_desk(chosen)
    log_to(chosen.folder.logs / "run.log")
    where = ("--home", str(chosen.folder.root))
    with only_one(chosen.folder.root / "run.lock", "socialdesk run", wait_seconds=2):
        tree = Supervisor(
            [Service("ingest", (*where, "ingest")), Service("outbox", (*where, "outbox"))],
            chosen.folder.logs,
        )
        stop: threading.Event = stop_event(lifeline=False)
        tree.start()
        say(f"{desk.force.name}: pollers and outbox run. Logs: {chosen.folder.logs}")
        say("Open a desk in another terminal with: socialdesk desk LOGIN. Stop with Ctrl+C.")
        stop.wait()
        tree.stop()
        sign(desk)


def ingest(lifeline: Lifeline = False) -> None:
    """Poll, classify and take in, until stopped."""
    from socialdesk.classify.locate import load_model  # noqa: PLC0415 only this service needs it
    from socialdesk.ingest.service import run_ingest  # noqa: PLC0415 the same

    stop = stop_event(lifeline=lifeline)
    chosen = settings()
    log_to(None)
    with only_one(chosen.folder.root / "ingest.lock", "The ingest service"):
        run_ingest(open_desk(chosen), load_model(lexicon=own_lexicon(chosen)), stop)


def outbox(lifeline: Lifeline = False) -> None:
    """Send queued replies, until stopped."""
    from socialdesk.outbox.service import run_outbox  # noqa: PLC0415 only this service needs it

    stop = stop_event(lifeline=lifeline)
    chosen = settings()
    log_to(None)
    with only_one(chosen.folder.root / "outbox.lock", "The outbox"):
        run_outbox(open_desk(chosen), stop)
