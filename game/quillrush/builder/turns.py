"""Where the way is not simply to the right: places that turn back, and upper ways.

At a place that turns back, holding RIGHT ends for good, and the way on begins 150 to 500 pixels to the left. A lever is
thrown only by whoever passes it to the left. No slope, enemy or bumper is near, so that nobody is thrown back by chance.
"""

from collections.abc import Callable

from game.quillrush.builder.course import COLUMN, LOWEST, Course, Kind, Thing

LEDGE = 152
STEP = 72
"""Heights above the ground, in pixels: a jump takes one 100 up, so from the ground to the step, from there to the ledge."""
TOWER = 184
"""Height of a tower's cliff: out of reach from its lower ledge (64), not from the upper one (136)."""
LIFT_HEIGHT = 144
UPPER_WAY = 128
QUIET = 24
"""Level columns before a place."""


def door(course: Course) -> None:
    """A barrier of light; the lever that puts it out stands on a ledge behind, to be entered from a step at its right."""
    _approach(course, lowest=376, arch=False)
    switch = course.new_switch()
    columns = course.rng.choice((18, 22, 26))
    ledge = columns * COLUMN
    step = ledge + 24
    block = step + 64 + 96
    course.slab(0, columns, LEDGE)
    course.thing(Kind.LEVER, dx=24, height=LEDGE, option=switch)
    course.rings(3, dx=64, height=LEDGE + 20)
    course.slab(step, 8, STEP)
    course.thing(Kind.DOOR, dx=block, option=switch)
    _mark(
        course, "door", from_dx=step + 8, block_dx=block,
        waypoints=[(step + 24, STEP, None), (ledge - 16, LEDGE, None), (24, LEDGE, switch)],
    )  # fmt: skip
    course.flat(block // COLUMN + 4)
    course.rings(3, dx=40)
    course.flat(16)


def call(course: Course) -> None:
    """A cliff with a lift that waits above; the lever that calls it stands further back."""
    _approach(course, lowest=400)
    switch = course.new_switch()
    lever = 48
    cliff = lever + course.rng.choice((208, 256, 304))
    course.thing(Kind.LEVER, dx=lever, option=switch)
    course.thing(Kind.LIFT, dx=cliff - 40, height=LIFT_HEIGHT, option=LIFT_HEIGHT // 16 << 4 | switch)
    _mark(
        course, "lift", from_dx=lever + 40, block_dx=cliff,
        waypoints=[(lever - 8, 0, switch), (cliff - 56, 0, None), (cliff - 40, LIFT_HEIGHT, None)],
    )  # fmt: skip
    course.flat(cliff // COLUMN)
    course.y -= LIFT_HEIGHT
    course.rings(3, dx=40)
    course.flat(24)
    course.sink_to(course.y + LIFT_HEIGHT - 40)


def tower(course: Course) -> None:
    """A cliff too high for any jump from below; the way up is over two ledges, the higher one further back."""
    _approach(course, lowest=424)
    upper, lower = 48, 48 + 80
    bridge = lower + 24
    cliff = bridge + course.rng.choice((160, 200, 240))
    course.slab(upper, 7, 136)
    course.slab(lower, 7, 64)
    course.slab(bridge, (cliff - bridge) // COLUMN, TOWER)
    course.rings(2, dx=upper + 16, height=156)
    _mark(
        course, "tower", from_dx=lower + 16, block_dx=cliff,
        waypoints=[(lower + 16, 64, None), (upper + 28, 136, None), (bridge + 24, TOWER, None)],
    )  # fmt: skip
    course.flat(cliff // COLUMN)
    course.y -= TOWER
    course.rings(3, dx=40)
    course.flat(24)
    course.sink_to(course.y + TOWER - 40)


def two_ways(course: Course, level_features: list[Callable[[Course], None]]) -> None:
    """An upper way on slabs, entered by a spring, and a lower one with what the zone has; they meet again."""
    course.sink_to(376)
    course.flat(10)
    course.thing(Kind.SPRING, dx=8)
    course.flat(6)
    begin = course.x
    y = course.y
    for feature in level_features:
        feature(course)
        course.flat(5)
    if course.y != y:
        raise ValueError("expected features that keep the ground's height under an upper way")
    columns = (course.x - begin) // COLUMN
    first = columns // 2 - 5
    course.slab(begin - course.x, first, UPPER_WAY)
    course.slab(begin - course.x + (first + 8) * COLUMN, columns - first - 8, UPPER_WAY)
    for dx in range(48, columns * COLUMN - 48, 48):
        if not first * COLUMN - 12 < dx < (first + 8) * COLUMN + 12:
            course.things.append(_ring(begin + dx, y - UPPER_WAY - 20))
    course.flat(10)


def _ring(x: int, y: int) -> Thing:
    return Thing(x, y, Kind.RING, option=0)


def _approach(course: Course, lowest: int, arch: bool = True) -> None:
    """Down to where the place has room, then level ground; an arch to pass under, so that nobody comes flying."""
    course.sink_to(min(lowest, LOWEST))
    course.flat(6)
    if arch:
        course.thing(Kind.ARCH)
    course.flat(QUIET)


def _mark(
    course: Course, kind: str, *, from_dx: int, block_dx: int, waypoints: list[tuple[int, int, int | None]]
) -> None:
    """Note a place for places.json; a waypoint is (dx, height above the ground, switch)."""
    points = []
    for dx, height, switch in waypoints:
        point = {"x": course.x + dx, "y": course.y - height}
        points.append(point if switch is None else point | {"switch": switch})
    course.places.append(
        {"kind": kind, "from_x": course.x + from_dx, "block_x": course.x + block_dx, "waypoints": points}
    )
