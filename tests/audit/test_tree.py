from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from socialdesk.audit.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_over,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from socialdesk.audit.tiles import TILE, Edge, TileNodes, tile_path, tile_widths
from tests.audit.logs import Book, fill

SIZES = st.integers(1, 700)


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_consistency(first: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962 §2.1.2, word for word."""
    if first == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if first <= split:
        return [*naive_consistency(first, leaves[:split], whole), naive_root(leaves[split:])]
    inner = naive_consistency(first - split, leaves[split:], whole=False)
    return [*inner, naive_root(leaves[:split])]


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(size)]


def tiled(size: int) -> TileNodes:
    """Read nodes from tiles as an appended log of `size` would keep them."""
    edge, tiles = Edge(), {}
    leaves = leaves_of(size)
    for leaf in leaves:
        for level, position, hashes in edge.append(leaf):
            tiles[level, position] = list(hashes)
    for level, position, hashes in edge.open_tiles():
        tiles[level, position] = list(hashes)
    tiles[0, size // TILE] = leaves[size // TILE * TILE :]
    assert edge.root() == naive_root(leaves)
    return TileNodes(lambda level, position: tiles.get((level, position), []))


@settings(max_examples=40)
@given(SIZES, st.data())
def test_proofs_from_tiles_equal_the_naive_reference(size: int, data: st.DataObject) -> None:
    leaves, read = leaves_of(size), tiled(size)
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    root = naive_root(leaves)
    assert tree_root(size, read) == root == root_over(leaves)
    path = inclusion_proof(index, size, read)
    assert path == naive_path(index, leaves)
    assert verify_inclusion(leaves[index], index, size, path, root)
    proof = consistency_proof(first, size, read)
    assert proof == naive_consistency(first, leaves)
    assert verify_consistency(first, size, proof, naive_root(leaves[:first]), root)


@settings(max_examples=40)
@given(st.integers(2, 300), st.data())
def test_no_altered_proof_is_accepted(size: int, data: st.DataObject) -> None:
    leaves, read = leaves_of(size), tiled(size)
    root = naive_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(index, size, read)
    other = data.draw(st.integers(0, size - 1).filter(lambda value: value != index))
    assert not verify_inclusion(leaves[other], index, size, path, root)
    assert not verify_inclusion(leaves[index], index, size, [*path, root], root)
    assert not verify_inclusion(leaves[index], index, size, path[:-1], root)
    assert not verify_inclusion(leaves[index], size, size, path, root)
    place, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
    spoilt = bytearray(path[place])
    spoilt[bit // 8] ^= 1 << bit % 8
    changed = [*path[:place], bytes(spoilt), *path[place + 1 :]]
    assert not verify_inclusion(leaves[index], index, size, changed, root)


@pytest.mark.parametrize("first", [1, 255, 256, 257, 300, 511, 512, 65_535, 65_536, 65_537])
def test_trees_that_span_several_tiles_prove_too(first: int) -> None:
    size = 65_900
    leaves, read = leaves_of(size), _big()
    root = root_over(leaves)
    path = inclusion_proof(first, size, read)
    assert verify_inclusion(leaves[first], first, size, path, root)
    proof = consistency_proof(first, size, read)
    assert verify_consistency(first, size, proof, root_over(leaves[:first]), root)


_kept: list[TileNodes] = []


def _big() -> TileNodes:
    if not _kept:
        edge, tiles = Edge(), {}
        leaves = leaves_of(65_900)
        for leaf in leaves:
            for level, position, hashes in edge.append(leaf):
                tiles[level, position] = list(hashes)
        for level, position, hashes in edge.open_tiles():
            tiles[level, position] = list(hashes)
        tiles[0, 65_900 // TILE] = leaves[65_900 // TILE * TILE :]
        _kept.append(TileNodes(lambda level, position: tiles.get((level, position), [])))
    return _kept[0]


def test_a_proof_from_nothing_proves_nothing_and_must_be_empty() -> None:
    root = leaf_hash(b"x")
    assert verify_consistency(0, 1, [], EMPTY_ROOT, root)
    assert not verify_consistency(0, 1, [root], EMPTY_ROOT, root)
    assert not verify_consistency(0, 1, [], root, root)


def test_tile_paths_take_every_published_form() -> None:
    assert tile_path(0, 0) == "tile/0/000"
    assert tile_path(1, 7, 3) == "tile/1/007.p/3"
    assert tile_path(None, 1000) == "tile/entries/x001/000"
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(2, 999, 255) == "tile/2/999.p/255"


@given(st.integers(0, 10**8))
def test_tile_widths_follow_the_published_formula(size: int) -> None:
    for level, full, part in tile_widths(size):
        assert full == size // 256 ** (level + 1)
        assert part == size // 256**level % 256


def test_a_proof_reads_a_handful_of_tiles_however_long_the_log(book: Book) -> None:
    counts = {}
    for power in (3, 4, 5):
        size = 10**power + 77
        with book.store.engine.connect() as connection, connection.begin() as scratch:
            for table in ("log_entry", "log_tile", "log_head"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
            fill(connection, book.log, size)
            root = book.log.root(connection, size)
            statements: list[str] = []

            def note(*args: object, into: list[str] = statements) -> None:
                into.append(str(args[2]))

            event.listen(book.store.engine, "before_cursor_execute", note)
            path = book.log.inclusion_proof(connection, size // 3, size)
            event.remove(book.store.engine, "before_cursor_execute", note)
            body = book.log.entry(connection, size // 3)
            assert verify_inclusion(leaf_hash(body), size // 3, size, path, root)
            counts[power] = len(statements)
            scratch.rollback()
    assert counts[5] <= counts[3] + 2
    assert max(counts.values()) <= 7
