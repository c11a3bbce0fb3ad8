"""The hero: his poses, the dust behind his charge, and his head for the count of lives."""

import math
from dataclasses import dataclass, replace

import numpy as np

from game.quillrush.builder.canvas import Canvas, Point, on_ellipse, outlined

COLOURS = ["101018", "ffffff", "ffa020", "c86000", "ffe8b0", "202868", "4870e8", "d82030", "ffe040", "c8c8d0", "888898",
           "801020", "60e0e0", "a0c8ff", "ffe000"]  # fmt: skip
INK, WHITE, FUR, SHADE, CREAM, QUILL, QUILL_LIGHT, SHOE, YELLOW, SMOKE, SMOKE_DARK, SHOE_DARK = range(1, 13)

BALL_QUILLS = 9
DUST_SIZES = 6
"""As many clouds as a charge has strengths."""
DUST_PHASES = 2
PUFFS = ((27, 28, 2.6), (20, 26.5, 3.6), (12.5, 24, 4.8), (21.5, 18, 5), (7.5, 15.5, 5.5), (16, 8, 6.3))
"""(x, y, radius) of what makes up the largest cloud, from the hero outwards; a smaller one has the first ones only."""
TURNS = 8
"""Ways he can be turned on the inside of a loop, 45 degrees apart."""


@dataclass(frozen=True)
class Figure:
    """How the hero holds himself on his feet; places are (x, y) in his picture.

    Attributes:
        feet: his ankles, the far one first; none when his legs are a blur.
        hands: the far one first.
        lean: how far his head is ahead of his hips, in pixels.
        sink: how far his head and body are below their usual height, in pixels.
        sweep: where the tips of his quills are above (negative) or below their usual height, in pixels.
        look: how far up he looks, in pixels.
        lids: whether his eyes are shut.
    """

    feet: tuple[Point, ...] = ((12, 28.5), (18, 28.5))
    hands: tuple[Point, ...] = ((20, 20), (11.5, 22))
    lean: float = 0
    sink: float = 0
    sweep: float = 0
    look: float = 0
    lids: bool = False

    def paint(self, canvas: Canvas) -> None:
        """Paint him, facing right."""
        far_hand, near_hand = self.hands
        shoulder = (15 + self.lean * 0.6, 17.5 + self.sink)
        hips = (15, 23 + self.sink * 0.5)
        _arm(canvas, shoulder, far_hand, SHADE)
        self._quills(canvas)
        for foot, ink in zip(self.feet, (SHADE, FUR), strict=False):
            canvas.line([hips, (foot[0], foot[1] - 1.5)], ink, width=3)
        belly = min(20 + self.sink, 25)  # above his soles, however low he crouches
        canvas.oval((15 + self.lean / 3, belly), (5.2, 5.4), FUR)
        canvas.oval((17 + self.lean / 3, belly + 0.8), (3, 3.8), CREAM)
        for foot in self.feet:
            _shoe(canvas, foot)
        self._head(canvas)
        _arm(canvas, shoulder, near_hand, FUR)

    def _quills(self, canvas: Canvas) -> None:
        """Three on his head and back, the tips trailing behind a leaning head."""
        for i, ink in enumerate((QUILL_LIGHT, QUILL, QUILL_LIGHT)):
            tip = (1.5 + i * 1.2 + self.lean / 2, 7 + 6 * i + self.sweep + self.sink)
            top = (13 + self.lean * (1 - i * 0.25), 2.5 + 4.5 * i + self.sink)
            bend = (7 + self.lean / 2, 4 + 5.2 * i + self.sink + self.sweep * 0.3)
            canvas.polygon([top, bend, tip, (13 + self.lean * 0.6, 12 + 4 * i + self.sink)], ink)

    def _head(self, canvas: Canvas) -> None:
        x = 16.5 + self.lean
        y = 9.5 + self.sink
        canvas.polygon([(x - 6, y - 4), (x - 4.5, y - 9.5), (x - 0.5, y - 5.5)], FUR)
        canvas.polygon([(x - 4.5, y - 5), (x - 4.2, y - 7.5), (x - 2.2, y - 5.5)], SHADE)
        canvas.oval((x, y), (7.5, 7), FUR)
        canvas.oval((x + 3.6, y + 3 - self.look / 2), (4.8, 3.3), CREAM)
        canvas.oval((x + 8, y + 1 - self.look), (1.6, 1.5), INK)
        left = round(x)  # thin strokes lie on whole pixels
        top = round(y)
        canvas.box((left + 2, top + 5), (left + 5, top + 6), SHADE)
        if self.lids:
            canvas.box((left + 1, top - 2), (left + 5, top - 1), INK)
            return
        canvas.oval((x + 3, y - 2 - self.look / 2), (2.8, 3.4), WHITE)
        canvas.box((left + 3, top - 4 - self.look), (left + 5, top - self.look), INK)

    def picture(self) -> np.ndarray:
        """uint8 [32, 32]."""
        canvas = Canvas(32, 32)
        self.paint(canvas)
        return outlined(canvas.picture())


