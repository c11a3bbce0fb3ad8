"""The ground's tiles: earth, the surface in every slope, edges, and ornaments that stand on it."""

import random
from collections.abc import Callable

import numpy as np

from game.quillrush.builder.tiles import Tile, TileSheet, pack, tiles_of
from game.quillrush.builder.zones import (
    BODY,
    BODY_DARK,
    BODY_LIGHT,
    EDGE,
    EDGE_LIGHT,
    INK,
    SCREE,
    SCREE_LIGHT,
    ZONES,
    Zone,
)

DECORS = 4
STEEPEST = 4
"""The last so many surface shapes rise 16 pixels; they are scree."""

_EARTH = 32
"""Pixels after which the earth repeats."""
_Y, _X = np.mgrid[0:_EARTH, 0:_EARTH]


def texture(zone: Zone, seed: int) -> np.ndarray:
    """The earth, uint8 [32, 32], repeating."""
    picture = np.full((_EARTH, _EARTH), BODY, np.uint8)
    TEXTURES[zone.texture](picture, random.Random(seed))
    return picture


def _checks(picture: np.ndarray, rng: random.Random) -> None:
    picture[(_X // 16 + _Y // 16) % 2 == 0] = BODY_LIGHT
    picture[(_X % 16 == 0) | (_Y % 16 == 0)] = BODY_DARK


def _plates(picture: np.ndarray, rng: random.Random) -> None:
    x = _X % 32
    y = _Y % 16
    rivet = (x > 26) & (x < 29) & (y > 6) & (y < 9)
    picture[(x < 2) | (y < 2)] = BODY_DARK
    picture[(x == 2) | (y == 2)] = BODY_LIGHT
    picture[rivet] = BODY_LIGHT


def _bricks(picture: np.ndarray, rng: random.Random) -> None:
    every_other_course = (_Y // 8 % 2) * 8  # shifted by half a brick
    joint = (_X + every_other_course) % 16 == 0
    picture[(_Y % 8 == 0) | joint] = BODY_DARK
    picture[(_Y % 8 == 1) & ~joint] = BODY_LIGHT


def _rocks(picture: np.ndarray, rng: random.Random) -> None:
    for _ in range(14):
        centre_x = rng.randrange(32)
        centre_y = rng.randrange(32)
        radius = rng.randrange(3, 6)
        # Distances wrap around, so that a rock on one side goes on at the other.
        dx = (_X - centre_x + 16) % 32 - 16
        dy = (_Y - centre_y + 16) % 32 - 16
        inside = dx**2 + dy**2 < radius**2
        picture[inside] = BODY
        picture[inside & (dx + dy < -radius // 2)] = BODY_LIGHT  # the light comes from the upper left
        picture[inside & (dx + dy > radius // 2 + 1)] = BODY_DARK


def _bolts(picture: np.ndarray, rng: random.Random) -> None:
    x = _X % 16
    y = _Y % 16
    picture[(x == 0) | (y == 0)] = BODY_DARK
    picture[(x - 8) ** 2 + (y - 8) ** 2 < 9] = BODY_LIGHT
    picture[(x - 9) ** 2 + (y - 9) ** 2 < 5] = BODY_DARK


TEXTURES: dict[str, Callable[[np.ndarray, random.Random], None]] = {
    "checks": _checks,
    "plates": _plates,
    "bricks": _bricks,
    "rocks": _rocks,
    "bolts": _bolts,
}


def surface_shapes() -> list[tuple[int, int]]:
    """(height at the left, height at the right) above the bottom of a tile, in the order of their tiles.

    The steepest take two tiles each: the index of the upper one, then of the lower.
    """
    shapes = [(8, 8)]
    for low in (0, 2, 4, 6):
        shapes += [(low, low + 2), (low + 2, low)]
    for low in (0, 4):
        shapes += [(low, low + 4), (low + 4, low)]
    return [*shapes, (0, 8), (8, 0), (-8, 8), (0, 16), (8, -8), (16, 0)]


def shape_index(left: int, right: int) -> tuple[int, int]:
    """(row, tile) of the surface tile of a column with these ground heights (screen y, downwards)."""
    top = min(left, right)
    row = top // 8
    bottom = row * 8 + 8
    shape = (bottom - left, bottom - right)
    if right == left - 16:
        shape = (-8, 8)
    elif right == left + 16:
        shape = (8, -8)
    return row, surface_shapes().index(shape)


def surface_tile(zone: Zone, left: int, right: int, scree: bool) -> np.ndarray:
    """uint8 [8, 8]: ground below the line from `left` to `right`, a bright edge along it, nothing above."""
    body = texture(zone, seed=1)[:8, :8]
    tile = np.zeros((8, 8), np.uint8)
    for x in range(8):
        height = left + (right - left) * (x + 0.5) / 8  # at the pixel's middle
        for y in range(8):
            depth = height - (8 - y - 0.5)
            if depth < 0:
                continue
            if scree:
                tile[y, x] = _scree_ink(x, y)
            elif depth < 2:
                tile[y, x] = EDGE_LIGHT
            elif depth < 5 + (x * 5 % 3):  # ragged, like grass
                tile[y, x] = EDGE
            else:
                tile[y, x] = body[y, x]
    return tile


def _scree_ink(x: int, y: int) -> int:
    """Loose stones, by a pattern without a visible period."""
    if (x * 3 + y * 5) % 7 < 3:
        return SCREE_LIGHT
    if (x + y) % 3:
        return SCREE
    return INK


def _surface_tiles(zone: Zone, raised: int) -> list[Tile]:
    """One tile per shape, the line `raised` pixels above its place."""
    shapes = surface_shapes()
    first_scree = len(shapes) - STEEPEST
    tiles = []
    for i, (left, right) in enumerate(shapes):
        tiles.append(pack(surface_tile(zone, left + raised, right + raised, scree=i >= first_scree)))
    return tiles


def _edge_tiles(zone: Zone, seed: int) -> list[Tile]:
    """The side of a cliff: earth with a dark and a bright line down the left; two tiles that alternate."""
    tiles = []
    for top in (0, 8):
        edge = texture(zone, seed)[top : top + 8, :8]
        edge[:, 0] = INK
        edge[:, 1] = BODY_LIGHT
        tiles.append(pack(edge))
    return tiles


def ornaments(seed: int) -> list[np.ndarray]:
    """DECORS ornaments, uint8 [16, 8] each, that stand on the ground: two tufts, a flower, a stone."""
    rng = random.Random(seed)
    return [_tuft(rng), _tuft(rng), _flower(), _stone()]


def _tuft(rng: random.Random) -> np.ndarray:
    picture = np.zeros((16, 8), np.uint8)
    for x in range(0, 8, 2):
        top = rng.randrange(7, 13)
        picture[top:, x] = EDGE
        picture[top, x] = EDGE_LIGHT
    return picture


def _flower() -> np.ndarray:
    picture = np.zeros((16, 8), np.uint8)
    picture[6:, 3] = EDGE
    picture[2:7, 1:6] = SCREE_LIGHT
    picture[3:6, 2:5] = EDGE_LIGHT
    return picture


def _stone() -> np.ndarray:
    picture = np.zeros((16, 8), np.uint8)
    picture[11:, 1:7] = BODY_LIGHT
    picture[10, 2:6] = EDGE_LIGHT
    picture[14:, 2:7] = BODY_DARK
    return picture


def ground_tiles(theme: int) -> TileSheet:
    """The ground's tiles of a zone: the surface, then the groups that tiles.h names."""
    zone = ZONES[theme]
    sheet = TileSheet(_surface_tiles(zone, raised=0))
    sheet.add("UNDER", _surface_tiles(zone, raised=8))  # the tile below, into which the edge's band goes on
    sheet.add("FILL", tiles_of(texture(zone, seed=theme)))
    sheet.add("EDGE", _edge_tiles(zone, seed=theme))
    sheet.add_sprites("DECOR", *ornaments(seed=theme))
    return sheet
