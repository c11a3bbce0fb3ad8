"""Ways to a goal that lies anywhere: a best-first search (weighted A*) over savestates.

From everywhere it has come, runs, jumps and waits are tried, those first that should lead nearer: a move is only played once
its turn comes, and until then stands in the queue for where simple kinematics say that it leads. No spot is searched twice:
spots are told apart by position, speed, switches, and how long was waited, so that lifts may come.
"""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from game.places import Waypoint
from record.search.moves import (
    DOWN,
    JUMP,
    JUMP_DOWN,
    JUMP_LEFT,
    JUMP_RIGHT,
    LEFT,
    NOTHING,
    RIGHT,
    Move,
    frames_of,
    masks_of,
)
from record.search.sandbox import LOOK_FRAMES, Sandbox, Situation

NEAR_X, NEAR_Y = 16, 12
"""Pixels from a waypoint within which it counts as reached."""
TOP_SPEED, ACCELERATION, BRAKING = 6.0, 0.047, 0.5
"""Pixels per frame, and per frame and frame: of plain running."""
GREED = 1.5
"""How much the frames that are still expected weigh beside those that were played."""
NEARLY_AT_REST = 0x80
"""Inertia, 8.8 fixed point: half a pixel per frame."""
MOST_FALLING = 160
"""Frames in the air after which a move is over."""
CHANGE_COST, JUMP_COST = 6, 12
"""Frames that a change of buttons and a jump count as, so that few are made."""
LOST_RINGS_COST = 400
"""Frames that a hit counts as."""
WHIM = 0.15
"""How much chance there is in the order of the moves, so that no two searches find the same way."""


class Goal(Protocol):
    """Where a way shall lead."""

    def reached(self, now: Situation) -> bool:
        """Whether it has."""
        ...

    def frames_left(self, x: float, feet: float, speed: float) -> float:
        """Frames from a position (pixels) and a speed (pixels per frame, to the right) at best."""
        ...


@dataclass(frozen=True)
class AtWaypoint:
    """Standing at a waypoint; where it names a switch, that it was thrown."""

    waypoint: Waypoint

    def reached(self, now: Situation) -> bool:
        if self.waypoint.switch is not None:
            return bool(now.switches >> self.waypoint.switch & 1)
        is_near = abs(now.x - self.waypoint.x) <= NEAR_X and abs(now.feet - self.waypoint.y) <= NEAR_Y
        return is_near and not now.airborne

    def frames_left(self, x: float, feet: float, speed: float) -> float:
        sideways = self.waypoint.x - x
        towards = speed if sideways > 0 else -speed
        return _frames_to_run(abs(sideways) - NEAR_X, towards) + max(abs(self.waypoint.y - feet) - NEAR_Y, 0) / 2


@dataclass(frozen=True)
class Past:
    """Standing right of an x."""

    x: int

    def reached(self, now: Situation) -> bool:
        return now.x >= self.x and not now.airborne

    def frames_left(self, x: float, feet: float, speed: float) -> float:
        return _frames_to_run(self.x - x, speed)


def _frames_to_run(distance: float, speed: float) -> float:
    """Frames to run so many pixels, beginning at this speed (negative: away from there)."""
    if distance <= 0:
        return 0.0
    braking = 0.0
    if speed < 0:
        braking = -speed / BRAKING
        distance += speed * speed / (2 * BRAKING)
        speed = 0.0
    to_top = max(TOP_SPEED - speed, 0) / ACCELERATION
    accelerating = (math.sqrt(speed * speed + 2 * ACCELERATION * distance) - speed) / ACCELERATION
    if accelerating <= to_top:
        return braking + accelerating
    return braking + to_top + (distance - to_top * (speed + TOP_SPEED) / 2) / TOP_SPEED


@dataclass(frozen=True)
class Attempt:
    """A move to try: its runs, and what is held after them until the feet are on the ground again.

    Attributes:
        sideways: -1, 0 or 1, where it leads.
        rises: pixels that it may lead up.
    """

    runs: Move
    then: int
    sideways: int = 0
    rises: int = 0
    is_wait: bool = False

    def cost(self, last_mask: int, frames: int) -> int:
        """Of so many frames of it, after this mask (-1: none)."""
        is_jump = self.rises > 0
        return frames + (self.runs[0][0] != last_mask) * CHANGE_COST + is_jump * JUMP_COST


def _sideways(mask: int) -> int:
    """Where a mask leads: -1, 0 or 1."""
    return bool(mask & RIGHT) - bool(mask & LEFT)


def _dash(then: int, revs: int) -> Attempt:
    """A spin dash from rest; a tap before it turns the player to where it goes."""
    runs: Move = ((then, 4), (NOTHING, 8), (DOWN, 8), *((JUMP_DOWN, 4), (DOWN, 4)) * revs, (then, 40))
    return Attempt(runs, then, sideways=4 * _sideways(then))


STEERING = tuple(
    Attempt(((mask, 8),), mask & ~JUMP, _sideways(mask)) for mask in (LEFT, NOTHING, RIGHT, JUMP_LEFT, JUMP_RIGHT)
)
RUNS = (
    *(Attempt(((mask, frames),), mask, _sideways(mask)) for mask in (LEFT, RIGHT) for frames in (8, 16, 40)),
    Attempt(((NOTHING, 8),), NOTHING),
)
WAIT = Attempt(((NOTHING, 32),), NOTHING, is_wait=True)
DASHES = tuple(_dash(then, revs) for then in (RIGHT, LEFT) for revs in (1, 3))
JUMPS = ((JUMP_LEFT, LEFT), (JUMP_RIGHT, RIGHT), (JUMP, LEFT), (JUMP, RIGHT), (JUMP, NOTHING))
"""What is held while rising, and after."""
HOLDS = ((4, 12, 20), (8, 16, 24), (4, 16, 28))
"""Frames that the button is held: one of these sets each time."""


