"""The 18 acts, generated from a seed and a hand-tuned list of features for each.

An act is a walk to the right: the builder keeps the current height and lays features one after the other. Gates (a cracked
wall, a scree slope) can only be passed by a spin dash; what lies between them asks for jumps.

The order of the random draws is part of the acts: another order makes another ROM, which no recorded movie fits.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from game.quillrush.builder.ground import DECORS, shape_index
from game.quillrush.builder.plans import ActPlan

PIT = 0x7FFF
"""The height of ground that is not there."""
SCREE = 1
"""The flag of a column on which feet slide back."""
RING, SPIKES, SPRING, WALKER, HOPPER, PLATFORM, WALL, GOAL = range(8)  # as THING_ in src/game.h
STILL, TO_AND_FRO, UP_AND_DOWN = range(3)
"""How a platform moves: its thing's option."""

COLUMN = 8
"""Width of a column of ground, in pixels."""
HIGHEST = 232
LOWEST = 440
"""Heights (screen y, downwards) the ground is kept between, in pixels."""


class Column(NamedTuple):
    """Ground heights (screen y) at both edges of 8 pixels, and SCREE or 0."""

    left: int
    right: int
    flags: int


class Thing(NamedTuple):
    """What stands in an act: its place in pixels, its kind (RING to GOAL), and a number whose meaning is the kind's."""

    x: int
    y: int
    kind: int
    option: int


class Cell(NamedTuple):
    """A column as the game draws it: the row and number of its surface tile, and its ornament (0 for none)."""

    left: int
    right: int
    row: int
    shape: int
    flags: int
    decor: int


