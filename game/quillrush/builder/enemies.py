"""The enemies that only one zone has: two frames each, uint8 [24, 32], in the palette of builder/objects.py."""

import math

import numpy as np

from game.quillrush.builder.canvas import Canvas, Point, on_ellipse, outlined
from game.quillrush.builder.objects import (
    BRONZE,
    BROWN,
    DARK_RED,
    GOLD,
    GREY,
    INK,
    LILAC,
    PALE,
    PURPLE,
    RED,
    SLATE,
    TAN,
    WHITE,
)


def bee(frame: int) -> np.ndarray:
    """A bumblebee, facing left, its wings up or down."""
    canvas = Canvas(32, 24)
    wing_y = (2, 7)[frame]
    canvas.oval((19, 14), (10, 7), GOLD)
    for x in (16, 22):
        canvas.polygon([(x, 7), (x + 3.5, 7), (x + 3, 21), (x - 0.5, 21)], INK)
    canvas.polygon([(28, 12), (31.5, 14), (28, 16)], RED)
    canvas.oval((9, 13), (6.5, 6), BRONZE)
    _eye(canvas, (6.5, 11.5))
    canvas.line([(9, 7), (6, 3)], BROWN, width=1)
    canvas.oval((15, wing_y + 3), (3.5, 4.5), WHITE)
    canvas.oval((21, wing_y + 3), (4.5, 4), PALE)
    return outlined(canvas.picture())


def _eye(canvas: Canvas, centre: Point, size: float = 2.6) -> None:
    """An eye that looks to the left."""
    x, y = centre
    canvas.oval(centre, (size, size * 1.1), WHITE)
    canvas.oval((x - size * 0.35, y + 0.3), (size * 0.45, size * 0.6), INK)


def rivet_drone(frame: int) -> np.ndarray:
    """A riveted flying kettle, facing left, under a rotor."""
    canvas = Canvas(32, 24)
    reach = (13, 6)[frame]
    canvas.box((16 - reach, 1), (16 + reach, 3), PALE)
    canvas.box((15, 2), (17, 7), SLATE)
    canvas.oval((16, 13), (12, 7.5), BRONZE)
    canvas.oval((15, 11), (10, 5), TAN)
    canvas.box((3.5, 13), (28.5, 15), BROWN)
    for x in (8, 14, 20, 26):
        canvas.oval((x, 17 - abs(x - 17) / 6), (1, 1), GOLD)
    canvas.oval((8, 11), (4, 4), SLATE)
    canvas.oval((7.5, 11), (2.4, 2.4), RED)
    canvas.polygon([(13, 20), (19, 20), (16, 23.5)], GREY)
    return outlined(canvas.picture())


def fish(frame: int) -> np.ndarray:
    """A fish that leaps, rising or falling."""
    canvas = Canvas(32, 24)
    canvas.polygon([(16, 15), (8, 23.5), (16, 20.5), (24, 23.5)], GOLD)
    canvas.polygon([(9, 9), (3, 15), (11, 15)], GOLD)
    canvas.polygon([(23, 9), (29, 15), (21, 15)], GOLD)
    canvas.oval((16, 10), (7.5, 9), RED)
    canvas.oval((16, 12), (4, 6.5), TAN)
    for x in (12.5, 19.5):
        canvas.oval((x, 6.5), (2.6, 2.6), WHITE)
        canvas.oval((x, 6), (1.1, 1.3), INK)
    canvas.oval((16, 1.8), (2.5, 1.4), DARK_RED)
    picture = outlined(canvas.picture())
    return picture[::-1].copy() if frame else picture


def neon_ghost(frame: int) -> np.ndarray:
    """A ghost of light, its outline flickering."""
    canvas = Canvas(32, 24)
    canvas.oval((16, 11), (12, 10), PURPLE)
    canvas.oval((16, 10), (10, 8), LILAC)
    canvas.box((4, 11), (28, 18), PURPLE)
    canvas.box((6, 10), (26, 17), LILAC)
    for k in range(4):
        x = 7 + k * 6
        canvas.polygon([(x - 3, 17.5), (x + 3, 17.5), (x + (-1, 1)[frame], 23)], (PURPLE, LILAC)[k % 2])
    for x in (10, 19):
        canvas.oval((x, 10), (3.2, 4), INK)
        canvas.oval((x - 1, 9), (1.3, 1.6), GOLD)
    canvas.oval((14, 16.5), (2.5, 1 + frame), INK)
    return outlined(canvas.picture(), ink=WHITE if frame else GOLD)


