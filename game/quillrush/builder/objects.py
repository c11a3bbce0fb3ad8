"""What the hero meets on his way: rings, hazards, platforms, gates and the goal."""

import math

import numpy as np

from game.quillrush.builder.canvas import Canvas, Point, on_ellipse, outlined

COLOURS = ["101018", "ffffff", "ffd800", "b07800", "d8d8e0", "909098", "484858", "f02830", "901018", "48d048", "187020",
           "a040d0", "e0b0ff", "804818", "e0b078"]  # fmt: skip
INK, WHITE, GOLD, BRONZE, PALE, GREY, SLATE, RED = range(1, 9)  # palette indices; 0 is transparent
DARK_RED, GREEN, DARK_GREEN, PURPLE, LILAC, BROWN, TAN = range(9, 16)

TICK: list[Point] = [(8, 16), (14, 22), (25, 10), (23, 7), (14, 17), (10, 13)]


def ring(turn: int) -> np.ndarray:
    """A ring in one of the four phases of its spin, uint8 [16, 16]."""
    x_radius = (6.5, 4.6, 1.6, 4.6)[turn]
    canvas = Canvas(16, 16)
    canvas.oval((8, 8), (x_radius, 6.5), GOLD)
    if x_radius > 2:  # seen from the edge it has neither hole nor gloss
        canvas.oval((8, 8), (x_radius - 2.4, 4.0), 0)
        canvas.oval((8 - x_radius * 0.55, 5), (1.0, 1.6), WHITE)
    return outlined(canvas.picture(), ink=BRONZE)


def spikes() -> np.ndarray:
    """Four spikes on a base, uint8 [16, 32]."""
    canvas = Canvas(32, 16)
    for left in (0, 8, 16, 24):
        tip = (left + 4, 0)
        canvas.polygon([(left, 16), tip, (left + 8, 16)], PALE)
        canvas.polygon([tip, (left + 8, 16), (left + 5, 16)], GREY)
        canvas.polygon([(left + 2, 16), (left + 4, 1), (left + 4, 16)], WHITE)
    canvas.box((0, 14), (32, 16), SLATE)
    return canvas.picture()


def spring() -> np.ndarray:
    """A spring, uint8 [16, 32]."""
    canvas = Canvas(32, 16)
    canvas.box((3, 0), (29, 5), RED)
    canvas.box((4, 1), (28, 2), LILAC)
    for y in (6, 9, 12):  # three slanting coils
        canvas.line([(8, y), (24, y + 2)], GOLD, width=2)
    canvas.box((4, 14), (28, 16), SLATE)
    return outlined(canvas.picture())


def spring_up() -> np.ndarray:
    """The spring that has just thrown the player, uint8 [32, 32]."""
    canvas = Canvas(32, 32)
    canvas.box((3, 1), (29, 6), RED)
    canvas.box((4, 2), (28, 3), LILAC)
    for y in range(7, 29, 5):
        canvas.line([(8, y), (24, y + 4)], GOLD, width=2)
    canvas.box((4, 30), (28, 32), SLATE)
    return outlined(canvas.picture())


def beam(phase: int) -> np.ndarray:
    """A piece of an energy barrier, uint8 [32, 32], that goes on above and below; it flickers between two phases."""
    y, x = np.mgrid[0:32, 0:32]
    wave = 3.5 * np.sin((y / 32 + phase / 2) * math.tau) + 1.5 * np.sin((y / 8 + phase / 4) * math.tau)
    from_core = abs(x - 15.5 - wave * 0.6)
    from_middle = abs(x - 15.5)
    picture = np.select(
        [from_core < 2, from_core < 4, from_middle < 9, from_middle < 11, from_middle < 12],
        [WHITE, GOLD, RED, GOLD, INK],
        default=0,
    )
    picture[(from_middle < 9) & (picture == RED) & ((y + x + 4 * phase) % 8 < 2)] = LILAC
    return picture.astype(np.uint8)


def beam_base(on: bool) -> np.ndarray:
    """What an energy barrier stands on, uint8 [16, 32]; dark when the barrier is gone."""
    canvas = Canvas(32, 16)
    canvas.polygon([(1, 15.75), (4, 5), (28, 5), (31, 15.75)], SLATE)
    canvas.polygon([(3, 12), (5, 5), (27, 5), (29, 12)], GREY)
    canvas.box((6, 1), (26, 6), PALE)
    canvas.box((8, 1), (24, 4), GOLD if on else SLATE)
    canvas.oval((16, 10), (2.5, 2.5), RED if on else GREEN)
    return outlined(canvas.picture())


