"""Witnesses on this machine, listening over HTTP, for any test that needs a desk with some."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from socialdesk.audit.cosigning import WitnessKey
from socialdesk.audit.keys import load_service_key
from socialdesk.audit.witness import Witness
from socialdesk.audit.witness_server import serve_witness
from socialdesk.core.force import WitnessAddress
from socialdesk.queue.desk import Desk


@contextmanager
def serving(witness: Witness) -> Iterator[WitnessKey]:
    """Let a witness listen, and lend what a desk must know of it."""
    server = serve_witness(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield WitnessKey("w", f"http://127.0.0.1:{server.server_port}", witness.public)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def witnesses_of(desk: Desk, folder: Path, names: Sequence[str]) -> Iterator[list[WitnessKey]]:
    """Let witnesses of these names listen for a desk's log."""
    keys = {desk.log.origin: list(desk.signer().keys.public)}
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(
                    Witness(
                        f"{name}.example/w",
                        load_service_key(folder / name / "witness.key"),
                        folder / name,
                        keys,
                        desk.clock,
                    )
                )
            )
            for name in names
        ]


def with_witnesses(desk: Desk, known: Sequence[WitnessKey], quorum: int) -> Desk:
    """Return the desk as its force's file would make it with these witnesses."""
    listed = tuple(
        WitnessAddress.model_validate({"id": f"w{n}", "url": one.url, "key": str(one.key)})
        for n, one in enumerate(known)
    )
    changed = desk.force.model_copy(update={"witnesses": listed, "quorum": quorum})
    return replace(desk, force=changed)
