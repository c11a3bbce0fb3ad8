"""The ground's tiles: earth, the surface in every slope, edges, and ornaments that stand on it."""

import math
import random
from collections.abc import Callable

import numpy as np

from game.quillrush.builder.ornaments import ornaments
from game.quillrush.builder.tiles import Tile, TileSheet, pack, tiles_of
from game.quillrush.builder.zones import (
    ACCENT,
    BODY,
    BODY_DARK,
    BODY_LIGHT,
    EDGE,
    EDGE_LIGHT,
    INK,
    SCREE,
    SCREE_LIGHT,
    TAR,
    TAR_LIGHT,
    ZONES,
    Zone,
)

STEEPEST = 4
"""The last so many surface shapes rise 16 pixels; they are scree."""

TAR_PHASES = 4
LOOP_WIDTH, LOOP_HEIGHT = 192, 176
LOOP_INSIDE, LOOP_OUTSIDE = 80, 92
"""Radii in pixels."""
LOOP_STRIPES = 12
"""In a quarter of it."""
FLIP_X = 0x0800
FLIP_Y = 0x1000

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


def ledge_tiles(theme: int) -> list[Tile]:
    """A floating slab two tiles high: left end, two middle pieces and right end, then the four below them.

    Feet stand on its top row of pixels.
    """
    picture = np.zeros((16, 32), np.uint8)
    picture[:] = texture(ZONES[theme], seed=theme)[:16]
    y, x = np.mgrid[0:16, 0:32]
    picture[y < 5 + x * 5 % 7 % 3] = EDGE
    picture[y < 2] = EDGE_LIGHT
    from_end = np.minimum(x, 31 - x)
    bottom = 10 + np.minimum(from_end, 3) + np.round(1.4 * np.sin(x * math.tau / 16))
    border = (y >= bottom - 1) | ((from_end == 0) & (y > 1))
    picture[border] = INK
    picture[y >= bottom] = 0
    return tiles_of(picture)


def tar_tiles(theme: int) -> list[Tile]:
    """The surface of flat tar in each of TAR_PHASES phases: a gloss that drifts, a bubble that swells and bursts."""
    tiles = []
    x = np.arange(8)
    for phase in range(TAR_PHASES):
        tile = np.full((8, 8), TAR, np.uint8)
        drift = (x + 2 * phase) % 8
        tile[0] = np.where(drift < 3, SCREE_LIGHT, TAR_LIGHT)
        tile[1, drift < 5] = TAR_LIGHT
        if phase < 3:
            tile[5 - phase : 7 - phase, 3 : 5 + phase] = TAR_LIGHT
        else:
            tile[2, [2, 6]] = SCREE_LIGHT
        tiles.append(pack(tile))
    return tiles


def loop_picture(theme: int) -> np.ndarray:
    """A loop-the-loop, uint8 [176, 192]: a striped track around (96, 96), its inner edge bright.

    The last row is the one above the ground, which the loop's inside touches.
    """
    dy, dx = np.mgrid[0:LOOP_HEIGHT, 0:LOOP_WIDTH] - (LOOP_WIDTH - 1) / 2
    radius = np.hypot(dx, dy)
    quarter = np.arctan2(abs(dy), abs(dx)) / (math.pi / 2)  # 0 at the sides, 1 at the top: the same in every quarter
    shift = 0.5 + (theme % 2) * (radius < (LOOP_INSIDE + LOOP_OUTSIDE) / 2)  # every other zone has a checkered one
    striped = np.floor(quarter * LOOP_STRIPES + shift) % 2 == 0
    picture = np.full(radius.shape, INK, np.uint8)
    picture[radius < LOOP_OUTSIDE - 1] = EDGE
    inside_rim = radius < LOOP_OUTSIDE - 3
    picture[inside_rim] = BODY_DARK
    picture[inside_rim & striped] = ACCENT
    picture[radius < LOOP_INSIDE + 3] = INK
    picture[radius < LOOP_INSIDE + 2] = EDGE_LIGHT
    picture[(radius < LOOP_INSIDE) | (radius >= LOOP_OUTSIDE)] = 0
    return picture


def loop_tiles(theme: int) -> tuple[list[Tile], np.ndarray]:
    """(unique tiles, map int [22, 24]) of a loop: tile number, FLIP_X and FLIP_Y; -1 where it has nothing."""
    picture = loop_picture(theme)
    rows, columns = LOOP_HEIGHT // 8, LOOP_WIDTH // 8
    number_of: dict[Tile, int] = {}
    cells = np.full((rows, columns), -1)
    for row in range(rows):
        for column in range(columns):
            tile = picture[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            if not tile.any():
                continue
            # The upper left quarter is drawn as it is.
            flip_x = column >= columns // 2
            flip_y = row >= columns // 2
            drawn = pack(tile[:: -1 if flip_y else 1, :: -1 if flip_x else 1])
            number = number_of.setdefault(drawn, len(number_of))
            cells[row, column] = number | flip_x * FLIP_X | flip_y * FLIP_Y
    return list(number_of), cells


def ground_tiles(theme: int) -> TileSheet:
    """The ground's tiles of a zone: the surface, then the groups that tiles.h names."""
    zone = ZONES[theme]
    sheet = TileSheet(_surface_tiles(zone, raised=0))
    sheet.add("UNDER", _surface_tiles(zone, raised=8))  # the tile below, into which the edge's band goes on
    sheet.add("FILL", tiles_of(texture(zone, seed=theme)))
    sheet.add("EDGE", _edge_tiles(zone, seed=theme))
    sheet.add_sprites("DECOR", *ornaments(seed=theme))
    return sheet