def _arm(canvas: Canvas, shoulder: Point, hand: Point, ink: int) -> None:
    canvas.line([shoulder, hand], ink, width=2)
    canvas.oval(hand, (2.2, 2.2), WHITE)


def _shoe(canvas: Canvas, ankle: Point) -> None:
    x, y = ankle
    canvas.oval((x + 1, y), (4.6, 2.5), SHOE)
    canvas.box((x - 1.5, y - 2.5), (x + 1.5, y - 0.5), WHITE)
    canvas.box((x - 3, y + 1.25), (x + 5, y + 2.5), SHOE_DARK)


STANDING = Figure()


def walking(step: int) -> np.ndarray:
    """One of four steps of a walk, uint8 [32, 32]."""
    feet = (((8, 27), (21, 28.5)), ((14, 26), (15, 28.5)), ((20, 28.5), (9, 27)), ((15, 28.5), (14, 26)))[step]
    swing = (5, 0, -5, 0)[step]
    hands = ((18 + swing, 20), (14 - swing, 20.5))
    return replace(STANDING, feet=feet, hands=hands, lean=1.5, sink=step % 2 * -0.75, sweep=step % 2).picture()


def running(step: int, turn: int = 0) -> np.ndarray:
    """One of four phases of a run, uint8 [32, 32], turned anticlockwise by `turn` x 45 degrees.

    His legs are a blur: two whirls of red and white.
    """
    canvas = Canvas(32, 32)
    hands = ((7, 18 + step % 2), (5, 21 - step % 2))
    replace(STANDING, feet=(), hands=hands, lean=3.5, sink=1 - step % 2, sweep=-2 - step % 2).paint(canvas)
    for x, shift in ((10, 0.5), (20.5, 0)):
        _whirl(canvas, (x, 26), (step + shift) * math.tau / 8)
    canvas.turn(360 // TURNS * turn)
    return outlined(canvas.picture())


def _whirl(canvas: Canvas, centre: Point, turn: float) -> None:
    """A shoe that goes round so fast that it is seen all around."""
    radii = (5.6, 4.7)
    canvas.oval(centre, radii, SHOE)
    for k in range(2):
        angle = turn + k * math.tau / 2
        canvas.polygon([centre, *(on_ellipse(centre, radii, angle + d) for d in (0, 0.5, 1))], SHOE_DARK)
        canvas.oval(on_ellipse(centre, (3.8, 3.1), angle + 1.7), (1.5, 1.2), WHITE)
    canvas.oval(centre, (2, 1.7), SHADE)


def ball(turn: float) -> np.ndarray:
    """The hero curled up, uint8 [32, 32]; `turn` in radians, clockwise."""
    canvas = Canvas(32, 32)
    _curl(canvas, (16, 18), (12.6, 12.6), turn)
    return outlined(canvas.picture())


def _curl(canvas: Canvas, centre: Point, radii: Point, turn: float) -> None:
    """A ball of quills, with an orange flank and a red shoe to tell its turns apart."""
    x_radius, y_radius = radii

    def place(angle: float, share: float) -> Point:
        return on_ellipse(centre, (x_radius * share, y_radius * share), turn + angle)

    canvas.oval(centre, radii, QUILL_LIGHT)
    for k in range(5):  # quills, bent backwards by the spin
        angle = 1.4 + k * 0.8
        canvas.polygon([place(angle, 1), place(angle + 0.35, 0.98), place(angle - 0.5, 0.35)], QUILL)
    canvas.oval(place(0, 0.42), (x_radius * 0.5, y_radius * 0.5), FUR)
    canvas.oval(place(0.2, 0.36), (x_radius * 0.26, y_radius * 0.26), CREAM)
    canvas.oval(place(-0.85, 0.74), (x_radius * 0.24, y_radius * 0.24), SHOE)
    gloss = (centre[0] + x_radius * 0.1, centre[1] - y_radius * 0.62)
    canvas.oval(gloss, (x_radius * 0.3, y_radius * 0.14), WHITE)


def charging(turn: float) -> np.ndarray:
    """The hero revving on the spot, flattened, his quills out, uint8 [32, 32]."""
    canvas = Canvas(32, 32)
    centre = (16.5, 22)
    for k in range(BALL_QUILLS):
        angle = turn + k * math.tau / BALL_QUILLS
        sides = [on_ellipse(centre, (11, 7), angle - 0.3), on_ellipse(centre, (11, 7), angle + 0.3)]
        canvas.polygon([sides[0], on_ellipse(centre, (15, 11), angle - 0.5), sides[1]], QUILL_LIGHT)
    _curl(canvas, centre, (12.5, 8.8), turn)
    return outlined(canvas.picture())


def crouching() -> np.ndarray:
    """The hero ducked, before a charge, uint8 [32, 32]."""
    return replace(
        STANDING, feet=((10, 28.5), (20, 28.5)), hands=((22, 27), (9, 26)), lean=2, sink=9, sweep=-1
    ).picture()


def fallen(head: int) -> np.ndarray:
    """The hero on his back with arms and legs spread, uint8 [32, 32]; `head` is the ink of his head."""
    canvas = Canvas(32, 32)
    for x in (2, 30):
        canvas.polygon([(16, 3), (x, 12), (16, 15)], QUILL)
        canvas.polygon([(16, 1), (x, 4), (16, 12)], QUILL_LIGHT)
    # his shoes below, his hands above
    for tip, ink in (((6, 27), SHOE), ((26, 27), SHOE), ((4, 19), WHITE), ((28, 19), WHITE)):
        canvas.line([(16, 20), tip], SHADE, width=3)
        canvas.oval(tip, (3.2, 2.8), ink)
    canvas.oval((16, 20), (6, 6.5), FUR)
    canvas.oval((16, 21), (3.7, 4.5), CREAM)
    canvas.oval((16, 9.5), (8, 7.5), head)
    canvas.oval((16, 13), (5, 3.2), CREAM)
    canvas.oval((16, 11), (1.6, 1.2), INK)
    canvas.oval((16, 14.5), (1.5, 1), SHOE_DARK)
    for eye in (12.5, 19.5):
        canvas.oval((eye, 7.5), (2.6, 3), WHITE)
        canvas.box((eye - 0.5, 7), (eye + 0.5, 8), INK)
    return outlined(canvas.picture())


def hero_poses() -> dict[str, np.ndarray]:
    """All poses by name, uint8 [32, 32] each, facing right; the C code knows them by their order (POSE_ in tiles.h)."""
    poses = {"STAND": STANDING.picture(), "BLINK": replace(STANDING, lids=True).picture()}
    poses |= {f"WALK_{step + 1}": walking(step) for step in range(4)}
    poses |= {f"RUN_{step + 1}": running(step) for step in range(4)}
    poses["FALL"] = replace(STANDING, feet=((9, 27), (19, 28)), hands=((25, 19), (4, 14)), sweep=-4).picture()
    poses |= {f"BALL_{k + 1}": ball(k * math.tau / 4) for k in range(4)}
    poses |= {"CROUCH": crouching(), "CHARGE_1": charging(0.3), "CHARGE_2": charging(2.3)}
    for step, feet in enumerate((((5, 28.5), (15, 28.5)), ((13, 28.5), (7, 27.5)))):
        push = Figure(feet=feet, hands=((29, 19), (28, 22.5)), lean=1.5, sink=1.5 - step)
        poses[f"PUSH_{step + 1}"] = push.picture()
    poses["SKID"] = Figure(
        feet=((20, 28.5), (25, 28.5)), hands=((25, 17), (3, 17)), lean=-3, sink=1, sweep=-3
    ).picture()
    poses |= {"HURT": fallen(head=FUR), "DEAD": fallen(head=QUILL_LIGHT)}
    poses["LOOK_UP"] = replace(STANDING, look=3, sweep=3).picture()
    poses["BRINK"] = Figure(feet=((9, 28.5), (15, 28.5)), hands=((28, 12), (4, 13)), lean=3.5, sweep=-5).picture()
    for turn in range(1, TURNS):
        poses |= {f"TURN_{turn}_{step + 1}": running(step, turn) for step in range(2)}
    return poses


def dust(size: int, phase: int) -> np.ndarray:
    """The cloud behind a charge, uint8 [32, 32]: larger with every rev, so that a picture tells how far it is.

    Args:
        size: 0 to DUST_SIZES - 1.
        phase: 0 or 1; the cloud billows between them.
    """
    canvas = Canvas(32, 32)
    for k in reversed(range(size + 1)):  # the nearest in front
        x, y, usual_radius = PUFFS[k]
        radius = usual_radius + (0.7, -0.3)[(k + phase) % 2]
        canvas.oval((x, y), (radius + 0.8, radius + 0.8), SMOKE_DARK)
        canvas.oval((x, y), (radius, radius), SMOKE)
        canvas.oval((x - 0.5, y - radius * 0.25), (radius * 0.8, radius * 0.7), WHITE)
    return outlined(canvas.picture())


def life() -> np.ndarray:
    """The hero's head, uint8 [16, 16], for the count of lives."""
    head = STANDING.picture()[1:17, 2:28]
    rows = np.linspace(0, 15, 14).astype(int)
    columns = np.linspace(0, 25, 14).astype(int)
    return outlined(np.pad(head[np.ix_(rows, columns)], 1))