def fireball(frame: int) -> np.ndarray:
    """A lump of fire that leaps, rising or falling."""
    canvas = Canvas(32, 24)
    for x, top, bottom in ((9, 8, 22), (16, 12, 23.5), (23, 8, 21)):  # the flames trail below
        canvas.polygon([(x - 5, top), (x + 5, top), (x + 1, bottom)], RED)
    canvas.oval((16, 10), (11, 9), RED)
    canvas.oval((16, 10), (8.5, 7), GOLD)
    canvas.polygon([(12, 14), (20, 14), (16, 20)], GOLD)
    canvas.oval((16, 9), (5, 4.5), WHITE)
    for x in (13, 19):
        canvas.polygon([(x - 1.5, 8 - (x < 16)), (x + 1.5, 8 - (x > 16)), (x, 12)], INK)
    picture = outlined(canvas.picture(), ink=DARK_RED)
    return picture[::-1].copy() if frame else picture


def bat(frame: int) -> np.ndarray:
    """A bat, its wings up or down."""
    canvas = Canvas(32, 24)
    tip_y = (4, 19)[frame]
    for side in (-1, 1):
        wing = [(16 + side * 3, 9), (16 + side * 9, (3, 9)[frame]), (16 + side * 15, tip_y)]
        ribs = [(16 + side * 11, (12, 17)[frame]), (16 + side * 8, (11, 21)[frame]), (16 + side * 4, 16)]
        canvas.polygon([*wing, *ribs], LILAC)
        canvas.line(wing, PURPLE, width=1)
        canvas.polygon([(16 + side * 1, 7), (16 + side * 4.5, 1), (16 + side * 5.5, 8)], PURPLE)
    canvas.oval((16, 12), (6.5, 7), PURPLE)
    for x in (13.5, 18.5):
        canvas.oval((x, 10), (2, 2.2), GOLD)
        canvas.oval((x - 0.5, 10.2), (0.7, 1.2), INK)
    for x in (14.5, 17.5):
        canvas.polygon([(x - 1, 14), (x + 1, 14), (x, 17)], WHITE)
    return outlined(canvas.picture())


def tar_blob(frame: int) -> np.ndarray:
    """A drop of tar that leaps, rising or falling."""
    canvas = Canvas(32, 24)
    canvas.polygon([(8, 12), (24, 12), (19, 20), (16, 23.5), (13, 20)], SLATE)
    canvas.oval((16, 10), (10.5, 9), SLATE)
    canvas.oval((12.5, 5), (3.5, 1.8), PALE)
    for x in (12, 20):
        canvas.oval((x, 10), (3, 3.4), GOLD)
        canvas.oval((x, 9.5), (1.2, 1.8), INK)
    canvas.oval((16, 15.5), (3.5, 1.2), RED)
    picture = outlined(canvas.picture())
    return picture[::-1].copy() if frame else picture


def cog(frame: int) -> np.ndarray:
    """A rolling cog with an eye, in two turns."""
    canvas = Canvas(32, 24)
    centre = (16, 12.5)
    for k in range(8):
        angle = (k + frame / 2) * math.tau / 8
        corners = [on_ellipse(centre, (r, r), angle + d) for r, d in ((7, -0.45), (11, -0.22), (11, 0.22), (7, 0.45))]
        canvas.polygon(corners, PALE)
    canvas.oval(centre, (8.5, 8.5), GREY)
    canvas.oval(centre, (6, 6), SLATE)
    canvas.oval(centre, (4.6, 4.6), RED)
    canvas.oval((14.5, 12.5), (2, 2.4), WHITE)
    canvas.oval((14, 12.8), (0.9, 1.3), INK)
    return outlined(canvas.picture())


def propeller_drone(frame: int) -> np.ndarray:
    """A guard of the keep under a propeller, facing left."""
    canvas = Canvas(32, 24)
    canvas.oval((16, 2.5), ((14, 5)[frame], 1.4), PALE)
    canvas.box((15, 3), (17, 7), SLATE)
    canvas.oval((16, 14), (10, 8), WHITE)
    canvas.box((6, 14), (26, 17), RED)
    canvas.oval((16, 18), (8.5, 3.8), PALE)
    canvas.polygon([(24, 10), (31, 6), (31, 15), (25, 15)], RED)
    canvas.oval((10, 11), (4, 4), INK)
    canvas.oval((9, 10), (1.6, 1.6), LILAC)
    return outlined(canvas.picture())
