"""What remains of an erased message's network id: enough to know it again, not to find it."""

from socialdesk.queue.desk import Desk

MARK = "erased:"


def tombstone(desk: Desk, account_id: str, remote_id: str) -> str:
    """Return the keyed hash that stands in the place of an erased message's network id.

    Re-reading the network meets the message again; intake knows it by this and leaves it out. The
    id itself would lead anyone to the public post and its author, so it is not kept.
    """
    return MARK + desk.vault.lookup(f"erased:{account_id}", remote_id).hex()
