"""The hero: his poses, the dust behind his charge, and his head for the count of lives."""

import math

import numpy as np

from game.quillrush.builder.canvas import Canvas, Point, on_ellipse, outlined

COLOURS = ["101018", "ffffff", "ffa020", "c86000", "ffe8b0", "202868", "3858c8", "d82030", "ffe040", "c8c8d0", "888898",
           "801020", "60e0e0", "a0c8ff", "ffe000"]  # fmt: skip
INK, WHITE, FUR, SHADE, CREAM, QUILL, QUILL_LIGHT, SHOE, YELLOW, SMOKE, SMOKE_DARK = range(1, 12)

BACK_QUILLS = (QUILL_LIGHT, QUILL, QUILL_LIGHT)
"""Inks of the three quills on his back, from the top."""
BALL_QUILLS = 9
DUST_SIZES = 4
"""As many clouds as a charge has strengths."""


def upright(legs: Point, lean: float = 0, arm: float = 0, lift: float = 0, eye: float = 0) -> np.ndarray:
    """The hero on his feet, uint8 [32, 32].

    Args:
        legs: where his two shoes are, in pixels from the middle.
        lean: how far his head is ahead of his feet, in pixels.
        arm: how far an arm reaches; 0 lets it hang.
        lift: how far he is above the ground.
        eye: how far up he looks.
    """
    canvas = Canvas(32, 32)
    for i, ink in enumerate(BACK_QUILLS):
        tip = (2 + lean / 2, 5 + 7 * i)  # the tips trail behind a leaning head
        canvas.polygon([(12 + lean, 4 + 4 * i), tip, (12, 12 + 4 * i)], ink)
    for x in legs:
        canvas.oval((15 + x * 0.4, 23 - lift), (2.2, 4.5), SHADE)
        canvas.oval((16 + x, 28.5 - lift * 1.5), (4.5, 2.4), SHOE)
    canvas.oval((15 + lean / 3, 19), (5.5, 6), FUR)
    canvas.oval((16.5 + lean / 3, 20), (3.2, 4), CREAM)
    _head(canvas, lean, eye)
    if arm:
        canvas.polygon([(16, 16), (16 + arm, 15), (16 + arm, 18), (16, 20)], SHADE)
        canvas.oval((17 + arm, 16.5), (2.4, 2.4), WHITE)
    else:
        canvas.oval((12 + lean / 2, 19), (2, 4), SHADE)
    return outlined(canvas.picture())


def _head(canvas: Canvas, lean: float, eye: float) -> None:
    nose = (24 + lean, 10.5)
    ear = [(10 + lean, 5), (12 + lean, 0), (15 + lean, 4)]
    canvas.oval((16 + lean, 9.5), (7.5, 7), FUR)
    canvas.oval((20 + lean, 11.5), (4.5, 3.6), CREAM)
    canvas.oval(nose, (1.5, 1.3), INK)
    canvas.polygon(ear, FUR)
    canvas.oval((18.5 + lean, 7.5 - eye), (2.4, 2.9), WHITE)
    canvas.oval((19.5 + lean, 7.8 - eye), (1.1, 1.7), INK)


def ball(turn: float, low: float = 0, quills: bool = False) -> np.ndarray:
    """The hero curled up, uint8 [32, 32]; `turn` in radians, `low` flattens him to the ground, as he revs."""
    canvas = Canvas(32, 32)
    x_radius = 12.5 + low * 0.6
    y_radius = 12.5 - low * 1.5
    centre = (16, 18 + low * 1.5)
    if quills:
        for k in range(BALL_QUILLS):
            angle = turn + k * math.tau / BALL_QUILLS
            root = (x_radius * 0.8, y_radius * 0.8)
            tip = on_ellipse(centre, (x_radius + 3, y_radius + 2), angle + 0.5)  # bent backwards by the spin
            sides = [on_ellipse(centre, root, angle - 0.25), on_ellipse(centre, root, angle + 0.25)]
            canvas.polygon([sides[0], tip, sides[1]], QUILL_LIGHT)
    canvas.oval(centre, (x_radius, y_radius), QUILL)
    for k, ink in enumerate((CREAM, FUR, FUR)):  # three spots, one of them pale: otherwise no turn could be seen
        spot = on_ellipse(centre, (x_radius * 0.5, y_radius * 0.5), turn + k * math.tau / 3)
        canvas.oval(spot, (x_radius * 0.36, y_radius * 0.36), ink)
    gloss = (16 + x_radius * 0.15, centre[1] - y_radius * 0.35)
    canvas.oval(gloss, (x_radius * 0.25, y_radius * 0.2), WHITE)
    return outlined(canvas.picture())


