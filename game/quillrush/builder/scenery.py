"""What belongs to one zone alone: its own enemy and its own obstacle, in the palette of builder/objects.py."""

import math
from collections.abc import Callable

import numpy as np

from game.quillrush.builder import enemies
from game.quillrush.builder.canvas import Canvas, on_ellipse, outlined
from game.quillrush.builder.objects import (
    BRONZE,
    BROWN,
    DARK_GREEN,
    DARK_RED,
    GOLD,
    GREEN,
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

Pictures = list[np.ndarray]


def special(theme: int) -> tuple[Pictures, Pictures]:
    """A zone's (enemy: two frames, uint8 [24, 32] each; obstacle: three pictures, uint8 [32, 32] each).

    Walkers and flyers face left. What an obstacle's pictures are for:

    - mushroom, bumper: at rest, then two when it throws the player.
    - jets and thorns: what the ground shows at rest, the same at work, the piece that goes on above it.
    - lily pad, cloud: the left half of a platform 64 pixels wide in the top 16 rows (the game mirrors it), then the
      same when it is about to give way.
    - crusher: the block, then a piece of its rod.
    """
    enemy, obstacle = SPECIALS[theme]
    return [enemy(frame) for frame in range(2)], [obstacle(part) for part in range(3)]


def _mushroom(part: int) -> np.ndarray:
    """At rest, squashed, stretched."""
    cap_y, half, height = ((15, 13.5, 8), (22.5, 15, 5.5), (9, 11.5, 8.5))[part]
    canvas = Canvas(32, 32)
    canvas.polygon([(12, cap_y), (20, cap_y), (22, 31.75), (10, 31.75)], TAN)
    canvas.polygon([(12, cap_y), (14.5, cap_y), (13, 31.75), (10, 31.75)], WHITE)
    canvas.oval((16, cap_y), (half, height), RED)
    canvas.box((0, cap_y + 2), (32, cap_y + height + 1), 0)
    canvas.polygon([(12, cap_y + 2), (20, cap_y + 2), (22, 31.75), (10, 31.75)], TAN)
    canvas.polygon([(12, cap_y + 2), (14.5, cap_y + 2), (13, 31.75), (10, 31.75)], WHITE)
    canvas.oval((16, cap_y + 2), (half * 0.93, 2.2), BROWN)
    for x, y, size in ((-0.5, -0.25, 0.2), (0.1, -0.6, 0.22), (0.55, -0.15, 0.18)):
        canvas.oval((16 + x * half, cap_y + y * height), (size * half, size * height * 1.2), WHITE)
    return outlined(canvas.picture())


def _jet(part: int, column: tuple[int, int, int], vent: tuple[int, int, int], blob: float) -> np.ndarray:
    """A vent in the ground and the column that shoots out of it.

    Args:
        part: the vent at rest, the vent at work, the piece above.
        column: inks from its core outwards.
        vent: inks of the vent: lit top, body, mouth.
        blob: how ragged the column's sides are, in pixels.
    """
    canvas = Canvas(32, 32)
    first = (None, -3, 2)[part]  # the piece above has a round head
    if first is not None:
        for ink, half in zip(reversed(column), (12, 9, 5), strict=True):
            for k in range(first, 10):
                canvas.oval((16, k * 4), (half - k % 2 * blob, 7), ink)
    if part < 2:
        top, body, mouth = vent
        canvas.box((0, 26), (32, 32), 0)
        canvas.polygon([(3, 31.75), (7, 25), (25, 25), (29, 31.75)], body)
        canvas.box((6, 24), (26, 27), top)
        canvas.box((9, 24), (23, 25.5), mouth)
    return outlined(canvas.picture())


def _steam_jet(part: int) -> np.ndarray:
    return _jet(part, column=(WHITE, PALE, GREY), vent=(TAN, BRONZE, INK), blob=2)


def _flame_jet(part: int) -> np.ndarray:
    return _jet(part, column=(WHITE, GOLD, RED), vent=(GREY, SLATE, DARK_RED), blob=2.5)


def _tar_geyser(part: int) -> np.ndarray:
    return _jet(part, column=(GREY, SLATE, INK), vent=(TAN, BROWN, INK), blob=2)


def _lily_pad(part: int) -> np.ndarray:
    canvas = Canvas(32, 32)
    canvas.oval((32, 6), (30, 6), DARK_GREEN)
    canvas.box((0, 0), (32, 1), 0)
    canvas.oval((32, 4), (30, 4), GREEN)
    for x in (8, 18, 28):
        canvas.line([(32, 5), (x, 2.5)], DARK_GREEN, width=1)
    canvas.polygon([(22, 11), (32, 11), (32, 15.5), (26, 15)], BROWN)
    if part:
        canvas.oval((18, 2), (3, 2), LILAC)
    return outlined(canvas.picture())


def _bumper(part: int) -> np.ndarray:
    rim, face, star = ((PURPLE, LILAC, WHITE), (RED, GOLD, WHITE), (GOLD, WHITE, RED))[part]
    canvas = Canvas(32, 32)
    centre = (16, 16)
    canvas.oval(centre, (15, 15), rim)
    canvas.oval(centre, (12.5, 12.5), INK)
    canvas.oval(centre, (11, 11), face)
    points = [on_ellipse(centre, ((8, 3.5)[k % 2],) * 2, (k / 10 - 0.25) * math.tau) for k in range(10)]
    canvas.polygon(points, star)
    canvas.oval((11, 5), (2.5, 1.2), WHITE)
    return outlined(canvas.picture())


def _thorns(part: int) -> np.ndarray:
    tall = Canvas(32, 64)
    height = 10 if part == 0 else 62
    for x, half, share in ((7, 5.5, 0.62), (25, 5.5, 0.72), (16, 8, 1.0)):
        tip = (x, 64 - height * share)
        tall.polygon([(x - half, 63.75), tip, (x + half, 63.75)], PURPLE)
        tall.polygon([(x - half, 63.75), tip, (x, 63.75)], LILAC)
        tall.polygon([(x - half * 0.7, 63.75), tip, (x - half * 0.35, 63.75)], WHITE)
    picture = outlined(tall.picture())
    return picture[:32] if part == 2 else picture[32:]


def _crusher(part: int) -> np.ndarray:
    canvas = Canvas(32, 32)
    if part:
        canvas.box((11, 0), (21, 32), GREY)
        canvas.box((12, 0), (15, 32), WHITE)
        for y in range(0, 32, 8):
            canvas.box((10, y), (22, y + 2), SLATE)
        return outlined(canvas.picture())
    canvas.box((1, 1), (31, 23), SLATE)
    canvas.box((1, 1), (31, 5), PALE)
    canvas.box((1, 7), (31, 17), GOLD)
    for x in range(0, 32, 8):
        canvas.polygon([(x, 17), (x + 4, 17), (x + 8, 7), (x + 4, 7)], INK)
    for x in range(1, 31, 6):
        canvas.polygon([(x, 22), (x + 6, 22), (x + 3, 31.5)], PALE)
        canvas.polygon([(x + 3, 22), (x + 6, 22), (x + 3, 31.5)], GREY)
    canvas.box((1, 17), (31, 22), SLATE)
    return outlined(canvas.picture())


def _cloud(part: int) -> np.ndarray:
    canvas = Canvas(32, 32)
    drop = part * 1.5
    for x, y, radius in ((7, 6.5, 5.5), (15, 8, 6.5), (24, 7, 6.5), (32, 8.5, 7)):
        canvas.oval((x, y + 1), (radius, radius), (PALE, GREY, GREY)[part])
    canvas.box((4, 1), (32, 5 + drop), WHITE)
    for x in (8, 17, 27):
        canvas.oval((x, 5), (4.5, 3.5), WHITE if part == 0 else PALE)
    if part:
        canvas.line([(12, 1), (15, 6), (13, 11)], INK, width=1)
        canvas.line([(25, 2), (22, 7), (26, 12)], INK, width=1)
    return outlined(canvas.picture())


Painter = Callable[[int], np.ndarray]
SPECIALS: tuple[tuple[Painter, Painter], ...] = (
    (enemies.bee, _mushroom),
    (enemies.rivet_drone, _steam_jet),
    (enemies.fish, _lily_pad),
    (enemies.neon_ghost, _bumper),
    (enemies.fireball, _flame_jet),
    (enemies.bat, _thorns),
    (enemies.tar_blob, _tar_geyser),
    (enemies.cog, _crusher),
    (enemies.propeller_drone, _cloud),
)
"""Painters of the enemy and of the obstacle, by the zone's number."""
