"""The hero and the things he meets: all drawn here, by ellipses and polygons."""

import math

import numpy as np
from PIL import ImageDraw

from game.quillrush.builder.tiles import drawing, outlined

HERO = ["101018", "ffffff", "ffa020", "c86000", "ffe8b0", "202868", "3858c8", "d82030", "ffe040", "c8c8d0", "888898",
        "801020", "60e0e0", "a0c8ff", "ffe000"]  # fmt: skip
THINGS = ["101018", "ffffff", "ffd800", "b07800", "d8d8e0", "909098", "484858", "f02830", "901018", "48d048", "187020",
          "a040d0", "e0b0ff", "804818", "e0b078"]  # fmt: skip
INK, WHITE, FUR, SHADE, CREAM, QUILL, QUILL_LIGHT, SHOE, YELLOW = range(1, 10)

POSES = ("STAND", "RUN_1", "RUN_2", "RUN_3", "FALL", "BALL_1", "BALL_2", "CROUCH", "CHARGE_1", "CHARGE_2", "PUSH_1",
         "PUSH_2", "SKID", "HURT", "DEAD", "LOOK_UP")  # fmt: skip

Pen = ImageDraw.ImageDraw


def oval(pen: Pen, s: int, x: float, y: float, rx: float, ry: float, ink: int) -> None:
    pen.ellipse([(x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s], fill=ink)


def shape(pen: Pen, s: int, points: list[tuple[float, float]], ink: int) -> None:
    pen.polygon([(x * s, y * s) for x, y in points], fill=ink)


def upright(legs: tuple[float, float], lean: float = 0, arm: float = 0, lift: float = 0, eye: float = 0) -> np.ndarray:
    """The hero on his feet: where his shoes are, how far he leans, how far an arm reaches, how high he looks."""

    def draw(pen: Pen, s: int) -> None:
        for i, spread in enumerate((0, 5, 10)):  # quills on the back
            shape(
                pen,
                s,
                [(12 + lean, 4 + i * 4), (2 + lean / 2, 5 + spread * 1.4), (12, 12 + i * 4)],
                QUILL if i % 2 else QUILL_LIGHT,
            )
        for x in legs:
            oval(pen, s, 15 + x * 0.4, 23 - lift, 2.2, 4.5, SHADE)
            oval(pen, s, 16 + x, 28.5 - lift * 1.5, 4.5, 2.4, SHOE)
        oval(pen, s, 15 + lean / 3, 19, 5.5, 6, FUR)
        oval(pen, s, 16.5 + lean / 3, 20, 3.2, 4, CREAM)
        oval(pen, s, 16 + lean, 9.5, 7.5, 7, FUR)
        oval(pen, s, 20 + lean, 11.5, 4.5, 3.6, CREAM)
        oval(pen, s, 24 + lean, 10.5, 1.5, 1.3, INK)
        shape(pen, s, [(10 + lean, 5), (12 + lean, 0), (15 + lean, 4)], FUR)
        oval(pen, s, 18.5 + lean, 7.5 - eye, 2.4, 2.9, WHITE)
        oval(pen, s, 19.5 + lean, 7.8 - eye, 1.1, 1.7, INK)
        if arm:
            shape(pen, s, [(16, 16), (16 + arm, 15), (16 + arm, 18), (16, 20)], SHADE)
            oval(pen, s, 17 + arm, 16.5, 2.4, 2.4, WHITE)
        else:
            oval(pen, s, 12 + lean / 2, 19, 2, 4, SHADE)

    return outlined(drawing(32, 32, draw))


def ball(turn: float, low: float = 0, quills: bool = False) -> np.ndarray:
    """The hero curled up; `low` flattens him to the ground, as he revs."""

    def draw(pen: Pen, s: int) -> None:
        cy, rx, ry = 18 + low * 1.5, 12.5 + low * 0.6, 12.5 - low * 1.5
        if quills:
            for k in range(9):
                a = turn + k * math.tau / 9
                tip = (16 + (rx + 3) * math.cos(a + 0.5), cy + (ry + 2) * math.sin(a + 0.5))
                sides = [(16 + rx * 0.8 * math.cos(a + d), cy + ry * 0.8 * math.sin(a + d)) for d in (-0.25, 0.25)]
                shape(pen, s, [sides[0], tip, sides[1]], QUILL_LIGHT)
        oval(pen, s, 16, cy, rx, ry, QUILL)
        for k in range(3):
            a = turn + k * math.tau / 3
            oval(
                pen,
                s,
                16 + rx * 0.5 * math.cos(a),
                cy + ry * 0.5 * math.sin(a),
                rx * 0.36,
                ry * 0.36,
                FUR if k else CREAM,
            )
        oval(pen, s, 16 + rx * 0.15, cy - ry * 0.35, rx * 0.25, ry * 0.2, WHITE)

    return outlined(drawing(32, 32, draw))


def crouch() -> np.ndarray:
    def draw(pen: Pen, s: int) -> None:
        for i in range(3):
            shape(pen, s, [(12, 15 + i * 3), (1, 20 + i * 3), (12, 21 + i * 3)], QUILL if i % 2 else QUILL_LIGHT)
        oval(pen, s, 14, 25, 9, 5.5, FUR)
        oval(pen, s, 19, 20.5, 7, 5.5, FUR)
        oval(pen, s, 23, 22, 4, 3, CREAM)
        oval(pen, s, 21, 18.5, 2.2, 2.4, WHITE)
        oval(pen, s, 22, 18.8, 1, 1.4, INK)
        for x in (11, 21):
            oval(pen, s, x, 29.4, 4.5, 2, SHOE)

    return outlined(drawing(32, 32, draw))


def fallen(dead: bool) -> np.ndarray:
    def draw(pen: Pen, s: int) -> None:
        for x, y in ((6.0, 26.0), (26.0, 26.0), (5.0, 8.0), (27.0, 8.0)):
            shape(pen, s, [(15, 17), (x, y), (18, 19)], SHADE)
            oval(pen, s, x, y, 3, 3, SHOE if y > 16 else WHITE)
        oval(pen, s, 16, 18, 6, 7, FUR)
        oval(pen, s, 16, 19, 3.5, 4.5, CREAM)
        oval(pen, s, 16, 9, 8, 7, QUILL_LIGHT if dead else FUR)
        oval(pen, s, 16, 12, 4.5, 3, CREAM)
        for x in (12.5, 19.5):
            oval(pen, s, x, 7.5, 2.4, 2.8, WHITE)
            oval(pen, s, x, 7.5, 0.9, 0.9, INK)

    return outlined(drawing(32, 32, draw))


def hero_poses() -> list[np.ndarray]:
    """All poses, uint8 [32, 32] each, in the order of POSES, facing right."""
    return [
        upright((-3, 3)),
        upright((-8, 8), lean=3, arm=6),
        upright((-2, 2), lean=3, lift=2),
        upright((7, -7), lean=3, arm=-2),
        upright((-4, 5), lift=3, arm=5),
        ball(0.0),
        ball(1.05),
        crouch(),
        ball(0.3, low=2.5, quills=True),
        ball(1.2, low=2.5, quills=True),
        upright((-7, 0), lean=4, arm=9),
        upright((-3, -6), lean=4, arm=9),
        upright((8, 4), lean=-4, arm=-3),
        fallen(dead=False),
        fallen(dead=True),
        upright((-3, 3), eye=2),
    ]


def dust(size: int) -> np.ndarray:
    """The cloud behind a charge, uint8 [32, 32]: larger with every rev, so that a picture tells how far it is."""

    def draw(pen: Pen, s: int) -> None:
        for k in range(2 + size * 3):
            reach = 4 + k * (2.2 + size * 0.4)
            radius = 2.2 + size * 0.9 + (k % 3) * 0.8
            oval(
                pen,
                s,
                max(31 - reach, 3),
                29 - (k % 2) * (2 + size * 3.2) - (k % 3) * size * 1.6,
                radius,
                radius,
                WHITE if k % 2 else 10,
            )

    return outlined(drawing(32, 32, draw), ink=11)


def ring(turn: int) -> np.ndarray:
    half = (6.5, 4.6, 1.6, 4.6)[turn]

    def draw(pen: Pen, s: int) -> None:
        oval(pen, s, 8, 8, half, 6.5, 3)
        if half > 2:
            oval(pen, s, 8, 8, half - 2.4, 4.0, 0)
            oval(pen, s, 8 - half * 0.55, 5, 1.0, 1.6, 2)

    return outlined(drawing(16, 16, draw), ink=4)


def spikes() -> np.ndarray:
    def draw(pen: Pen, s: int) -> None:
        for k in range(4):
            shape(pen, s, [(k * 8, 16), (k * 8 + 4, 0), (k * 8 + 8, 16)], 5)
            shape(pen, s, [(k * 8 + 4, 0), (k * 8 + 8, 16), (k * 8 + 5, 16)], 6)
            shape(pen, s, [(k * 8 + 2, 16), (k * 8 + 4, 1), (k * 8 + 4, 16)], 2)
        pen.rectangle([0, 14 * s, 32 * s, 16 * s], fill=7)

    return drawing(32, 16, draw)


def spring() -> np.ndarray:
    def draw(pen: Pen, s: int) -> None:
        pen.rectangle([3 * s, 0, 29 * s - 1, 5 * s - 1], fill=8)
        pen.rectangle([4 * s, 1 * s, 28 * s - 1, 2 * s], fill=13)
        for y in (6, 9, 12):
            pen.line([8 * s, y * s, 24 * s, (y + 2) * s], fill=3, width=2 * s)
        pen.rectangle([4 * s, 14 * s, 28 * s, 16 * s], fill=7)

    return outlined(drawing(32, 16, draw))


def walker(step: int) -> np.ndarray:
    """A beetle on rollers, uint8 [24, 32], facing left."""

    def draw(pen: Pen, s: int) -> None:
        oval(pen, s, 17, 12, 12, 9, 12)
        oval(pen, s, 19, 9, 7, 5, 13)
        pen.rectangle([4 * s, 14 * s, 30 * s, 17 * s], fill=7)
        oval(pen, s, 7, 11, 5, 5, 8)
        oval(pen, s, 5.5, 10, 1.8, 2, 2)
        for k in range(3):
            oval(pen, s, 9 + k * 8 + step * 2, 20, 3.2, 3.2, 6)

    return outlined(drawing(32, 24, draw))


def hopper(up: bool) -> np.ndarray:
    """A thorny toad, uint8 [24, 24]."""

    def draw(pen: Pen, s: int) -> None:
        low = 0 if up else 3
        for k in range(4):
            shape(pen, s, [(4 + k * 4, 9 + low), (6 + k * 4, 2 + low), (9 + k * 4, 9 + low)], 8)
        oval(pen, s, 12, 13 + low / 2, 9, 7 - low / 2, 10)
        oval(pen, s, 12, 16, 6, 4, 2)
        for x in (7, 17):
            oval(pen, s, x, 10 + low, 2.4, 2.4, 3)
            oval(pen, s, x, 10 + low, 1, 1.4, 1)
            oval(pen, s, x - 1 + (x > 12) * 2, 21.5 if not up else 20, 3, 1.8 if not up else 3, 11)

    return outlined(drawing(24, 24, draw))


def platform() -> np.ndarray:
    """The left half of a floating stone, uint8 [16, 32]."""

    def draw(pen: Pen, s: int) -> None:
        pen.rectangle([2 * s, 0, 32 * s, 12 * s], fill=15)
        pen.rectangle([1 * s, 0, 32 * s, 3 * s], fill=10)
        pen.rectangle([1 * s, 3 * s, 32 * s, 4 * s], fill=11)
        shape(pen, s, [(4, 12), (32, 12), (32, 16), (12, 16)], 14)
        for x in (10, 20, 30):
            pen.line([x * s, 5 * s, x * s, 12 * s], fill=14, width=s)

    return outlined(drawing(32, 16, draw))


def cracked_wall() -> np.ndarray:
    """One block of a breakable wall, uint8 [32, 32]: pale stone with the same dark crack everywhere."""

    def draw(pen: Pen, s: int) -> None:
        pen.rectangle([0, 0, 32 * s, 32 * s], fill=7)
        for x, y in ((0, 0), (16, 0), (0, 16), (16, 16)):
            pen.rectangle([(x + 1) * s, (y + 1) * s, (x + 15) * s - 1, (y + 15) * s - 1], fill=5)
            pen.rectangle([(x + 1) * s, (y + 1) * s, (x + 14) * s, (y + 2) * s], fill=2)
            pen.rectangle([(x + 3) * s, (y + 12) * s, (x + 15) * s - 1, (y + 15) * s - 1], fill=6)
        points = [(2, 3), (9, 9), (7, 14), (16, 17), (19, 24), (28, 29)]
        pen.line([(x * s, y * s) for x, y in points], fill=1, width=2 * s)
        pen.line([(16 * s, 17 * s), (25 * s, 8 * s), (30 * s, 9 * s)], fill=1, width=2 * s)

    return drawing(32, 32, draw)


def crack_piece() -> np.ndarray:
    return outlined(cracked_wall()[8:24, 8:24] * (np.add.outer(abs(np.arange(16) - 8), abs(np.arange(16) - 8)) < 10))


def puff() -> np.ndarray:
    def draw(pen: Pen, s: int) -> None:
        for x, y, r in ((8, 8, 5), (3, 4, 2.5), (13, 5, 2.5), (4, 13, 2.5), (12, 12, 2.5)):
            oval(pen, s, x, y, r, r, 2)

    return outlined(drawing(16, 16, draw), ink=5)


def goal(done: bool) -> np.ndarray:
    """The sign at the end of an act, uint8 [32, 32]."""

    def draw(pen: Pen, s: int) -> None:
        oval(pen, s, 16, 16, 14, 14, 10 if done else 8)
        oval(pen, s, 16, 16, 11, 11, 2)
        if done:
            shape(pen, s, [(8, 16), (14, 22), (25, 10), (23, 7), (14, 17), (10, 13)], 11)
        else:
            for k in range(5):
                a, b = -math.pi / 2 + k * math.tau / 5, -math.pi / 2 + (k + 0.5) * math.tau / 5
                rim = [(4, a - 0.6), (10, a), (4, b)]
                shape(pen, s, [(16, 16)] + [(16 + r * math.cos(t), 16 + r * math.sin(t)) for r, t in rim], 8)

    return outlined(drawing(32, 32, draw))


def pole() -> np.ndarray:
    picture = np.zeros((32, 8), np.uint8)
    picture[:, 2:6] = (1, 5, 6, 1)
    return picture


def life() -> np.ndarray:
    """The hero's head, uint8 [16, 16], for the count of lives."""
    head = hero_poses()[0][0:17, 4:30]
    rows, columns = np.linspace(0, 16, 16).astype(int), np.linspace(0, 25, 16).astype(int)
    return head[np.ix_(rows, columns)]
