import json
from pathlib import Path

import structlog

from socialdesk.core.logs import log_to


def test_a_message_cannot_forge_a_log_line_or_reach_a_terminal(tmp_path: Path) -> None:
    log_to(tmp_path / "a.log")
    hostile = 'x\n{"event": "all is well"}\r\x1b[2J\u202e\x9b'
    structlog.get_logger().warning("poll failed", problem=hostile)
    raw = (tmp_path / "a.log").read_bytes()
    assert raw.count(b"\n") == 1
    assert all(0x20 <= byte < 0x7F for byte in raw.strip())
    assert json.loads(raw)["problem"] == hostile
