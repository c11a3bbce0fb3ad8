"""Where a movie can begin: at any frame from which its rest still plays as it did, behind one idle frame.

A movie's line 0 must be idle (stable-retro's playback drops it). Where the frame asked for, or the one before it, is idle
already, the rest plays exactly as before. Elsewhere an idle frame is put in front: in place of the frame before, or as one
frame more. The player then stands a little elsewhere, so the rest is replayed and compared, frame by frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from game.acts import Act
from game.certificate import ram_hash
from game.emulator import Emulator
from game.movie import Movie, replay
from game.rules import ActTracker, rule_variables
from game.savestate import clean_state
from game.spindash import SpinDashCounter
from record.tape import facts_of, first_x

AROUND_FRAMES = 30
"""How far from the frame asked for a beginning is looked for."""
NEAR_PIXELS = 16
"""How far from where it was the player may be, at any frame, for the rest to count as played as it was."""


@dataclass(frozen=True)
class Beginning:
    """One way to begin a movie in the middle of another.

    Attributes:
        frame: the first of the old movie's frames that is in the new one.
        idle: what the new line 0 is: that frame itself ("own"), an idle one in place of the frame before it
            ("replaced"), or one frame more ("added").
    """

    frame: int
    idle: Literal["own", "replaced", "added"]

    @property
    def state_frame(self) -> int:
        """The new movie begins with the state before this frame of the old one."""
        return self.frame - (self.idle == "replaced")

    @property
    def lead(self) -> int:
        """Lines of the new movie before `frame`."""
        return int(self.idle != "own")

    def masks(self, movie: Movie, last: int) -> np.ndarray:
        """uint16 [frames], the new movie's lines."""
        kept = movie.masks[self.frame : last + 1]
        return kept if self.idle == "own" else np.concatenate([np.zeros(1, np.uint16), kept])


@dataclass(frozen=True)
class Course:
    """What happened in a stretch of play, by frame of the old movie.

    Attributes:
        places: (x, y) in pixels, by frame.
        launches: frames at which a spin dash was let go.
        facts: what it came to, as a sidecar says it.
        ram: hash at its end.
    """

    places: dict[int, tuple[int, int]]
    launches: tuple[int, ...]
    facts: dict[str, Any]
    ram: str


@dataclass(frozen=True)
class Found:
    """A beginning that works.

    Attributes:
        state: the savestate of the new movie.
        apart: how far from where it was the player is at most, in pixels.
        exact: whether nothing differs, RAM at the end included.
        facts: what the new movie comes to, as a sidecar says it.
    """

    beginning: Beginning
    state: bytes
    apart: int
    exact: bool
    facts: dict[str, Any]


def find_beginning(emulator: Emulator, movie: Movie, act: Act, first: int, last: int) -> Found | None:
    """The nearest beginning to `first` from which the frames to `last` play as they did; None when there is none."""
    reach = range(max(first - AROUND_FRAMES - 1, 0), min(first + AROUND_FRAMES, last - 1) + 1)
    states = states_before(emulator, movie, reach)
    runner = Runner(emulator, act)
    expected = runner.run(states[first], Beginning(first, "own"), movie.masks[first : last + 1])
    assert expected is not None
    for beginning in _beginnings(movie.masks, first, reach):
        state = states[beginning.state_frame]
        course = runner.run(state, beginning, beginning.masks(movie, last), expected)
        if course is None:
            continue
        apart = max(_apart(place, expected.places.get(frame)) for frame, place in course.places.items())
        exact = course.ram == expected.ram and apart == 0
        if exact or beginning.idle != "own":
            return Found(beginning, state, apart, exact, course.facts)
    return None


def _beginnings(masks: np.ndarray, first: int, reach: range) -> Iterator[Beginning]:
    """All that can be tried, the nearest to `first` first."""
    for distance in range(AROUND_FRAMES + 1):
        for frame in dict.fromkeys((first - distance, first + distance)):
            if frame not in reach:
                continue
            if masks[frame] == 0:
                yield Beginning(frame, "own")
                continue
            if frame - 1 in reach:
                idle_before = masks[frame - 1] == 0
                yield Beginning(frame - 1, "own") if idle_before else Beginning(frame, "replaced")
            yield Beginning(frame, "added")


def states_before(emulator: Emulator, movie: Movie, frames: range) -> dict[int, bytes]:
    """Clean savestates from which each of these frames of a movie is played next."""
    states = {0: clean_state(movie.state)} if 0 in frames else {}
    for frame in replay(emulator, movie):
        if frame + 1 in frames:
            states[frame + 1] = clean_state(emulator.get_state())
        if frame + 1 >= frames.stop:
            break
    return states


class Runner:
    """Plays stretches of an act."""

    def __init__(self, emulator: Emulator, act: Act) -> None:
        self._emulator = emulator
        self._act = act
        self._start_x = first_x(emulator, act)

    def run(
        self, state: bytes, beginning: Beginning, masks: np.ndarray, expected: Course | None = None
    ) -> Course | None:
        """Play a stretch; None as soon as it is not what was `expected`."""
        peek = self._emulator.peek
        self._emulator.set_state(state)
        tracker = ActTracker.begin(self._act, rule_variables(peek), self._start_x)
        counter = SpinDashCounter()
        places: dict[int, tuple[int, int]] = {}
        launches = []
        finished = False
        for frame, mask in enumerate(masks.tolist(), beginning.frame - beginning.lead):
            self._emulator.step(mask)
            tracker.update(rule_variables(peek))
            finished = finished or tracker.finished
            if counter.update(frame, mask, flag=peek("spindash_flag"), inertia=peek("inertia"), x=peek("x")):
                launches.append(frame)
            if frame < beginning.frame:
                continue
            places[frame] = (peek("x"), peek("y"))
            if expected and _apart(places[frame], expected.places.get(frame)) > NEAR_PIXELS:
                return None
        facts = facts_of(peek, tracker, counter, finished)
        course = Course(places, tuple(launches), facts, ram_hash(self._emulator.ram()))
        return course if expected is None or _is_same_end(course, expected) else None


def _is_same_end(course: Course, expected: Course) -> bool:
    """Whether both ended the same way, after the same spin dashes where both have been."""
    both_from = max(min(course.places), min(expected.places)) + 1
    dashes = [sum(frame >= both_from for frame in launches) for launches in (course.launches, expected.launches)]
    same = all(course.facts[name] == expected.facts[name] for name in ("finished", "died", "rings"))
    return same and dashes[0] == dashes[1]


def _apart(place: tuple[int, int], expected: tuple[int, int] | None) -> int:
    """In pixels, along the larger of the two axes; 0 where nothing is expected."""
    if expected is None:
        return 0
    return max(abs(place[0] - expected[0]), abs(place[1] - expected[1]))


def nearest_idle(masks: np.ndarray, first: int, last: int) -> list[int]:
    """The idle frames nearest to `first`, one on either side where there is one: there a cut is exact."""
    idle = np.flatnonzero(masks[:last] == 0).tolist()
    before = [frame for frame in idle if frame <= first]
    after = [frame for frame in idle if frame > first]
    return before[-1:] + after[:1]
