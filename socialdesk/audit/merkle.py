"""The Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1, pure: hashes in, hashes and verdicts out.

A tree over n entries is kept as its full subtrees. Node (level, position) is the root over the
2^level entries from position · 2^level on. A full node never changes, so appending touches only
the right edge and every proof needs O(log n) nodes.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

ReadNode = Callable[[int, int], bytes]
"""Returns the hash of full node (level, position)."""


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Return the hash of each entry, in order."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def paired(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the level above `hashes`: one hash for each two; an odd last one is left out."""
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs)]  # noqa: B905 pairs of one iterator: an odd last hash is meant to fall out


def root_over(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, or over equal full subtrees: an odd last one moves up."""
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) & 1 else []
        level = paired(level) + odd
    return level[0] if level else EMPTY_ROOT


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over subtrees given left to right, each larger than the next."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def range_root(start: int, end: int, read: ReadNode) -> bytes:
    """Return the root over entries [start, end), where start is aligned as in RFC 6962 proofs."""
    hashes = []
    while start < end:
        largest = (end - start).bit_length() - 1
        aligned = (start & -start).bit_length() - 1 if start else largest
        level = min(largest, aligned)
        hashes.append(read(level, start >> level))
        start += 1 << level
    return fold(hashes)


def tree_root(size: int, read: ReadNode) -> bytes:
    """Return the root of the tree over the first `size` entries."""
    return range_root(0, size, read)


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, read: ReadNode) -> list[bytes]:
    """Return the sibling hashes that tie entry `index` to the root at `size`, leaf to root.

    Raises:
        IndexError: the tree of that size has no such entry.
    """
    if not 0 <= index < size:
        raise IndexError(f"entry {index} is not in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_root(middle, end, read))
            end = middle
        else:
            proof.append(range_root(start, middle, read))
            start = middle
    return proof[::-1]


def consistency_proof(first: int, second: int, read: ReadNode) -> list[bytes]:
    """Return the hashes that tie the tree of size `first` to that of size `second` (RFC 6962).

    Raises:
        ValueError: unless 0 <= first <= second. From size 0 the proof is empty and proves nothing.
    """
    if not 0 <= first <= second:
        raise ValueError(f"no consistency proof from size {first} to {second}")
    if first in {0, second}:
        return []
    proof: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(range_root(middle, end, read))
            end = middle
        else:
            proof.append(range_root(start, middle, read))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(start, end, read))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Say whether `proof` ties the leaf hash at `index` to `root` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        return False
    position, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            current = node_hash(sibling, current)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and current == root


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Say whether the tree of size `second` extends that of size `first` (RFC 9162 §2.1.4.2).

    From size 0 only the empty proof from the empty root is accepted; it proves nothing.
    """
    if not 0 <= first <= second or not _all_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _all_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