@dataclass
class Course:
    """The act under construction: the height `y` (screen y) it has reached, its ground and its things."""

    rng: random.Random
    y: int = 400
    columns: list[Column] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    @property
    def x(self) -> int:
        """Where the next column goes, in pixels."""
        return len(self.columns) * COLUMN

    def height_at(self, x: int) -> int:
        """The ground's height (screen y) at x, which may not be in a pit."""
        return self.columns[x // COLUMN].left

    def flat(self, count: int) -> None:
        """`count` level columns."""
        self.columns += [Column(self.y, self.y, flags=0)] * count

    def slope(self, count: int, rise: int, flags: int = 0) -> None:
        """`count` columns, each `rise` pixels down (negative: up)."""
        for _ in range(count):
            self.columns.append(Column(self.y, self.y + rise, flags))
            self.y += rise

    def gap(self, count: int) -> None:
        """`count` columns without ground."""
        self.columns += [Column(PIT, PIT, flags=0)] * count

    def thing(self, kind: int, dx: int = 0, height: int = 0, option: int = 0) -> None:
        """Something at the current x + dx, `height` pixels above the ground."""
        self.things.append(Thing(self.x + dx, self.y - height, kind, option))

    def rings(self, count: int, dx: int = 0, height: int = 20) -> None:
        """A row of rings from the current x + dx, 24 pixels apart."""
        for i in range(count):
            self.thing(RING, dx + 24 * i, height)


def step(course: Course) -> None:
    """A ledge to jump on; from high ground, down again."""
    no_room = course.y - 64 < HIGHEST
    if no_room or (course.y < 330 and course.rng.random() < 0.6):
        course.flat(6)
        course.y = min(course.y + course.rng.choice((48, 64, 88)), LOWEST)
        course.flat(8)
        return
    course.flat(12)  # a run-up
    course.y -= course.rng.choice((32, 40, 48, 56))
    course.rings(2, dx=24)
    course.flat(14)  # room to land


def hill(course: Course) -> None:
    """Up and down, gently or steeply; down and up where the ground is high; a step where neither has room."""
    rise, count = course.rng.choice(((2, 16), (4, 12), (8, 5)))  # pixels per column, columns
    if course.y - rise * count < HIGHEST:
        rise = -rise
    back = course.rng.random() < 0.6
    if course.y - rise * count > LOWEST:
        step(course)
        return
    course.slope(count, -rise)
    course.rings(3, dx=8)
    course.flat(8)
    if back:
        course.slope(count, rise)


def rings(course: Course) -> None:
    """A row of rings on flat ground."""
    course.flat(3)
    course.rings(5)
    course.flat(18)


def pit(course: Course) -> None:
    """A hole to jump: 56 to 88 pixels."""
    width = course.rng.choice((7, 8, 9, 11))
    course.flat(10)
    course.rings(3, dx=width * 4 - 24, height=64)  # along the jump, over the middle of the hole
    course.gap(width)
    course.flat(10)


def spikes(course: Course) -> None:
    """One or two beds of spikes to jump."""
    count = course.rng.choice((1, 1, 2))
    course.flat(12)
    for i in range(count):
        course.thing(SPIKES, dx=16 + i * 32)
    course.rings(2, dx=count * 16 - 12, height=72)  # where the jump is highest
    course.flat(4 * count + 14)


def walker(course: Course) -> None:
    """A beetle that paces 32 pixels to either side."""
    course.rings(3)
    course.flat(14)
    course.thing(WALKER, dx=64, option=32)
    course.flat(22)


def hopper(course: Course) -> None:
    """A toad that hops on the spot; the option is where in its rhythm it begins, in frames."""
    course.flat(14)
    course.thing(HOPPER, dx=24, option=course.rng.randrange(64))
    course.rings(2, dx=72)
    course.flat(18)


def spring(course: Course) -> None:
    """A wall too high to jump, and the spring that throws over it; from high ground, down."""
    if course.y - 128 < 200:
        course.flat(6)
        course.y = min(course.y + 96, LOWEST)
        course.flat(10)
        return
    course.flat(12)
    course.thing(SPRING, dx=8)
    course.flat(6)  # close enough to the wall to be thrown over it
    course.y -= 128
    course.rings(3, dx=24)
    course.flat(18)


def island(course: Course) -> None:
    """A wide hole with a still platform in it."""
    course.flat(10)
    course.thing(PLATFORM, dx=80, height=8, option=STILL)  # in the middle of 160 pixels
    course.rings(2, dx=68, height=40)
    course.gap(20)
    course.flat(10)


def lift(course: Course) -> None:
    """A wide hole with a platform that sways up and down or to and fro."""
    course.flat(10)
    course.thing(PLATFORM, dx=84, height=12, option=course.rng.choice((TO_AND_FRO, UP_AND_DOWN)))
    course.rings(2, dx=72, height=56)
    course.gap(21)
    course.flat(12)


def wall(course: Course) -> None:
    """Gate: a cracked wall higher than any jump; only a fast ball breaks it."""
    course.rings(3, dx=40)
    course.flat(34)  # room to charge
    course.thing(WALL)
    course.rings(4, dx=80)
    course.flat(24)


def scree(course: Course) -> None:
    """Gate: a slope of loose stones on which feet slide back, too long for a rolling start at running speed."""
    if course.y < LOWEST:
        course.flat(6)
        while course.y < LOWEST:  # down to where the slope has room
            course.y = min(course.y + 80, LOWEST)
            course.flat(9)
    course.flat(30)  # room to charge
    course.slope(14, rise=-16, flags=SCREE)
    course.rings(4, dx=48)
    course.flat(22)
    for _ in range(2):  # down again, in two drops
        course.y += 88
        course.flat(14)


FEATURES: dict[str, Callable[[Course], None]] = {
    "step": step, "hill": hill, "rings": rings, "pit": pit, "spikes": spikes, "walker": walker, "hopper": hopper,
    "spring": spring, "island": island, "lift": lift, "wall": wall, "scree": scree,
}  # fmt: skip


def build_act(plan: ActPlan) -> Course:
    """Lay an act: features drawn without repeating until each has come, gates at their places, the goal at its end."""
    end_x = plan.act.end_x
    course = Course(random.Random(plan.seed))
    course.flat(28)
    course.rings(4, dx=-60)
    course.flat(plan.seed % 4 * 10 + 40)
    FEATURES[plan.first](course)
    gates = list(plan.gates)
    bag: list[str] = []
    while course.x < end_x - 420:  # what is left is for the last feature and the goal
        if gates and course.x >= int(gates[0][1] * end_x) - 300:  # a gate takes some 300 pixels before it blocks
            kind, _ = gates.pop(0)
        else:
            if not bag:
                bag = plan.features.split()
                course.rng.shuffle(bag)
            kind = bag.pop()
        FEATURES[kind](course)
        course.flat(max(4, int(course.rng.gauss(plan.pace, 4))))
    while course.x < end_x + 320:  # a screen's width beyond the end
        course.flat(1)
    course.things.append(Thing(end_x, course.height_at(end_x), GOAL, option=0))
    course.things.sort()
    return course


def surface_cells(course: Course, seed: int) -> list[Cell]:
    """Every column as it is drawn; an ornament on three of ten level ones."""
    rng = random.Random(seed)
    cells = []
    for left, right, flags in course.columns:
        if left == PIT:
            cells.append(Cell(PIT, PIT, row=0, shape=0, flags=0, decor=0))
            continue
        row, shape = shape_index(left, right)
        decor = 0
        if left == right and rng.random() < 0.3:
            decor = rng.randrange(1, DECORS + 1)
        cells.append(Cell(left, right, row=row, shape=shape, flags=flags, decor=decor))
    return cells
