"""Pictures as Mega Drive tiles: palette indices in, packed 8 x 8 tiles out."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

SCALE = 4
"""Drawings are made this much larger and reduced by majority, which rounds them off."""

Tile = tuple[int, ...]
"""Eight 32-bit rows of eight 4-bit palette indices."""


def colour(red: int, green: int, blue: int) -> int:
    """A VDP colour from 8-bit components (3 bits each are kept)."""

    def level(value: int) -> int:
        return min((value + 18) // 36, 7) << 1

    return level(blue) << 8 | level(green) << 4 | level(red)


def palette(colours: Sequence[str]) -> list[int]:
    """Sixteen VDP colours from "rrggbb" strings, the first being transparent black; missing ones are black."""
    words = [colour(*bytes.fromhex(text)) for text in colours]
    return ([0, *words] + [0] * 16)[:16]


def drawing(width: int, height: int, draw: Callable[[ImageDraw.ImageDraw, int], None]) -> np.ndarray:
    """Let `draw(pen, scale)` paint palette indices on a large canvas; returns uint8 [height, width] after reduction."""
    image = Image.new("L", (width * SCALE, height * SCALE), 0)
    draw(ImageDraw.Draw(image), SCALE)
    pixels = np.asarray(image).reshape(height, SCALE, width, SCALE).swapaxes(1, 2).reshape(height, width, -1)
    counts = np.stack([(pixels == index).sum(axis=-1) for index in range(16)], axis=-1)
    return counts.argmax(axis=-1).astype(np.uint8)


def outlined(picture: np.ndarray, ink: int = 1) -> np.ndarray:
    """The picture with a line of `ink` around it (inside its frame)."""
    solid = np.pad(picture != 0, 1)
    near = solid[:-2, 1:-1] | solid[2:, 1:-1] | solid[1:-1, :-2] | solid[1:-1, 2:]
    return np.where((picture == 0) & near, ink, picture).astype(np.uint8)


def pack(tile: np.ndarray) -> Tile:
    """One tile from uint8 [8, 8]."""
    return tuple(int("".join(f"{int(index):x}" for index in row), 16) for row in tile)


def rows_of_tiles(picture: np.ndarray) -> list[list[Tile]]:
    """Tiles of a picture, row by row."""
    height, width = picture.shape
    return [[pack(picture[y : y + 8, x : x + 8]) for x in range(0, width, 8)] for y in range(0, height, 8)]


def sprite_tiles(picture: np.ndarray) -> list[Tile]:
    """Tiles of a sprite in the order the VDP wants: down each column, then the next."""
    grid = rows_of_tiles(picture)
    return [row[column] for column in range(len(grid[0])) for row in grid]