def lever(thrown: bool) -> np.ndarray:
    """A lever on its base, uint8 [32, 32]: to the right with a red knob, thrown to the left with a green one."""
    knob = (7, 9) if thrown else (25, 9)
    canvas = Canvas(32, 32)
    canvas.line([(16, 27), knob], PALE, width=3)
    canvas.oval(knob, (5, 5), GREEN if thrown else RED)
    canvas.oval((knob[0] - 1.5, knob[1] - 1.5), (1.5, 1.5), WHITE)
    canvas.oval((16, 27), (7, 5), SLATE)
    canvas.polygon([(3, 31.75), (6, 26), (26, 26), (29, 31.75)], GREY)
    canvas.box((7, 26), (25, 27), PALE)
    canvas.box((12, 28), (20, 30), DARK_GREEN if thrown else DARK_RED)
    return outlined(canvas.picture())


def lift() -> np.ndarray:
    """The left half of a metal plate that carries one up, uint8 [16, 32]; the game mirrors it."""
    canvas = Canvas(32, 16)
    canvas.box((1, 0), (32, 9), GREY)
    canvas.box((1, 0), (32, 2), WHITE)
    canvas.box((1, 7), (32, 9), SLATE)
    for x in range(3, 32, 6):  # hazard stripes
        canvas.polygon([(x, 3), (x + 3, 3), (x + 1, 6.75), (x - 2, 6.75)], GOLD)
    canvas.polygon([(14, 9), (32, 9), (32, 15.75), (19, 15.75)], SLATE)
    canvas.polygon([(25, 14), (32, 8), (32, 14)], GREEN)
    return outlined(canvas.picture())


def lamp(phase: int) -> np.ndarray:
    """The head of a checkpoint's lamp, uint8 [16, 16]: dark, or lit in one of two phases."""
    canvas = Canvas(16, 16)
    glass, gloss = ((SLATE, GREY), (RED, LILAC), (GOLD, WHITE))[phase]
    canvas.oval((8, 8), (6.8, 6.8), PALE)
    canvas.oval((8, 8), (5.2, 5.2), glass)
    canvas.oval((6, 6), (1.8, 1.8), gloss)
    return outlined(canvas.picture())


def post() -> np.ndarray:
    """The post of a checkpoint's lamp, uint8 [48, 8]."""
    canvas = Canvas(8, 48)
    canvas.box((2, 0), (6, 44), PALE)
    canvas.box((4, 0), (6, 44), GREY)
    for y in (2, 20, 38):
        canvas.box((1, y), (7, y + 3), RED)
    canvas.box((1, 43), (7, 47.75), SLATE)
    return outlined(canvas.picture())


def sparkle(phase: int) -> np.ndarray:
    """What a ring leaves when it is taken, uint8 [16, 16], in two phases."""
    canvas = Canvas(16, 16)
    stars = (((8, 8, 7), (3, 3, 2)), ((4, 11, 4), (12, 4, 4)))[phase]
    for x, y, reach in stars:
        for dx, dy in ((reach, 1.2), (1.2, reach)):
            canvas.polygon([(x - dx, y), (x, y - dy), (x + dx, y), (x, y + dy)], WHITE)
    return outlined(canvas.picture(), ink=GOLD)


def walker(step: int) -> np.ndarray:
    """A beetle on rollers, uint8 [24, 32], facing left."""
    canvas = Canvas(32, 24)
    canvas.oval((17, 12), (12, 9), PURPLE)
    canvas.oval((19, 9), (7, 5), LILAC)
    canvas.box((4, 14), (30, 17.25), SLATE)  # the quarter shows above the rollers
    canvas.oval((7, 11), (5, 5), RED)
    canvas.oval((5.5, 10), (1.8, 2), WHITE)
    for x in (9, 17, 25):
        canvas.oval((x + step * 2, 20), (3.2, 3.2), GREY)
    return outlined(canvas.picture())


