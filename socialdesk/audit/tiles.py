"""Tiles (C2SP tlog-tiles): the Merkle tree in rows of up to 256 hashes, eight levels at a time.

Element i of tile (level, position) is the root over the 256^level entries from
(256 · position + i) · 256^level on. So a tree over a million entries is read in three tiles.
"""

from collections.abc import Callable, Iterator, Sequence

from socialdesk.audit.merkle import HASH_BYTES, fold, paired, root_over

TILE = 256
TILE_LEVELS = 8

ReadTile = Callable[[int, int], Sequence[bytes]]
"""Returns the hashes that tile (level, position) holds by now."""


def split_hashes(content: bytes) -> list[bytes]:
    """Return the hashes that stand side by side in a tile's bytes."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


class TileNodes:
    """Reads single nodes of the tree out of its tiles, each tile once."""

    def __init__(self, read_tile: ReadTile) -> None:
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def __call__(self, level: int, position: int) -> bytes:
        """Return full node (level, position).

        Raises:
            LookupError: the tree has no such node, or its tile is damaged.
        """
        tile_level, above = divmod(level, TILE_LEVELS)
        start = position << above
        hashes = self._tile(tile_level, start // TILE)
        found = hashes[start % TILE : start % TILE + (1 << above)]
        if len(found) != 1 << above:
            raise LookupError(f"the tree has no node {position} at level {level}")
        return root_over(found)

    def _tile(self, level: int, position: int) -> Sequence[bytes]:
        key = (level, position)
        if key not in self._tiles:
            self._tiles[key] = self._read_tile(level, position)
        return self._tiles[key]


class Edge:
    """The right edge of a growing tree: the tiles that are not full yet."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]
        self._above: list[bytes] | None = None

    @property
    def room(self) -> int:
        """How many leaves fill the open tile of level 0."""
        return TILE - len(self._levels[0])

    def append(self, leaf: bytes) -> Sequence[tuple[int, int, list[bytes]]]:
        """Add a leaf's hash; return each tile (level, position, hashes) that it fills."""
        return self.extend([leaf])

    def extend(self, leaves: Sequence[bytes]) -> Sequence[tuple[int, int, list[bytes]]]:
        """Add leaves' hashes, no more than there is room for; return each tile that they fill.

        Raises:
            ValueError: they are more.
        """
        if len(leaves) > self.room:
            raise ValueError(f"{len(leaves)} leaves do not fit the open tile")
        self.size += len(leaves)
        self._levels[0] += leaves
        return () if self.room else tuple(self._fill())

    def open_tiles(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """Yield each tile above level 0 that has begun and is not full."""
        for level, hashes in enumerate(self._levels):
            if level and hashes:
                yield level, self.size // TILE ** (level + 1), hashes

    def root(self) -> bytes:
        """Return the root of the tree as it now stands."""
        if self._above is None:
            self._above = [peak for row in self._levels[:0:-1] for peak in _peaks(row)]
        return fold([*self._above, *_peaks(self._levels[0])])

    def _fill(self) -> Iterator[tuple[int, int, list[bytes]]]:
        level = 0
        self._above = None
        while len(self._levels[level]) == TILE:
            full = self._levels[level]
            yield level, self.size // TILE ** (level + 1) - 1, full
            self._levels[level] = []
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(root_over(full))


def _peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the largest full subtrees over a row of equal ones, left to right."""
    found: list[bytes] = []
    level = list(hashes)
    while level:
        if len(level) & 1:
            found.append(level.pop())
        level = paired(level)
    return found[::-1]


def tile_widths(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, full tiles, hashes in the partial tile) for each level of a tree of `size`."""
    level = 0
    while size:
        yield level, size // TILE, size % TILE
        size //= TILE
        level += 1


def _numbered(number: int) -> str:
    """Return a tile's number in groups of three digits, all but the last marked: x001/x234/067."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups)


def tile_path(level: int | None, position: int, width: int = TILE) -> str:
    """Return where a tile is published: tile/LEVEL/N, or tile/entries/N where `level` is None."""
    partial = "" if width == TILE else f".p/{width}"
    place = "entries" if level is None else str(level)
    return f"tile/{place}/{_numbered(position)}{partial}"
