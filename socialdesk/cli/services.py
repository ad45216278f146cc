"""`socialdesk run` and the services it supervises."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from socialdesk.cli.context import say, settings
from socialdesk.core.lock import only_one
from socialdesk.core.logs import log_to
from socialdesk.core.processes import stop_event
from socialdesk.core.settings import Settings
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
    from socialdesk.classify.locate import load_tiers  # noqa: PLC0415 only this service needs it
    from socialdesk.classify.tiers import TwoTiers  # noqa: PLC0415 the same
    from socialdesk.ingest.rereader import Rereader  # noqa: PLC0415 the same
    from socialdesk.ingest.service import run_ingest  # noqa: PLC0415 the same

    stop = stop_event(lifeline=lifeline)
    chosen = settings()
    log_to(None)
    with only_one(chosen.folder.root / "ingest.lock", "The ingest service"):
        desk, tiers = open_desk(chosen), load_tiers(lexicon=_lexicon(chosen))
        if isinstance(tiers, TwoTiers):
            again = Rereader(desk, desk.service("ingest"), tiers)
            run_ingest(desk, tiers.fast, stop, again)
        else:
            run_ingest(desk, tiers, stop)


def outbox(lifeline: Lifeline = False) -> None:
    """Send queued replies, until stopped."""
    from socialdesk.outbox.service import run_outbox  # noqa: PLC0415 only this service needs it

    stop = stop_event(lifeline=lifeline)
    chosen = settings()
    log_to(None)
    with only_one(chosen.folder.root / "outbox.lock", "The outbox"):
        run_outbox(open_desk(chosen), stop)


def _lexicon(chosen: Settings) -> Path | None:
    """Return the force's own danger phrases, where it keeps some."""
    own = chosen.config_folder / "lexicon.yaml"
    return own if own.exists() else None
