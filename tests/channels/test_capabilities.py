"""What each network can do is data, and what the administrator reads of it is the same."""

import re
from pathlib import Path

import pytest

from socialdesk.channels.base import Stream
from socialdesk.channels.registry import capabilities_of
from socialdesk.simulator.server import NETWORKS

TABLE = Path(__file__).parents[2] / "docs" / "configuration.md"
SAID = {
    frozenset[Stream](): "none",
    frozenset((Stream.MENTIONS,)): "replies",
    frozenset((Stream.MENTIONS, Stream.DMS)): "both",
}


def row_of(channel: str) -> list[str]:
    """Return the row that the table of networks has for a channel."""
    table = TABLE.read_text("utf-8").partition("| channel | reply, longest |")[2]
    (line,) = [line for line in table.splitlines() if line.startswith(f"| `{channel}` |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.mark.parametrize("channel", NETWORKS)
def test_the_guide_says_what_the_network_can_do(channel: str) -> None:
    able = capabilities_of(channel)
    reply, message, sends, *kinds = row_of(channel)
    assert reply.startswith(str(able.text_limit[Stream.MENTIONS]))
    assert message.startswith(str(able.text_limit[Stream.DMS]))
    told = {int(number) for number in re.findall(r"\d+", sends)}
    limits = able.send_limits.values()
    assert told == {n for of in limits for n in (of.count, int(of.seconds // 60))}
    assert kinds == [SAID[able.edits], SAID[able.deletes], SAID[able.media]]


@pytest.mark.parametrize("channel", NETWORKS)
def test_nothing_is_said_of_a_stream_that_the_network_does_not_have(channel: str) -> None:
    able = capabilities_of(channel)
    assert able.name == channel
    assert able.streams >= {
        *able.text_limit, *able.reads_before, *able.horizons, *able.depths,
        *able.send_limits, *able.reply_rules, *able.edits, *able.deletes, *able.media,
    }  # fmt: skip