def crouch() -> np.ndarray:
    """The hero ducked, before a charge, uint8 [32, 32]."""
    canvas = Canvas(32, 32)
    for i, ink in enumerate(BACK_QUILLS):
        canvas.polygon([(12, 15 + i * 3), (1, 20 + i * 3), (12, 21 + i * 3)], ink)
    canvas.oval((14, 25), (9, 5.5), FUR)
    canvas.oval((19, 20.5), (7, 5.5), FUR)
    canvas.oval((23, 22), (4, 3), CREAM)
    canvas.oval((21, 18.5), (2.2, 2.4), WHITE)
    canvas.oval((22, 18.8), (1, 1.4), INK)
    for x in (11, 21):
        canvas.oval((x, 29.4), (4.5, 2), SHOE)
    return outlined(canvas.picture())


def fallen(head: int) -> np.ndarray:
    """The hero on his back with arms and legs spread, uint8 [32, 32]; `head` is the ink of his head."""
    canvas = Canvas(32, 32)
    # his shoes below, his hands above
    for tip, ink in (((6, 26), SHOE), ((26, 26), SHOE), ((5, 8), WHITE), ((27, 8), WHITE)):
        canvas.polygon([(15, 17), tip, (18, 19)], SHADE)
        canvas.oval(tip, (3, 3), ink)
    canvas.oval((16, 18), (6, 7), FUR)
    canvas.oval((16, 19), (3.5, 4.5), CREAM)
    canvas.oval((16, 9), (8, 7), head)
    canvas.oval((16, 12), (4.5, 3), CREAM)
    for x in (12.5, 19.5):
        canvas.oval((x, 7.5), (2.4, 2.8), WHITE)
        canvas.oval((x, 7.5), (0.9, 0.9), INK)
    return outlined(canvas.picture())


def hero_poses() -> dict[str, np.ndarray]:
    """All poses by name, uint8 [32, 32] each, facing right; the C code knows them by their order (POSE_ in tiles.h)."""
    return {
        "STAND": upright((-3, 3)),
        "RUN_1": upright((-8, 8), lean=3, arm=6),
        "RUN_2": upright((-2, 2), lean=3, lift=2),
        "RUN_3": upright((7, -7), lean=3, arm=-2),
        "FALL": upright((-4, 5), lift=3, arm=5),
        "BALL_1": ball(0.0),
        "BALL_2": ball(1.05),
        "CROUCH": crouch(),
        "CHARGE_1": ball(0.3, low=2.5, quills=True),
        "CHARGE_2": ball(1.2, low=2.5, quills=True),
        "PUSH_1": upright((-7, 0), lean=4, arm=9),
        "PUSH_2": upright((-3, -6), lean=4, arm=9),
        "SKID": upright((8, 4), lean=-4, arm=-3),
        "HURT": fallen(head=FUR),
        "DEAD": fallen(head=QUILL_LIGHT),
        "LOOK_UP": upright((-3, 3), eye=2),
    }


def dust(size: int) -> np.ndarray:
    """The cloud behind a charge, uint8 [32, 32]: larger with every rev, so that a picture tells how far it is."""
    canvas = Canvas(32, 32)
    for k in range(2 + size * 3):
        reach = 4 + k * (2.2 + size * 0.4)
        height = (k % 2) * (2 + size * 3.2) + (k % 3) * size * 1.6
        radius = 2.2 + size * 0.9 + (k % 3) * 0.8
        canvas.oval((max(31 - reach, 3), 29 - height), (radius, radius), (SMOKE, WHITE)[k % 2])
    return outlined(canvas.picture(), ink=SMOKE_DARK)


def life() -> np.ndarray:
    """The hero's head, uint8 [16, 16], for the count of lives."""
    head = upright((-3, 3))[0:17, 4:30]
    rows = np.linspace(0, 16, 16).astype(int)
    columns = np.linspace(0, 25, 16).astype(int)
    return head[np.ix_(rows, columns)]
