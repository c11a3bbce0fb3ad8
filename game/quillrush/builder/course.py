"""An act under construction: its ground along x, and what stands on it."""

import random
from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Any, NamedTuple

PIT = 0x7FFF
"""The height of ground that is not there."""
SCREE, TAR = 1, 2
"""Flags of a column: feet slide back; feet stick."""


class Kind(IntEnum):
    """What a thing is, numbered as THING_ in src/game.h."""

    RING = 0
    SPIKES = auto()
    SPRING = auto()
    WALKER = auto()
    HOPPER = auto()
    PLATFORM = auto()
    WALL = auto()
    GOAL = auto()
    POST = auto()
    DOOR = auto()
    LEVER = auto()
    LIFT = auto()
    FLYER = auto()
    LEAPER = auto()
    ROLLER = auto()
    JET = auto()
    BUMPER = auto()
    CRUSHER = auto()
    MUSHROOM = auto()
    ARCH = auto()


STILL, TO_AND_FRO, UP_AND_DOWN, _, CRUMBLES = range(5)
"""How a platform moves: its thing's option."""
SLAB, TRACK = range(2)  # as SCENERY_ in src/game.h

COLUMN = 8
"""Width of a column of ground, in pixels."""
HIGHEST = 232
LOWEST = 440
"""Heights (screen y, downwards) the ground is kept between, in pixels."""
MOST_SWITCHES = 16
"""Levers an act can have."""


class Column(NamedTuple):
    """Ground heights (screen y) at both edges of 8 pixels, and SCREE, TAR or 0."""

    left: int
    right: int
    flags: int


class Thing(NamedTuple):
    """What stands in an act: its place in pixels, its kind, and a number whose meaning is the kind's."""

    x: int
    y: int
    kind: Kind
    option: int


class Scenery(NamedTuple):
    """A slab to stand on from above (y: its surface), or the track of a loop (y: the ground below it), from left to right."""

    left: int
    right: int
    y: int
    kind: int


@dataclass
class Course:
    """The act so far: the height `y` (screen y) it has reached, its ground, its things, and where its way turns back."""

    rng: random.Random
    y: int = 400
    columns: list[Column] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    scenery: list[Scenery] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    switches: int = 0

    @property
    def x(self) -> int:
        """Where the next column goes, in pixels."""
        return len(self.columns) * COLUMN

    def height_at(self, x: int) -> int:
        """The ground's height (screen y) at x, which may not be in a pit."""
        return self.columns[x // COLUMN].left

    def flat(self, count: int, flags: int = 0) -> None:
        """`count` level columns."""
        self.columns += [Column(self.y, self.y, flags)] * count

    def slope(self, count: int, rise: int, flags: int = 0) -> None:
        """`count` columns, each `rise` pixels down (negative: up)."""
        for _ in range(count):
            self.columns.append(Column(self.y, self.y + rise, flags))
            self.y += rise

    def gap(self, count: int) -> None:
        """`count` columns without ground."""
        self.columns += [Column(PIT, PIT, flags=0)] * count

    def thing(self, kind: Kind, dx: int = 0, height: int = 0, option: int = 0) -> None:
        """Something at the current x + dx, `height` pixels above the ground."""
        self.things.append(Thing(self.x + dx, self.y - height, kind, option))

    def rings(self, count: int, dx: int = 0, height: int = 20) -> None:
        """A row of rings from the current x + dx, 24 pixels apart."""
        for i in range(count):
            self.thing(Kind.RING, dx + 24 * i, height)

    def slab(self, dx: int, columns: int, height: int) -> None:
        """A slab of so many columns from the current x + dx, `height` pixels above the ground."""
        left = self.x + dx
        self.scenery.append(Scenery(left, left + columns * COLUMN, self.y - height, SLAB))

    def new_switch(self) -> int:
        """The number of a lever that the act has not had yet. ValueError when it has them all."""
        if self.switches == MOST_SWITCHES:
            raise ValueError(f"expected at most {MOST_SWITCHES} levers in an act")
        self.switches += 1
        return self.switches - 1

    def sink_to(self, y: int) -> None:
        """Go down in drops until the ground is at `y` or lower."""
        while self.y < y:
            self.flat(6)
            self.y = min(self.y + 80, max(y, self.y + 40), LOWEST)
            self.flat(3)
