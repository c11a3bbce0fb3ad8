"""Pictures as Mega Drive tiles: palette indices in, packed 8 x 8 tiles out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

Tile = tuple[int, ...]
"""Eight 32-bit rows of eight 4-bit palette indices."""

EMPTY_TILE: Tile = (0,) * 8


@dataclass
class TileSheet:
    """Tiles in the order they have in video memory, and the number of the first tile of each named group."""

    tiles: list[Tile] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, tiles: Iterable[Tile]) -> None:
        """Append a group."""
        self.first[name] = len(self.tiles)
        self.tiles.extend(tiles)

    def add_sprites(self, name: str, *pictures: np.ndarray) -> None:
        """Append a group of sprites, uint8 [height, width] each, one after the other."""
        self.first[name] = len(self.tiles)
        for picture in pictures:
            self.tiles.extend(sprite_tiles(picture))


def colour(red: int, green: int, blue: int) -> int:
    """A VDP colour from 8-bit components (3 bits each are kept)."""

    def level(value: int) -> int:  # even numbers from 0 to 14: the lowest bit of a VDP component is not used
        return min((value + 18) // 36, 7) << 1

    return level(blue) << 8 | level(green) << 4 | level(red)


def palette(colours: Sequence[str]) -> list[int]:
    """Sixteen VDP colours from "rrggbb" strings, the first being transparent black; missing ones are black."""
    words = [colour(*bytes.fromhex(text)) for text in colours]
    return ([0, *words] + [0] * 16)[:16]


def pack(tile: np.ndarray) -> Tile:
    """One tile from uint8 [8, 8]."""
    return tuple(_packed_row(row) for row in tile)


def _packed_row(row: np.ndarray) -> int:
    packed = 0
    for index in row:
        packed = packed << 4 | int(index)  # the leftmost pixel in the highest bits
    return packed


def tiles_of(picture: np.ndarray) -> list[Tile]:
    """Tiles of a picture, uint8 [height, width], row by row."""
    height, width = picture.shape
    tiles = []
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            tiles.append(pack(picture[top : top + 8, left : left + 8]))
    return tiles


def sprite_tiles(picture: np.ndarray) -> list[Tile]:
    """Tiles of a sprite, uint8 [height, width], in the order the VDP wants: down each column, then the next."""
    tiles = []
    for left in range(0, picture.shape[1], 8):
        tiles += tiles_of(picture[:, left : left + 8])
    return tiles
