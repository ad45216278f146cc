"""What reaches a real terminal: no order from a message, and a clean terminal at the end."""

import signal
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlmodel import select as choose

from socialdesk.audit.entry import Action
from socialdesk.channels.base import Stream
from socialdesk.store.tables import LogEntry
from tests import ptys
from tests.desks import hear, make_desk, make_officer, post
from tests.ptys import Pty

HOSTILE = {
    "escape": "red \x1b[31;45mPWNED\x1b[0m end",
    "clipboard": "clip \x1b]52;c;ZXZpbA==\x07 end",
    "title": "title \x1b]2;PWNED\x07 end",
    "c1": "c one \x9b31mPWNED\x9d0;x\x9c end",
    "bidi": "turn \u202eround\u2066 end",
    "hidden": "zero\u200bwidth\u2060 end",
    "markup": "[/] [bold]loud[/bold] [@click=app.quit]press[/] end",
    "zalgo": "z" + "\u0335\u0336\u0337\u0338\u0321\u0322\u0327" * 20 + " end",
    "surrogate": "lone \ud83d end",
    "emoji": "wide 🚔👮🏽‍♀️🏴󠁧󠁢󠁥󠁮󠁧󠁿 end",
    "arabic": "النجدة من فضلك end",
    "flood": "long " * 2000,
}
ORDERS = (
    b"\x1b[31;45m", b"\x1b]52", b"\x1b]2;PWNED", b"\xc2\x9b", b"\xc2\x9d", b"\xc2\x9c",
    "\u202e".encode(), "\u2066".encode(), "\u200b".encode(), "\u2060".encode(), b"\xed\xa0",
)  # fmt: skip


def running(home: Path, **environment: str) -> AbstractContextManager[Pty]:
    """Run the desk in a pseudo-terminal."""
    return ptys.running(["-m", "tests.tui.desk_in_pty", str(home)], **environment)


@pytest.mark.e2e
def test_no_order_from_a_message_reaches_the_terminal(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    make_officer(desk)
    hear(
        desk, *(post(text, handle=f"h_{name}", stream=Stream.DMS) for name, text in HOSTILE.items())
    )
    hear(
        desk,
        post("knife \x1b]52;c;ZXZpbA==\x07 [@click=app.quit]x[/]", handle="\x1b[31;45mjo\u202e"),
    )
    with running(tmp_path) as at:
        at.read("@h_es")
        at.read()
        at.press(b"j\r")
        for _row in HOSTILE:
            at.read()
            at.press(b"\t\tj\r")
        at.read()
        at.press(b"r")
        at.read("Reply to")
        at.press(b"\x1b[200~paste \x1b]52;c;ZXZpbA==\x07 \xe2\x80\xae[/]\x1b[201~")
        at.read("paste")
        at.press(b"\x13")
        at.read("Review before sending")
        for order in ORDERS:
            assert order not in at.written, order
        assert b"\xe2\x90\x9b" in at.written
        at.press(b"p")
        at.read("Your draft is kept")
        assert at.program.poll() is None


@pytest.mark.e2e
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_clean_and_the_session_ended(
    tmp_path: Path, ending: signal.Signals
) -> None:
    desk = make_desk(tmp_path)
    make_officer(desk)
    hear(desk, post("hello there"))
    with running(tmp_path) as at:
        at.read("hello there")
        at.program.send_signal(ending)
        at.read(b"\x1b[?1049l")
        assert at.program.wait(timeout=10) == 0
        assert b"\x1b[?1000l" in at.written
    with desk.store.reading() as session:
        bodies = session.exec(choose(LogEntry.body)).all()
    assert any(f'"{Action.SIGN_OUT.value}"'.encode() in body for body in bodies)


@pytest.mark.e2e
def test_no_color_is_honoured(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    make_officer(desk)
    hear(desk, post("he has a knife"))
    with running(tmp_path, NO_COLOR="1") as at:
        at.read("IMMEDIATE")
        at.read()
        assert b"38;2;" not in at.written
        assert b"48;2;" not in at.written
