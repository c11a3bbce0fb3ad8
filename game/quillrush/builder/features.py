"""What an act is made of, one feature after the other; every one is passed from left to right.

Gates (a cracked wall, a scree slope) fall to a spin dash only; a loop asks for a run-up; the rest asks for jumps at the
right moment.
"""

from game.quillrush.builder.course import (
    COLUMN,
    CRUMBLES,
    HIGHEST,
    LOWEST,
    SCREE,
    STILL,
    TAR,
    TO_AND_FRO,
    TRACK,
    UP_AND_DOWN,
    Course,
    Kind,
    Scenery,
)

LOOP_WIDTH = 192
"""Of its track, in pixels."""


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
        course.thing(Kind.SPIKES, dx=16 + i * 32)
    course.rings(2, dx=count * 16 - 12, height=72)  # where the jump is highest
    course.flat(4 * count + 14)


def walker(course: Course) -> None:
    """A beetle that paces 32 pixels to either side."""
    course.rings(3)
    course.flat(14)
    course.thing(Kind.WALKER, dx=64, option=32)
    course.flat(22)


def hopper(course: Course) -> None:
    """A toad that hops on the spot; the option is where in its rhythm it begins, in frames."""
    course.flat(14)
    course.thing(Kind.HOPPER, dx=24, option=course.rng.randrange(64))
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
    course.thing(Kind.SPRING, dx=8)
    course.flat(6)  # close enough to the wall to be thrown over it
    course.y -= 128
    course.rings(3, dx=24)
    course.flat(18)


def island(course: Course) -> None:
    """A wide hole with a still platform in it."""
    course.flat(10)
    course.thing(Kind.PLATFORM, dx=80, height=8, option=STILL)  # in the middle of 160 pixels
    course.rings(2, dx=68, height=40)
    course.gap(20)
    course.flat(10)


def ferry(course: Course) -> None:
    """A wide hole with a platform that sways up and down or to and fro."""
    course.flat(10)
    course.thing(Kind.PLATFORM, dx=84, height=12, option=course.rng.choice((TO_AND_FRO, UP_AND_DOWN)))
    course.rings(2, dx=72, height=56)
    course.gap(21)
    course.flat(12)


def wall(course: Course) -> None:
    """Gate: a cracked wall higher than any jump; only a fast ball breaks it."""
    course.rings(3, dx=40)
    course.flat(34)  # room to charge
    course.thing(Kind.WALL)
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


def flyer(course: Course) -> None:
    """What flies to and fro at the height of the head."""
    course.rings(2)
    course.flat(14)
    course.thing(Kind.FLYER, dx=72, option=course.rng.randrange(128))
    course.flat(24)


def leaper(course: Course) -> None:
    """A hole out of which something leaps; the option is where in its rhythm it begins, in frames."""
    course.flat(10)
    course.thing(Kind.LEAPER, dx=36, option=course.rng.randrange(128))
    course.gap(9)
    course.rings(2, dx=24)
    course.flat(12)


def roller(course: Course) -> None:
    """A cog that rolls 56 pixels to either side, fast."""
    course.flat(14)
    course.thing(Kind.ROLLER, dx=80, option=56)
    course.rings(3, dx=56, height=76)
    course.flat(26)


def jet(course: Course) -> None:
    """One or two vents that blow by turns: to wait for, or to jump."""
    course.flat(12)
    phase = course.rng.randrange(128)
    course.thing(Kind.JET, dx=16, option=phase)
    if course.rng.random() < 0.5:
        course.thing(Kind.JET, dx=144, option=(phase + 40) % 128)
        course.flat(16)
    course.rings(2, dx=72)
    course.flat(16)


def crusher(course: Course) -> None:
    """A block that comes down and goes up again."""
    course.flat(14)
    course.thing(Kind.CRUSHER, dx=24, option=course.rng.randrange(128))
    course.rings(3, dx=64)
    course.flat(18)


def bumper(course: Course) -> None:
    """Two bumpers over the way, the first one to run under."""
    course.flat(14)
    course.thing(Kind.BUMPER, dx=24, height=72)
    course.thing(Kind.BUMPER, dx=112, height=32)
    course.rings(3, dx=80, height=92)
    course.flat(28)


def mushroom(course: Course) -> None:
    """A wall too high to jump, and the mushroom that throws whoever lands on it."""
    course.sink_to(HIGHEST + 120)
    course.flat(14)
    course.thing(Kind.MUSHROOM, dx=16)
    course.flat(8)
    course.y -= 120
    course.rings(3, dx=24)
    course.flat(18)


def crumbling(course: Course) -> None:
    """A wide hole with two platforms that give way under whoever stands on them."""
    course.flat(10)
    course.thing(Kind.PLATFORM, dx=64, height=8, option=CRUMBLES)
    course.thing(Kind.PLATFORM, dx=176, height=8, option=CRUMBLES)
    course.rings(2, dx=108, height=56)
    course.gap(30)
    course.flat(12)


def sinking(course: Course) -> None:
    """A wide hole with one platform that gives way under whoever stands on it."""
    course.flat(10)
    course.thing(Kind.PLATFORM, dx=84, height=8, option=CRUMBLES)
    course.rings(2, dx=72, height=48)
    course.gap(21)
    course.flat(10)


def tar(course: Course) -> None:
    """A stretch on which feet stick, and spikes behind it."""
    course.flat(10)
    course.rings(2, dx=56, height=24)
    course.flat(18, flags=TAR)
    course.flat(4)
    course.thing(Kind.SPIKES, dx=16)
    course.flat(16)


def loop(course: Course) -> None:
    """A loop: whoever is too slow for it slides back, and has to take a run-up."""
    course.rings(4, dx=120)
    course.flat(48)  # the run-up
    course.scenery.append(Scenery(course.x, course.x + LOOP_WIDTH, course.y, TRACK))
    course.flat(LOOP_WIDTH // COLUMN)
    course.rings(3, dx=24)
    course.flat(14)


def post(course: Course) -> None:
    """A lamppost: a life begins there again."""
    course.flat(6)
    course.thing(Kind.POST)
    course.flat(6)
