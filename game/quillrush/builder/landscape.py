"""What the backgrounds' landscapes are made of; everything goes on across the seam at their sides.

A picture is uint8 [HEIGHT, WIDTH], painted in place.
"""

import math
import random

import numpy as np

WIDTH = 128
HEIGHT = 320

Inks = tuple[int, int]
"""Light and dark of one depth."""

Y, X = np.mgrid[0:HEIGHT, 0:WIDTH]
COLUMNS = np.arange(WIDTH)
ANGLE = COLUMNS / WIDTH * math.tau
"""Of every column, once around: sines of whole multiples repeat without a seam."""


def around(x: float) -> np.ndarray:
    """Distance of every pixel from a column, across the seam where that is shorter; negative to its left."""
    return (X - x + WIDTH / 2) % WIDTH - WIDTH / 2


def rows(top: float | np.ndarray, bottom: float | np.ndarray) -> np.ndarray:
    """Where y is from `top` to before `bottom`, bool [HEIGHT, WIDTH]; both may be lines, float [WIDTH]."""
    return (top <= Y) & (bottom > Y)


def disc(picture: np.ndarray, x: float, y: float, radius: float, ink: int) -> None:
    """A filled circle."""
    picture[np.hypot(around(x), Y - y) < radius] = ink


def box(picture: np.ndarray, left: int, top: int, width: int, bottom: int, ink: int) -> None:
    """A rectangle; the row `bottom` is left out."""
    picture[top:bottom, (left + np.arange(width)) % WIDTH] = ink


def zigzag(period: int, height: float, shift: float = 0) -> np.ndarray:
    """A line of equal peaks, float [WIDTH]: 0 at their tops, `height` in the valleys."""
    return height * (1 - abs((COLUMNS / period + shift) % 1 - 0.5) * 2)


def ridge(picture: np.ndarray, line: np.ndarray, inks: Inks, rim: int = 4) -> None:
    """Fill below a line, float [WIDTH], y of every column: a light rim over dark."""
    light, dark = inks
    picture[line <= Y] = dark
    picture[rows(line, line + rim)] = light


def mountains(picture: np.ndarray, line: np.ndarray, inks: Inks) -> None:
    """Fill below a line: light where it rises to the right, dark where it falls."""
    light, dark = inks
    rising = np.roll(line, -1) < line
    picture[line <= Y] = dark
    picture[(line <= Y) & rising] = light


def treetops(picture: np.ndarray, line: float, inks: Inks) -> None:
    """A row of round crowns, lit from the upper left."""
    light, dark = inks
    ridge(picture, np.full(WIDTH, line), (dark, dark))
    for x, rise, radius in ((6, 0, 9), (20, 3, 10), (30, -1, 7)):
        for left in range(0, WIDTH, 32):
            disc(picture, left + x, line - rise, radius, dark)
            disc(picture, left + x - 2, line - rise - 2, radius - 3, light)
            disc(picture, left + x + 1, line - rise + 1, radius - 4, dark)


def clouds(picture: np.ndarray, rng: random.Random, ys: range, count: int, inks: Inks) -> None:
    """Each cloud is three flattened discs side by side, shaded below its middle."""
    light, shade = inks
    for i in range(count):
        x = (i + rng.random() * 0.6) * WIDTH / count
        centre_y = rng.choice(ys)
        radius = rng.randrange(7, 14)
        dy = Y - centre_y
        for offset, size in ((-radius, 0.6), (0, 1.0), (radius, 0.7)):
            inside = np.hypot(around(x + offset), dy * 1.6) < radius * size
            picture[inside] = light
            picture[inside & (dy > 2)] = shade


def stars(picture: np.ndarray, rng: random.Random, count: int, ink: int) -> None:
    """Single pixels all over the sky's part."""
    for _ in range(count):
        picture[rng.randrange(4, 92), rng.randrange(WIDTH)] = ink


def water(picture: np.ndarray, top: int, inks: Inks, glint: int) -> None:
    """A lake that reaches down to the bottom, with dashes of light that grow longer towards the viewer."""
    light, dark = inks
    ridge(picture, np.full(WIDTH, top), (light, dark), rim=3)
    for row, y in enumerate(range(top + 7, HEIGHT - 8, 8)):
        length = min(4 + row * 2, 14)
        picture[y, (COLUMNS + row * 11) % 32 < length] = light
        picture[y + 4, (COLUMNS + row * 7 + 16) % 32 < length // 2] = glint


def windows(picture: np.ndarray, rng: random.Random, left: int, top: int, width: int, ink: int) -> None:
    """Somewhat less than half of a tower's windows are lit, in patterns that repeat down the tower."""
    columns = range(left + 3, left + width - 3, 5)
    lit = [[rng.random() < 0.45 for _ in columns] for _ in range(2)]
    for row, y in enumerate(range(top + 8, HEIGHT - 8, 8)):
        for x, on in zip(columns, lit[row % 2], strict=True):
            if on:
                box(picture, x, y, 2, y + 3, ink)


def gear(picture: np.ndarray, x: float, y: float, radius: float, inks: Inks) -> None:
    """A toothed wheel with a hub; the teeth stand 4 pixels beyond its radius."""
    light, dark = inks
    distance = np.hypot(around(x), Y - y)
    angle = np.arctan2(Y - y, around(x))
    teeth = np.sin(angle * round(radius / 2)) > 0
    edge = radius + 4 * teeth
    picture[distance < edge] = light
    picture[distance < radius - 2] = dark
    picture[distance < radius * 0.35] = light
    picture[distance < radius * 0.18] = dark
