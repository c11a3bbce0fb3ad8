"""The zones' backgrounds: a sky of four bands, and a landscape in three depths before it.

The game scrolls the sky's part (above y 96) more slowly than the landscape, so nothing may stand across that line.
"""

import random
from collections.abc import Callable

import numpy as np

from game.quillrush.builder.landscape import (
    ANGLE,
    COLUMNS,
    HEIGHT,
    WIDTH,
    X,
    Y,
    around,
    box,
    clouds,
    disc,
    gear,
    mountains,
    ridge,
    rows,
    stars,
    treetops,
    water,
    windows,
    zigzag,
)
from game.quillrush.builder.tiles import Tile, tiles_of
from game.quillrush.builder.zones import (
    FAR_DARK,
    FAR_LIGHT,
    GLINT,
    GLINT_DARK,
    MIDDLE_DARK,
    MIDDLE_LIGHT,
    NEAR_DARK,
    NEAR_LIGHT,
    SKY_HORIZON,
    SKY_TOP,
    WHITE,
    ZONES,
)

SKY_HEIGHT = 200
"""Where the sky reaches its last band, in pixels from the top."""

FAR = (FAR_LIGHT, FAR_DARK)
MIDDLE = (MIDDLE_LIGHT, MIDDLE_DARK)
NEAR = (NEAR_LIGHT, NEAR_DARK)

# Bayer's ordered dithering, 4 x 4.
DITHER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16


def background(theme: int) -> np.ndarray:
    """uint8 [320, 128], repeating sideways."""
    picture = sky()
    rng = random.Random(100 + theme)  # the ground's seeds are the theme numbers themselves
    SKYLINES[ZONES[theme].skyline](picture, rng)
    return picture


def background_tiles(theme: int) -> tuple[list[Tile], list[int]]:
    """(unique tiles, map of 40 rows x 16 columns)."""
    number_of: dict[Tile, int] = {}
    cells = []
    for tile in tiles_of(background(theme)):
        cells.append(number_of.setdefault(tile, len(number_of)))
    return list(number_of), cells


def sky() -> np.ndarray:
    """Four bands of colour with dithered borders, uint8 [320, 128]."""
    level = np.clip(Y / SKY_HEIGHT * 3, 0, 3)
    threshold = DITHER[Y % 4, X % 4]
    band = level.astype(int) + ((level % 1) > threshold)
    return (SKY_TOP + np.minimum(band, 3)).astype(np.uint8)


def _hills(picture: np.ndarray, rng: random.Random) -> None:
    clouds(picture, rng, range(24, 84), count=4, inks=(WHITE, SKY_HORIZON))
    mountains(picture, 128 + zigzag(64, 34) + zigzag(128, 16, 0.3), FAR)
    ridge(picture, 186 + 8 * np.sin(ANGLE * 2 + 1) + 4 * np.sin(ANGLE * 4), MIDDLE)
    treetops(picture, 224, NEAR)
    box(picture, 70, 184, 4, 260, SKY_HORIZON)  # the fall that gives the zone its name
    box(picture, 74, 184, 3, 260, FAR_LIGHT)
    treetops(picture, 252, (NEAR_LIGHT, NEAR_DARK))