@dataclass(frozen=True)
class Stand:
    """Where the search has come: how, and at what cost (frames and penalties)."""

    state: bytes
    now: Situation
    cost: float
    waited: int = 0
    masks: tuple[int, ...] = ()
    before: "Stand | None" = None

    @property
    def last_mask(self) -> int:
        """What was pressed last, -1 at the beginning."""
        return self.masks[-1] if self.masks else -1

    def cell(self) -> tuple[int, ...]:
        """What tells it from others."""
        now = self.now
        return (now.x // 12, now.feet // 12, now.inertia // 0x80, now.airborne, now.switches, self.waited // 32)


class WaySearch:
    """One search for a way.

    Args:
        sandbox: where moves are tried; it is left anywhere.
        rng: of the lengths of holds and the order of tries.
        dashes: whether spin dashes are tried, too.
    """

    def __init__(self, sandbox: Sandbox, rng: np.random.Generator, goal: Goal, dashes: bool = False) -> None:
        self.sandbox = sandbox
        self.rng = rng
        self.goal = goal
        self.dashes = dashes
        self._queue: list[tuple[float, int, Stand, Attempt]] = []
        self._costs: dict[tuple[int, ...], float] = {}
        self._pushed = 0

    def find(self, state: bytes, budget: int) -> list[int] | None:
        """The way from a savestate to the goal, one mask per frame; None where none was found within `budget` frames."""
        self.sandbox.load(state)
        self._expand(Stand(state, self.sandbox.look(), cost=0.0))
        last = self.sandbox.frames + budget
        while self._queue and self.sandbox.frames < last:
            _, _, stand, attempt = heapq.heappop(self._queue)
            reached = self._try(stand, attempt)
            if reached is None:
                continue
            if reached.now.finished or self.goal.reached(reached.now):
                return _way_to(reached)
            if reached.cost < self._costs.get(reached.cell(), math.inf):
                self._costs[reached.cell()] = reached.cost
                self._expand(reached)
        return None

    def _expand(self, stand: Stand) -> None:
        """Put the moves from here into the queue."""
        for attempt in self._attempts(stand.now):
            cost = stand.cost + attempt.cost(stand.last_mask, frames_of(attempt.runs))
            left = _frames_left_after(attempt, stand.now, self.goal)
            whim = 1.0 + WHIM * float(self.rng.random())
            self._pushed += 1  # the older first, where two are alike
            heapq.heappush(self._queue, ((cost + GREED * left) * whim, self._pushed, stand, attempt))

    def _attempts(self, now: Situation) -> Iterator[Attempt]:
        """Moves to try from here. All are whole numbers of steps long."""
        if now.airborne:
            yield from STEERING
            return
        yield from RUNS
        for hold in self.rng.choice(HOLDS).tolist():
            for up, then in JUMPS:
                yield Attempt(((up, hold),), then, sideways=_sideways(then), rises=40 + 3 * hold)
        if abs(now.inertia) < NEARLY_AT_REST:
            yield WAIT
            yield from DASHES if self.dashes else ()

    def _try(self, stand: Stand, attempt: Attempt) -> Stand | None:
        """Where a move leads; None for a death."""
        self.sandbox.load(stand.state)
        pressed: list[int] = []
        runs = masks_of(attempt.runs)
        now, rings = stand.now, stand.now.rings
        while len(pressed) < len(runs) or (now.airborne and len(pressed) < len(runs) + MOST_FALLING):
            chunk = runs[len(pressed) : len(pressed) + LOOK_FRAMES] or [attempt.then] * LOOK_FRAMES
            for mask in chunk:
                self.sandbox.press(mask)
            pressed += chunk
            now = self.sandbox.look()
            rings = min(rings, now.rings)
            if not now.alive:
                return None
            if self.goal.reached(now) or now.finished:
                break
        cost = attempt.cost(stand.last_mask, len(pressed)) + (rings < stand.now.rings) * LOST_RINGS_COST
        waited = stand.waited + attempt.is_wait * len(pressed)
        return Stand(self.sandbox.save(), now, stand.cost + cost, waited, tuple(pressed), stand)


def _frames_left_after(attempt: Attempt, now: Situation, goal: Goal) -> float:
    """Frames to the goal from where kinematics say that a move leads."""
    frames = frames_of(attempt.runs) + attempt.rises / 4  # and the fall
    speed = now.inertia / 256
    later = speed + attempt.sideways * ACCELERATION * frames
    if speed * attempt.sideways < 0:
        later = speed + attempt.sideways * min(BRAKING * frames, abs(speed))
    later = min(max(later, -TOP_SPEED), TOP_SPEED)
    x = now.x + (speed + later) / 2 * frames
    level = goal.frames_left(x, now.feet, later)
    if attempt.rises:
        return min(level, goal.frames_left(x, now.feet - attempt.rises, later))
    return level


def _way_to(stand: Stand) -> list[int]:
    """What was pressed from the beginning to here."""
    parts: list[tuple[int, ...]] = []
    here: Stand | None = stand
    while here is not None:
        parts.append(here.masks)
        here = here.before
    return [mask for part in reversed(parts) for mask in part]


def leads_to(sandbox: Sandbox, state: bytes, masks: list[int], goal: Goal) -> bool:
    """Whether these masks lead from a savestate to a goal, alive. The sandbox is left where they end."""
    sandbox.load(state)
    for number, mask in enumerate(masks, start=1):
        sandbox.press(mask)
        if number % LOOK_FRAMES == 0 or number == len(masks):
            now = sandbox.look()
            if not now.alive or goal.reached(now):
                return now.alive
    return False
