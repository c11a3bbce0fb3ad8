"""The zones' backgrounds: a sky of four bands, and a skyline with a far and a near part."""

import math
import random
from collections.abc import Callable
from functools import partial

import numpy as np

from game.quillrush.builder.tiles import Tile, tiles_of
from game.quillrush.builder.zones import (
    FAR_DARK,
    FAR_LIGHT,
    NEAR_DARK,
    NEAR_LIGHT,
    SKY_HORIZON,
    SKY_TOP,
    WHITE,
    ZONES,
)

WIDTH = 128
HEIGHT = 320
SKY_HEIGHT = 200
"""Where the sky reaches its last band, in pixels from the top."""

# Bayer's ordered dithering, 4 x 4.
DITHER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16

_Y, _X = np.mgrid[0:HEIGHT, 0:WIDTH]
_ANGLE = np.arange(WIDTH) / WIDTH * math.tau
"""Of every column, once around: sines of whole multiples repeat without a seam."""


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
    level = np.clip(_Y / SKY_HEIGHT * 3, 0, 3)
    threshold = DITHER[_Y % 4, _X % 4]
    band = level.astype(int) + ((level % 1) > threshold)
    return (SKY_TOP + np.minimum(band, 3)).astype(np.uint8)


def _hills(picture: np.ndarray, rng: random.Random) -> None:
    far = 150 + 18 * np.sin(_ANGLE + 1) + 7 * np.sin(3 * _ANGLE)
    near = 205 + 12 * np.sin(_ANGLE * 2) + 5 * np.sin(5 * _ANGLE + 2)
    _ridges(picture, far, near)
    _high_clouds(picture, rng)


def _dunes(picture: np.ndarray, rng: random.Random) -> None:
    far = 160 + 12 * abs(np.sin(_ANGLE))
    near = 200 + 16 * abs(np.sin(_ANGLE + 1))
    _ridges(picture, far, near)
    _high_clouds(picture, rng)


def _peaks(picture: np.ndarray, rng: random.Random) -> None:
    x = np.arange(WIDTH)
    far = 120 + 50 * abs(((x / 64 + 0.3) % 1) - 0.5) * 2
    near = 190 + 40 * abs(((x / 32) % 1) - 0.5)
    _ridges(picture, far, near)


def _ridges(picture: np.ndarray, far: np.ndarray, near: np.ndarray) -> None:
    """Fill below two lines, float [WIDTH] each, y of every column."""
    _ridge(picture, far, light=FAR_LIGHT, dark=FAR_DARK)
    _ridge(picture, near, light=NEAR_LIGHT, dark=NEAR_DARK)


def _ridge(picture: np.ndarray, line: np.ndarray, light: int, dark: int) -> None:
    """Fill below a line: a light rim over dark."""
    for x, top in enumerate(line.astype(int)):
        picture[top:, x] = dark
        picture[top : top + 4, x] = light


def _blocks(picture: np.ndarray, rng: random.Random, kind: str) -> None:
    """Two rows of towers: "city", "chimneys", "columns" or "gears"."""
    for base, width, light, dark in ((150, 16, FAR_LIGHT, FAR_DARK), (200, 32, NEAR_LIGHT, NEAR_DARK)):
        # The city's second colour is that of lit windows, so its towers have the first.
        body = light if kind == "city" else dark
        for left in range(0, WIDTH, width):
            top = base - rng.randrange(0, 50)
            gap = 8
            if kind != "columns":
                gap = rng.randrange(2, 7)
            right = left + width - gap
            picture[top:, left:right] = body
            picture[top : top + 3, left:right] = light
            if kind == "city":
                _windows(picture, rng, top, columns=range(left + 3, right - 3, 6), ink=dark)
            elif kind == "gears":
                distance = np.hypot(_X - (left + right) / 2, _Y - top)
                picture[(distance < width * 0.45) & (distance > width * 0.2)] = light
            else:
                picture[top:, left + 2 : left + 5] = light
        street = picture[base + 40 :]
        street[street <= SKY_HORIZON] = body  # only where the sky still shows between the towers


def _windows(picture: np.ndarray, rng: random.Random, top: int, columns: range, ink: int) -> None:
    """Somewhat less than half of a tower's windows, 3 x 2 pixels each, are lit."""
    for y in range(top + 6, 300, 8):
        for x in columns:
            if rng.random() < 0.45:
                picture[y : y + 3, x : x + 2] = ink


def _crystals(picture: np.ndarray, rng: random.Random) -> None:
    """Seven that hang from the top, six that stand on the floor."""
    floor = 230
    for _ in range(7):
        middle = rng.randrange(0, 112) + 8
        length = rng.randrange(30, 90)
        for y in range(length):
            half = max(1, int(8 * (1 - y / length)))
            picture[y, middle - half : middle] = FAR_LIGHT
            picture[y, middle : middle + half] = FAR_DARK
    for _ in range(6):
        middle = rng.randrange(0, 112) + 6
        length = rng.randrange(20, 70)
        for y in range(length):
            half = max(1, int(6 * (1 - y / length)))
            picture[floor - y, middle - half : middle + half] = NEAR_LIGHT
            picture[floor - y, middle - half] = NEAR_DARK
    picture[floor:] = FAR_DARK


def _sea_of_clouds(picture: np.ndarray, rng: random.Random) -> None:
    _clouds(picture, rng, count=12, lowest=230, light=NEAR_LIGHT, shade=FAR_LIGHT)


def _high_clouds(picture: np.ndarray, rng: random.Random) -> None:
    _clouds(picture, rng, count=5, lowest=90, light=WHITE, shade=SKY_HORIZON)


def _clouds(picture: np.ndarray, rng: random.Random, count: int, lowest: int, light: int, shade: int) -> None:
    """Each cloud is three flattened discs side by side, shaded below its middle."""
    for _ in range(count):
        centre_x = rng.randrange(WIDTH)
        centre_y = rng.randrange(20, lowest)
        radius = rng.randrange(6, 14)
        dy = _Y - centre_y
        for offset, size in ((-radius, 0.6), (0, 1.0), (radius, 0.7)):
            dx = (_X - centre_x - offset + WIDTH // 2) % WIDTH - WIDTH // 2  # around the seam
            inside = np.hypot(dx, dy * 1.6) < radius * size
            picture[inside] = light
            picture[inside & (dy > 2)] = shade


SKYLINES: dict[str, Callable[[np.ndarray, random.Random], None]] = {
    "hills": _hills,
    "dunes": _dunes,
    "peaks": _peaks,
    "city": partial(_blocks, kind="city"),
    "chimneys": partial(_blocks, kind="chimneys"),
    "columns": partial(_blocks, kind="columns"),
    "gears": partial(_blocks, kind="gears"),
    "crystals": _crystals,
    "clouds": _sea_of_clouds,
}
