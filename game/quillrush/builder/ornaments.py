"""What stands on the ground without being in anybody's way: four still ornaments a zone, and two that move."""

import math
import random
from collections.abc import Callable

import numpy as np

from game.quillrush.builder.canvas import Canvas, outlined
from game.quillrush.builder.zones import (
    ACCENT,
    ACCENT_DARK,
    BODY_DARK,
    BODY_LIGHT,
    EDGE,
    EDGE_LIGHT,
    GLOW,
    INK,
    SCREE_LIGHT,
    TAR,
    TAR_LIGHT,
)

PHASES = 4
DECORS = 4
FAMILIES = ("plants", "metal", "plants", "metal", "rocks", "rocks", "plants", "metal", "plants")
"""What stands still on a zone's ground, by its number."""
WIDTH, HEIGHT = 8, 16


def ornaments(seed: int) -> list[np.ndarray]:
    """DECORS still ornaments of the zone with this number, uint8 [16, 8] each, that stand on the ground."""
    family = FAMILIES[seed]
    rng = random.Random(seed)
    if family == "plants":
        return [_tuft(rng), _tuft(rng), _flower(), _stone()]
    if family == "metal":
        return [_pipe(), _bollard(), _crate(), _bolt()]
    return [_shard(rng), _shard(rng), _stone(), _pebbles()]


def _tuft(rng: random.Random) -> np.ndarray:
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x in range(0, 8, 2):
        top = rng.randrange(7, 13)
        picture[top:, x] = EDGE
        picture[top, x] = EDGE_LIGHT
    return picture


def _flower() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.box((3, 8), (4, 16), EDGE)
    canvas.polygon([(4, 13), (7, 10), (6, 13)], EDGE)
    for x, y in ((1.5, 5.5), (5.5, 5.5), (3.5, 3.5), (3.5, 7.5)):
        canvas.oval((x, y), (1.5, 1.5), SCREE_LIGHT)
    canvas.oval((3.5, 5.5), (1.2, 1.2), ACCENT)
    return canvas.picture()


def _stone() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.oval((4, 15), (4, 4.5), BODY_DARK)
    canvas.oval((3.5, 14.5), (3, 3.5), BODY_LIGHT)
    canvas.oval((3, 13), (1.2, 1), EDGE_LIGHT)
    return canvas.picture()


def _pipe() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.box((2, 6), (6, 16), BODY_LIGHT)
    canvas.box((2, 6), (3, 16), EDGE_LIGHT)
    canvas.box((1, 4), (7, 7), EDGE)
    canvas.box((2, 4), (6, 5), INK)
    return canvas.picture()


def _bollard() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.box((2, 8), (6, 16), ACCENT)
    for y in (10, 13):
        canvas.box((2, y), (6, y + 1), SCREE_LIGHT)
    canvas.oval((4, 8), (2.2, 2), EDGE_LIGHT)
    return canvas.picture()


def _crate() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.box((0, 8), (8, 16), BODY_DARK)
    canvas.box((1, 9), (7, 15), BODY_LIGHT)
    canvas.line([(1, 15), (7, 9)], BODY_DARK, width=1)
    return canvas.picture()


def _bolt() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.box((1, 12), (7, 16), EDGE)
    canvas.box((1, 12), (7, 13), EDGE_LIGHT)
    canvas.box((3, 9), (5, 12), BODY_LIGHT)
    return canvas.picture()


def _shard(rng: random.Random) -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    tip = (rng.randrange(2, 6), rng.randrange(3, 8))
    canvas.polygon([(1, 16), tip, (7, 16)], BODY_DARK)
    canvas.polygon([(1, 16), tip, (4, 16)], BODY_LIGHT)
    return canvas.picture()


def _pebbles() -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    for x, radius, ink in ((1.5, 1.8, BODY_LIGHT), (6, 2.2, BODY_LIGHT), (4, 1.5, BODY_DARK)):
        canvas.oval((x, 16 - radius * 0.6), (radius, radius), ink)
    return canvas.picture()


def animated_ornaments(theme: int) -> list[list[np.ndarray]]:
    """The zone's two moving ornaments, uint8 [16, 8] each, in each of four phases: [phase][ornament]."""
    return [[_moving(theme, phase, other) for other in (False, True)] for phase in range(PHASES)]


def _moving(theme: int, phase: int, other: bool) -> np.ndarray:
    canvas = Canvas(WIDTH, HEIGHT)
    MOVING[theme](canvas, phase, other)
    return outlined(canvas.picture(), ink=INK)


def _sway(phase: int) -> float:
    """To the right, back, to the left, back: -1 to 1."""
    return math.sin(phase / PHASES * math.tau)


def _fern(canvas: Canvas, phase: int, other: bool) -> None:
    tip = 4 + 1.5 * _sway(phase)
    canvas.line([(4.5, 16), (4.5, 11), (tip + 0.5, 4)], EDGE, width=1)
    if other:  # a flower
        canvas.oval((tip, 4.5), (2.4, 2.4), ACCENT)
        canvas.oval((tip, 4.5), (1, 1), GLOW)
        return
    for y in (5, 8, 11):
        x = 4 + (tip - 4) * (16 - y) / 12
        canvas.polygon([(x, y + 2), (x - 3.5, y - 1), (x, y)], EDGE_LIGHT)
        canvas.polygon([(x, y + 2), (x + 3.5, y - 1), (x, y)], EDGE)


def _steam_lamp(canvas: Canvas, phase: int, other: bool) -> None:
    canvas.box((3, 8), (5, 16), BODY_LIGHT)
    if other:  # a valve that lets off steam
        canvas.box((1, 9), (7, 11), ACCENT)
        canvas.oval((4 + _sway(phase), 6 - phase), (1 + phase * 0.5, 1 + phase * 0.5), SCREE_LIGHT)
        return
    canvas.oval((4, 5), (3, 3.5), (GLOW, ACCENT, ACCENT_DARK, ACCENT)[phase])
    canvas.oval((3.5, 4.5), (1.2, 1.5), SCREE_LIGHT)


