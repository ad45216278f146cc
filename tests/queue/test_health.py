from datetime import timedelta

from socialdesk.core.clock import SetClock
from socialdesk.queue.coverage import CursorMove
from socialdesk.queue.desk import Desk
from socialdesk.queue.health import read_health
from socialdesk.queue.intake import take_in


def completed_walk(desk: Desk, stream: str) -> None:
    move = CursorMove(None, desk.clock.now())
    take_in(desk, desk.service("ingest"), desk.force.accounts[0], stream, [], (), move)


def test_a_stream_never_read_is_said_to_be_so(desk: Desk) -> None:
    assert all(stream.never_read for stream in read_health(desk).streams)
    assert not read_health(desk).well


def test_a_stream_read_on_time_is_not_blind(desk: Desk) -> None:
    for stream in ("mentions", "dms"):
        completed_walk(desk, stream)
    assert read_health(desk).well


def test_a_stream_that_falls_behind_is_blind_since_its_last_completed_walk(
    desk: Desk, clock: SetClock
) -> None:
    for stream in ("mentions", "dms"):
        completed_walk(desk, stream)
    read_at = clock.now()
    clock.advance(timedelta(minutes=5).total_seconds())
    completed_walk(desk, "dms")
    found = {stream.stream: stream.blind_since for stream in read_health(desk).streams}
    assert found == {"mentions": read_at, "dms": None}


def test_entries_without_a_signed_checkpoint_are_counted(desk: Desk) -> None:
    desk.signer().sign(desk.store)
    before = read_health(desk)
    completed_walk(desk, "dms")
    assert before.signed_size == before.log_size
