"""The 18 acts, generated from a seed and a hand-tuned list of features for each.

An act is a walk to the right: the builder keeps the current height and lays features one after the other. Gates (a cracked
wall, a scree slope) can only be passed by a spin dash; what lies between them asks for jumps.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from game.quillrush.builder.scenery import shape_index

PIT = 0x7FFF
SCREE = 1
START_X = 96
RING, SPIKES, SPRING, WALKER, HOPPER, PLATFORM, WALL, GOAL = range(8)
LOWEST, HIGHEST = 440, 232
"""Heights (screen y) the ground is kept between, in pixels."""


@dataclass(frozen=True)
class ActPlan:
    """One act: where it lies in RAM's numbering, which look, how hard, what it is made of.

    `gates` are (kind, place along the act); `features` is drawn from in random order; `pace` is the mean number of flat
    columns (8 pixels) between features.
    """

    zone: int
    act: int
    theme: int
    end_x: int
    seed: int
    pace: int
    gates: tuple[tuple[str, float], ...]
    features: str


def _act(
    zone: int, act: int, theme: int, end_x: int, pace: int, gates: str, places: tuple[float, ...], features: str
) -> ActPlan:
    kinds = {"w": "wall", "s": "scree"}
    return ActPlan(
        zone,
        act,
        theme,
        end_x,
        zone * 10 + act + 7,
        pace,
        tuple(zip((kinds[g] for g in gates), places, strict=True)),
        features,
    )


PLANS = (
    _act(0, 0, 0, 0x2A40, 22, "ww", (0.42, 0.72), "step hill rings walker step pit hill spikes"),
    _act(0, 1, 0, 0x29C0, 20, "ws", (0.38, 0.70), "step hill walker rings spikes step pit hopper hill"),
    _act(13, 0, 1, 0x2840, 20, "wws", (0.34, 0.58, 0.82), "spikes step spring pit rings step walker spikes"),
    _act(13, 1, 1, 0x2943, 18, "wsw", (0.36, 0.60, 0.84), "pit step spikes spring walker pit rings"),
    _act(15, 0, 2, 0x298C, 18, "sww", (0.36, 0.60, 0.84), "step island walker pit step rings hopper"),
    _act(15, 1, 2, 0x298D, 17, "wsw", (0.34, 0.58, 0.82), "step island spikes pit hopper step rings"),
    _act(12, 0, 3, 0x2840, 18, "wws", (0.33, 0.56, 0.80), "spring step spring rings spikes walker pit"),
    _act(12, 1, 3, 0x2740, 17, "wsw", (0.35, 0.60, 0.84), "spring spikes step spring pit hopper rings"),
    _act(7, 0, 4, 0x2900, 18, "sww", (0.35, 0.60, 0.84), "hill step hill pit rings hopper hill walker"),
    _act(7, 1, 4, 0x2E2E, 16, "wsw", (0.32, 0.57, 0.82), "hill step pit hill spikes hopper hill rings"),
    _act(11, 0, 5, 0x2450, 17, "wsw", (0.34, 0.58, 0.83), "step pit step spikes walker rings step hopper"),
    _act(11, 1, 5, 0x21A0, 16, "wws", (0.35, 0.58, 0.80), "pit step spikes step hopper island rings"),
    _act(10, 0, 6, 0x3040, 17, "wsws", (0.30, 0.50, 0.68, 0.86), "hill lift pit step rings spikes walker"),
    _act(10, 1, 6, 0x2856, 16, "sww", (0.34, 0.58, 0.83), "lift hill spikes step pit hopper rings"),
    _act(4, 0, 7, 0x2300, 15, "wsw", (0.34, 0.58, 0.83), "lift step spikes spring walker pit rings"),
    _act(4, 1, 7, 0x1F40, 15, "wws", (0.33, 0.56, 0.80), "step lift spring spikes hopper pit"),
    _act(5, 0, 7, 0x29AF, 14, "wsww", (0.30, 0.50, 0.68, 0.86), "lift spikes step pit hopper spring rings step"),
    _act(6, 0, 8, 0x29D9, 14, "swws", (0.30, 0.50, 0.68, 0.86), "lift pit step hopper spikes lift island rings"),
)


@dataclass
class Course:
    """The act under construction: ground columns [(left, right, flags)], and things (x, y, kind, option)."""

    rng: random.Random
    y: int = 400
    columns: list[tuple[int, int, int]] = field(default_factory=list)
    things: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def x(self) -> int:
        return len(self.columns) * 8

    def flat(self, count: int) -> None:
        self.columns += [(self.y, self.y, 0)] * count

    def slope(self, count: int, rise: int, flags: int = 0) -> None:
        """`count` columns, each `rise` pixels down (negative: up)."""
        for _ in range(count):
            self.columns.append((self.y, self.y + rise, flags))
            self.y += rise

    def gap(self, count: int) -> None:
        self.columns += [(PIT, PIT, 0)] * count

    def thing(self, kind: int, dx: int = 0, height: int = 0, option: int = 0) -> None:
        """Something at the current x + dx, `height` pixels above the ground."""
        self.things.append((self.x + dx, self.y - height, kind, option))

    def rings(self, count: int, dx: int = 0, height: int = 20, apart: int = 24) -> None:
        for i in range(count):
            self.thing(RING, dx + i * apart, height)


def step(course: Course) -> None:
    """A ledge to jump on; from high ground, down again."""
    if course.y - 64 < HIGHEST or (course.y < 330 and course.rng.random() < 0.6):
        course.flat(6)
        course.y = min(course.y + course.rng.choice((48, 64, 88)), LOWEST)
        course.flat(8)
        return
    course.flat(12)
    course.y -= course.rng.choice((32, 40, 48, 56))
    course.rings(2, dx=24)
    course.flat(14)


def hill(course: Course) -> None:
    """Up and down, gently or steeply."""
    rise, count = course.rng.choice(((2, 16), (4, 12), (8, 5)))
    if course.y - rise * count < HIGHEST:
        rise = -rise
    elif course.y + rise * count > LOWEST:
        pass
    back = course.rng.random() < 0.6
    if rise < 0 and course.y - rise * count > LOWEST:
        return step(course)
    course.slope(count, -rise)
    course.rings(3, dx=8)
    course.flat(8)
    if back:
        course.slope(count, rise)
    return None


def rings(course: Course) -> None:
    course.flat(3)
    course.rings(5)
    course.flat(18)


def pit(course: Course) -> None:
    """A hole to jump: 56 to 88 pixels."""
    width = course.rng.choice((7, 8, 9, 11))
    course.flat(10)
    course.rings(3, dx=width * 4 - 24, height=64)
    course.gap(width)
    course.flat(10)


def spikes(course: Course) -> None:
    count = course.rng.choice((1, 1, 2))
    course.flat(12)
    for i in range(count):
        course.thing(SPIKES, 16 + i * 32)
    course.rings(2, dx=count * 16 - 12, height=72)
    course.flat(4 * count + 14)


def walker(course: Course) -> None:
    course.rings(3)
    course.flat(14)
    course.thing(WALKER, 64, 0, 32)
    course.flat(22)


def hopper(course: Course) -> None:
    course.flat(14)
    course.thing(HOPPER, 24, 0, course.rng.randrange(64))
    course.rings(2, dx=72)
    course.flat(18)


def spring(course: Course) -> None:
    """A wall too high to jump, and the spring that throws over it."""
    if course.y - 128 < 200:
        course.flat(6)
        course.y = min(course.y + 96, LOWEST)
        course.flat(10)
        return
    course.flat(12)
    course.thing(SPRING, 8)
    course.flat(6)
    course.y -= 128
    course.rings(3, dx=24)
    course.flat(18)


def island(course: Course) -> None:
    """A wide hole with a still platform in it."""
    course.flat(10)
    course.things.append((course.x + 80, course.y - 8, PLATFORM, 0))
    course.rings(2, dx=68, height=40)
    course.gap(20)
    course.flat(10)


def lift(course: Course) -> None:
    """A wide hole with a platform that sways up and down or to and fro."""
    course.flat(10)
    moves = course.rng.choice((1, 2))
    course.things.append((course.x + 84, course.y - 12, PLATFORM, moves))
    course.rings(2, dx=72, height=56)
    course.gap(21)
    course.flat(12)


def wall(course: Course) -> None:
    """Gate: a cracked wall higher than any jump; only a fast ball breaks it."""
    course.rings(3, dx=40)
    course.flat(34)
    course.thing(WALL, 0)
    course.rings(4, dx=80)
    course.flat(24)


def scree(course: Course) -> None:
    """Gate: a slope of loose stones on which feet slide back, too long for a rolling start at running speed."""
    if course.y < LOWEST:
        course.flat(6)
        while course.y < LOWEST:  # down to where the slope has room
            course.y = min(course.y + 80, LOWEST)
            course.flat(9)
    course.flat(30)
    course.slope(14, -16, SCREE)
    course.rings(4, dx=48)
    course.flat(22)
    for _ in range(2):
        course.y += 88
        course.flat(14)


FEATURES: dict[str, Callable[[Course], None]] = {
    "step": step, "hill": hill, "rings": rings, "pit": pit, "spikes": spikes, "walker": walker, "hopper": hopper,
    "spring": spring, "island": island, "lift": lift, "wall": wall, "scree": scree,
}  # fmt: skip


def build_act(plan: ActPlan) -> Course:
    """Lay an act: features drawn without repeating until each has come, gates at their places, the goal at its end."""
    course = Course(random.Random(plan.seed))
    course.flat(28)
    course.rings(4, dx=-60)
    first = "step" if plan.theme != 3 else "spikes"
    course.flat(plan.seed % 4 * 10 + 40)
    FEATURES[first](course)
    gates = [(kind, int(place * plan.end_x)) for kind, place in plan.gates]
    bag: list[str] = []
    while course.x < plan.end_x - 420:
        if gates and course.x >= gates[0][1] - 300:
            FEATURES[gates.pop(0)[0]](course)
        else:
            if not bag:
                bag = plan.features.split()
                course.rng.shuffle(bag)
            FEATURES[bag.pop()](course)
        course.flat(max(4, int(course.rng.gauss(plan.pace, 4))))
    while course.x < plan.end_x + 320:
        course.flat(1)
    course.things.append((plan.end_x, course.columns[plan.end_x // 8][0], GOAL, 0))
    course.things.sort()
    return course


def surface_cells(course: Course, decors: int, seed: int) -> list[tuple[int, int, int, int, int, int]]:
    """(left, right, row, shape, flags, decor) of every column."""
    rng = random.Random(seed)
    cells = []
    for left, right, flags in course.columns:
        if left == PIT:
            cells.append((PIT, PIT, 0, 0, 0, 0))
            continue
        row, shape = shape_index(left, right)
        decor = rng.randrange(1, decors + 1) if left == right and rng.random() < 0.3 else 0
        cells.append((left, right, row, shape, flags, decor))
    return cells