def _bubbles(canvas: Canvas, phase: int, other: bool) -> None:
    if other:  # a reed
        tip = 4 + 1.5 * _sway(phase)
        canvas.line([(4.5, 16), (4.5, 11), (tip + 0.5, 2)], EDGE, width=1)
        canvas.oval((tip, 5), (1.5, 3), ACCENT_DARK)
        return
    for x, start, radius in ((2.5, 13, 1.6), (5.5, 6, 2.0)):
        y = (start - phase * 3) % 13 + 2
        canvas.oval((x, y), (radius, radius), ACCENT)
        canvas.oval((x - 0.5, y - 0.5), (0.7, 0.7), SCREE_LIGHT)


def _neon_sign(canvas: Canvas, phase: int, other: bool) -> None:
    canvas.box((3, 8), (5, 16), BODY_LIGHT)
    lit = (ACCENT, GLOW, ACCENT, EDGE_LIGHT)[phase]
    if other:  # an arrow to the right
        canvas.polygon([(1, 2), (4, 2), (7, 5), (4, 8), (1, 8), (4, 5)], lit)
        return
    canvas.box((1, 1), (7, 9), ACCENT_DARK)
    canvas.box((2, 2 + phase), (6, 4 + phase), lit)


def _ember(canvas: Canvas, phase: int, other: bool) -> None:
    if other:  # sparks that rise
        for x, start in ((2, 12), (5, 7)):
            y = (start - phase * 3) % 12 + 2
            canvas.oval((x, y), (1.2, 1.2), (GLOW, ACCENT)[phase % 2])
        canvas.oval((4, 16), (3.5, 2.5), BODY_DARK)
        return
    top = (5, 3, 6, 4)[phase]
    canvas.polygon([(1, 14), (4 + _sway(phase), top), (7, 14)], ACCENT)
    canvas.polygon([(2, 14), (4 - _sway(phase), top + 4), (6, 14)], GLOW)
    canvas.oval((4, 15.5), (3.5, 2), BODY_DARK)


def _glowing_crystal(canvas: Canvas, phase: int, other: bool) -> None:
    lit = (ACCENT_DARK, ACCENT, GLOW, ACCENT)[(phase + 2 * other) % PHASES]
    if other:  # a mushroom
        canvas.box((3, 9), (5, 16), SCREE_LIGHT)
        canvas.oval((4, 8), (3.6, 3), lit)
        canvas.box((0, 9), (3, 12), 0)
        canvas.box((5, 9), (8, 12), 0)
        return
    canvas.polygon([(1, 16), (1, 7), (4, 2), (4, 16)], lit)
    canvas.polygon([(4, 16), (4, 2), (7, 9), (7, 16)], ACCENT_DARK)
    canvas.line([(2.5, 14), (2.5, 7)], SCREE_LIGHT, width=1)


def _tar_bubbles(canvas: Canvas, phase: int, other: bool) -> None:
    canvas.oval((4, 16), (4, 2.5), TAR)
    if phase == 3:  # burst
        for x in (1.5, 6.5):
            canvas.oval((x, 10 + other), (1, 1), TAR_LIGHT)
        return
    radius = 1.5 + phase * (0.8 if other else 0.6)
    canvas.oval((4, 14 - phase), (radius, radius), TAR_LIGHT)
    canvas.oval((3.5, 13.5 - phase), (0.7, 0.7), GLOW)


def _turning_cog(canvas: Canvas, phase: int, other: bool) -> None:
    canvas.box((3, 8), (5, 16), BODY_DARK)
    if other:  # a gauge
        canvas.oval((4, 5), (3.6, 3.6), SCREE_LIGHT)
        canvas.line([(4, 5), (4 + 2.5 * _sway(phase), 3)], ACCENT, width=1)
        return
    for k in range(4):
        angle = (k + phase / PHASES) * math.tau / 4
        canvas.line([(4, 5), (4 + 3.6 * math.cos(angle), 5 + 3.6 * math.sin(angle))], ACCENT, width=2)
    canvas.oval((4, 5), (2.4, 2.4), GLOW)
    canvas.oval((4, 5), (1, 1), INK)


def _pennant(canvas: Canvas, phase: int, other: bool) -> None:
    canvas.box((1, 1), (2, 16), SCREE_LIGHT)
    if other:  # a vane of four sails
        canvas.box((1, 1), (2, 16), 0)
        canvas.box((4, 6), (5, 16), SCREE_LIGHT)
        for k in range(4):
            angle = (k + phase / PHASES) * math.tau / 4
            ends = [(4 + 3.6 * math.cos(angle + d), 5 + 3.6 * math.sin(angle + d)) for d in (0, 0.6)]
            canvas.polygon([(4, 5), *ends], (ACCENT, GLOW)[k % 2])
        return
    wave = 1.3 * _sway(phase)
    canvas.polygon([(2, 1.5), (4.5, 2 + wave), (7.5, 4.5 - wave), (4.5, 6.5 + wave), (2, 7.5)], ACCENT)
    canvas.line([(2, 4), (4.5, 4 + wave), (6, 4.5)], GLOW, width=1)


Painter = Callable[[Canvas, int, bool], None]
MOVING: tuple[Painter, ...] = (
    _fern,
    _steam_lamp,
    _bubbles,
    _neon_sign,
    _ember,
    _glowing_crystal,
    _tar_bubbles,
    _turning_cog,
    _pennant,
)
"""By the zone's number: painters of one phase, of the first moving ornament or the other."""