def _chimneys(picture: np.ndarray, rng: random.Random) -> None:
    clouds(picture, rng, range(30, 84), count=3, inks=(FAR_LIGHT, FAR_DARK))
    for base, pitch, inks in ((160, 16, FAR), (200, 32, MIDDLE), (236, 64, NEAR)):
        light, dark = inks
        for left in range(0, WIDTH, pitch):
            top = base - rng.randrange(0, 40)
            width = pitch * 2 // 5
            box(picture, left, base + 6, pitch, HEIGHT, dark)
            box(picture, left, base + 6, pitch, base + 8, light)
            box(picture, left + 3, top, width, HEIGHT, dark)
            box(picture, left + 3, top, max(width // 4, 2), HEIGHT, light)
            box(picture, left + 1, top, width + 4, top + 4, light)
            if pitch > 16:
                windows(picture, rng, left + width + 2, base + 4, pitch - width - 2, GLINT)


def _columns(picture: np.ndarray, rng: random.Random) -> None:
    clouds(picture, rng, range(24, 84), count=3, inks=(WHITE, SKY_HORIZON))
    steps = np.floor(zigzag(128, 60, 0.5) / 8) * 8
    mountains(picture, 124 + steps, FAR)  # a stepped pyramid
    box(picture, 58, 124, 12, 134, FAR_LIGHT)
    treetops(picture, 204, MIDDLE)
    for left, top in ((4, 120), (36, 152), (68, 128), (100, 178)):
        box(picture, left + 4, top, 14, 240, NEAR_DARK)
        for flute in (4, 9, 14):
            box(picture, left + flute, top, 2, 240, NEAR_LIGHT)
        for y in (top, 232):
            box(picture, left + 1, y, 20, y + 6, NEAR_DARK)
            box(picture, left + 1, y, 20, y + 2, NEAR_LIGHT)
        for vine in (2, 17):
            box(picture, left + vine, top + 4, 2, top + 24 + vine, GLINT_DARK)
    box(picture, 2, 112, 56, 122, NEAR_DARK)  # a lintel
    box(picture, 2, 112, 56, 115, NEAR_LIGHT)
    water(picture, 240, (GLINT, NEAR_DARK), WHITE)


def _city(picture: np.ndarray, rng: random.Random) -> None:
    stars(picture, rng, count=28, ink=WHITE)
    moon = (np.hypot(around(90), Y - 40) < 16) & (np.hypot(around(83), Y - 36) > 14)
    picture[moon] = GLINT
    for base, pitch, inks in ((152, 16, FAR), (184, 32, MIDDLE), (216, 32, NEAR)):
        body, window = inks
        for left in range(0, WIDTH, pitch):
            top = base - rng.randrange(0, 46, 8)
            width = pitch - rng.randrange(2, 5)
            box(picture, left, top, width, HEIGHT, body)
            box(picture, left + width // 2, top - 8, 1, top, body)
            windows(picture, rng, left, top, width, window)
        street = picture[base + 30 :]
        street[street <= SKY_HORIZON] = body  # only where the sky still shows between the towers
    for left, y in ((38, 232), (102, 244)):
        box(picture, left, y, 18, y + 10, GLINT_DARK)
        box(picture, left + 2, y + 2, 14, y + 8, GLINT)


def _peaks(picture: np.ndarray, rng: random.Random) -> None:
    clouds(picture, rng, range(20, 84), count=4, inks=(GLINT_DARK, MIDDLE_DARK))
    volcano = np.maximum(112, 104 + zigzag(128, 84, 0.5))
    mountains(picture, volcano, FAR)
    glow = rows(volcano, volcano + 5) & (abs(around(64)) < 13)
    picture[glow] = GLINT
    for x, length in ((58, 34), (63, 60), (70, 44)):  # lava runs down
        stream = abs(around(x + 3 * np.sin(Y / 9))) < 1.5
        picture[stream & rows(114, 114 + length)] = GLINT
    mountains(picture, 168 + zigzag(32, 26) + zigzag(64, 14, 0.4), MIDDLE)
    mountains(picture, 212 + zigzag(32, 22, 0.3), NEAR)
    water(picture, 250, (GLINT, GLINT_DARK), WHITE)


def _crystals(picture: np.ndarray, rng: random.Random) -> None:
    stars(picture, rng, count=4, ink=GLINT)  # glow worms
    for x, length in ((16, 60), (48, 84), (88, 72)):
        half = 8 * (1 - Y / length)
        hangs = abs(around(x)) < half
        picture[hangs] = FAR_DARK
        picture[hangs & (around(x) < 0)] = FAR_LIGHT
    mountains(picture, 140 + zigzag(64, 40) + zigzag(32, 14, 0.3), FAR)
    ridge(picture, 206 + 8 * np.sin(ANGLE * 2) + 5 * np.sin(ANGLE * 4 + 1), MIDDLE)
    for x, length, half in ((14, 66, 8), (26, 40, 6), (76, 82, 9), (90, 50, 7), (66, 38, 6)):
        lean = around(x) + (Y - 236) * (x % 5 - 2) / 12
        shape = (abs(lean) < np.minimum(half, (Y - (236 - length)) * 0.6)) & (Y < 236)
        picture[shape] = NEAR_DARK
        picture[shape & (lean < 0)] = NEAR_LIGHT
    water(picture, 236, (GLINT_DARK, MIDDLE_DARK), GLINT)


def _dunes(picture: np.ndarray, rng: random.Random) -> None:
    disc(picture, 36, 50, 20, WHITE)
    disc(picture, 36, 50, 17, GLINT)
    clouds(picture, rng, range(30, 84), count=3, inks=(WHITE, SKY_HORIZON))
    for left, top, width in ((0, 132, 34), (44, 150, 22), (76, 120, 40)):  # table mountains
        box(picture, left, top, width, HEIGHT, FAR_DARK)
        box(picture, left, top, width // 3, HEIGHT, FAR_LIGHT)
        box(picture, left - 2, top, width + 4, top + 5, FAR_LIGHT)
        box(picture, left, top + 14, width, top + 16, FAR_DARK)
    ridge(picture, 184 + 8 * abs(np.sin(ANGLE)), MIDDLE)
    for x, top in ((26, 136), (92, 150)):  # derricks
        spread = (Y - top) / 6 + 1
        legs = (abs(abs(around(x)) - spread) < 1) | ((abs(around(x)) < spread) & (Y % 12 == 0))
        picture[legs & rows(top, 200)] = GLINT_DARK
        box(picture, x - 3, top - 3, 7, top, GLINT_DARK)
    ridge(picture, 206 + 14 * abs(np.sin(ANGLE + 1)), NEAR)
    ridge(picture, 240 + 8 * abs(np.sin(ANGLE * 2 + 2)), (MIDDLE_LIGHT, NEAR_DARK), rim=3)


def _gears(picture: np.ndarray, rng: random.Random) -> None:
    for x, y, radius in ((20, 48, 24), (60, 64, 12)):
        gear(picture, x, y, radius, (SKY_HORIZON, SKY_TOP + 1))
    for left in range(0, WIDTH, 32):
        top = 112 + rng.randrange(0, 30, 8)
        box(picture, left, top, 20, HEIGHT, FAR_DARK)
        box(picture, left, top, 5, HEIGHT, FAR_LIGHT)
        box(picture, left - 2, top, 24, top + 4, FAR_LIGHT)
        windows(picture, rng, left + 5, top + 4, 15, GLINT)
    for x, y, radius in ((32, 192, 26), (76, 176, 14), (112, 200, 20)):
        gear(picture, x, y, radius, MIDDLE)
    ridge(picture, 222 + 8 * (COLUMNS // 16 % 2), NEAR)
    for left in range(0, WIDTH, 16):
        box(picture, left + 6, 238, 4, 242, NEAR_LIGHT)
    box(picture, 0, 252, WIDTH, 256, GLINT_DARK)


def _sea_of_clouds(picture: np.ndarray, rng: random.Random) -> None:
    clouds(picture, rng, range(20, 84), count=4, inks=(WHITE, FAR_LIGHT))
    for x, top, half in ((20, 128, 7), (34, 112, 9), (48, 136, 6), (96, 140, 8)):  # spires of a castle
        tower = (abs(around(x)) < half) & rows(top + 22, 240)
        picture[tower] = FAR_DARK
        picture[tower & (around(x) < -half / 3)] = FAR_LIGHT
        roof = (abs(around(x)) < (Y - top) * (half + 2) / 22) & rows(top, top + 22)
        picture[roof] = GLINT
        picture[roof & (around(x) > 0)] = GLINT_DARK
        box(picture, x - 1, top + 30, 2, top + 38, GLINT_DARK)
    box(picture, 14, 186, 40, 240, FAR_DARK)
    for line, inks in ((206, MIDDLE), (234, NEAR)):
        ridge(picture, np.full(WIDTH, line), (inks[1], inks[1]))
        for x, radius in ((4, 14), (26, 18), (48, 13)):
            for left in (0, 64):
                disc(picture, left + x + line % 9, line, radius, inks[0])
                disc(picture, left + x + line % 9 + 3, line + 6, radius - 2, inks[1])


SKYLINES: dict[str, Callable[[np.ndarray, random.Random], None]] = {
    "hills": _hills,
    "dunes": _dunes,
    "peaks": _peaks,
    "city": _city,
    "chimneys": _chimneys,
    "columns": _columns,
    "gears": _gears,
    "crystals": _crystals,
    "clouds": _sea_of_clouds,
}