def hopper(up: bool) -> np.ndarray:
    """A thorny toad, uint8 [24, 24], crouched or leaping up."""
    low = 3.0
    foot_y = 21.5
    foot_height = 1.8
    if up:  # stretched, his feet hanging
        low = 0.0
        foot_y = 20.0
        foot_height = 3.0
    canvas = Canvas(24, 24)
    for left in (4, 8, 12, 16):
        canvas.polygon([(left, 9 + low), (left + 2, 2 + low), (left + 5, 9 + low)], RED)
    canvas.oval((12, 13 + low / 2), (9, 7 - low / 2), GREEN)
    canvas.oval((12, 16), (6, 4), WHITE)
    for eye_x, foot_x in ((7, 6), (17, 18)):
        canvas.oval((eye_x, 10 + low), (2.4, 2.4), GOLD)
        canvas.oval((eye_x, 10 + low), (1, 1.4), INK)
        canvas.oval((foot_x, foot_y), (3, foot_height), DARK_GREEN)
    return outlined(canvas.picture())


def platform() -> np.ndarray:
    """The left half of a floating stone, uint8 [16, 32]; the game mirrors it."""
    canvas = Canvas(32, 16)
    canvas.box((2, 0), (32, 12), TAN)
    canvas.box((1, 0), (32, 3), GREEN)
    canvas.box((1, 3), (32, 4), DARK_GREEN)
    canvas.polygon([(4, 12), (32, 12), (32, 16), (12, 16)], BROWN)
    for x in (10, 20, 30):
        canvas.line([(x, 5), (x, 12)], BROWN, width=1)
    return outlined(canvas.picture())


def cracked_wall() -> np.ndarray:
    """One block of a breakable wall, uint8 [32, 32]: pale stone with the same dark crack everywhere."""
    canvas = Canvas(32, 32)
    canvas.box((0, 0), (32, 32), SLATE)
    for x, y in ((0, 0), (16, 0), (0, 16), (16, 16)):
        canvas.box((x + 1, y + 1), (x + 15, y + 15), PALE)
        canvas.box((x + 1, y + 1), (x + 14, y + 2), WHITE)
        canvas.box((x + 3, y + 12), (x + 15, y + 15), GREY)
    canvas.line([(2, 3), (9, 9), (7, 14), (16, 17), (19, 24), (28, 29)], INK, width=2)
    canvas.line([(16, 17), (25, 8), (30, 9)], INK, width=2)
    return canvas.picture()


def crack_piece() -> np.ndarray:
    """A diamond out of the wall, uint8 [16, 16]: what flies when it breaks."""
    from_middle = abs(np.arange(16) - 8)
    diamond = np.add.outer(from_middle, from_middle) < 10
    return outlined(cracked_wall()[8:24, 8:24] * diamond)


def puff() -> np.ndarray:
    """The cloud a beaten enemy leaves, uint8 [16, 16]."""
    canvas = Canvas(16, 16)
    canvas.oval((8, 8), (5, 5), WHITE)
    for centre in ((3, 4), (13, 5), (4, 13), (12, 12)):
        canvas.oval(centre, (2.5, 2.5), WHITE)
    return outlined(canvas.picture(), ink=PALE)


def goal(done: bool) -> np.ndarray:
    """The sign at the end of an act, uint8 [32, 32]: a red star until it is reached, then a green tick."""
    centre = (16, 16)
    canvas = Canvas(32, 32)
    canvas.oval(centre, (14, 14), GREEN if done else RED)
    canvas.oval(centre, (11, 11), WHITE)
    if done:
        canvas.polygon(TICK, DARK_GREEN)
        return outlined(canvas.picture())
    for k in range(5):
        angle = -math.pi / 2 + k * math.tau / 5
        half_way = -math.pi / 2 + (k + 0.5) * math.tau / 5
        tip = on_ellipse(centre, (10, 10), angle)
        sides = [on_ellipse(centre, (4, 4), angle - 0.6), on_ellipse(centre, (4, 4), half_way)]
        canvas.polygon([centre, sides[0], tip, sides[1]], RED)
    return outlined(canvas.picture())


def pole() -> np.ndarray:
    """A piece of the pole that carries the goal's sign, uint8 [32, 8]."""
    picture = np.zeros((32, 8), np.uint8)
    picture[:, 2:6] = (INK, PALE, GREY, INK)
    return picture
