"""A play that can be gone back in: what counts at its frames, and savestates on the way."""

import zlib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from game.acts import Act
from game.emulator import Emulator
from game.rules import ActTracker, rule_variables
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES, clean_state
from game.spindash import SpinDashCounter

KEYFRAME_FRAMES = 10
"""Frames between two savestates kept."""
KEYFRAME_BYTES = 256 << 20
"""Memory they may take (about half an hour of play); then the oldest go, and going back that far replays from the start."""


def first_x(emulator: Emulator, act: Act) -> int:
    """Where an act begins, in pixels: progress counts from there. The emulator stands at the act's start afterwards."""
    emulator.set_state(emulator.game.start_state(act))
    return emulator.peek("x")


def facts_of(
    peek: Callable[[str], int], tracker: ActTracker, counter: SpinDashCounter, finished: bool
) -> dict[str, Any]:
    """What a play has come to, as its sidecar says it. `reached`: the furthest point, 0 to 1 of the whole act."""
    return {
        "rings": peek("rings"),
        "score": peek("score"),
        "x": peek("x"),
        "reached": round(tracker.furthest, 4),
        "finished": finished,
        "died": tracker.died,
        "spin_dashes": len(counter.dashes),
        "spin_dash_revs": [dash.revs for dash in counter.dashes],
    }


@dataclass(frozen=True)
class Keyframe:
    """Where a play stood after a frame, to go back to."""

    frame: int
    state: bytes  # compressed, the core's own data only
    counter: dict[str, Any]
    tracker: dict[str, Any]


@dataclass(frozen=True)
class Mark:
    """Where a play stands, to come back to at once."""

    state: bytes
    counter: dict[str, Any]
    tracker: dict[str, Any]
    finished_at: int | None


class Tape:
    """The emulator in the hands of one play; whoever plays it keeps the masks.

    Args:
        state: a savestate inside the act to begin with; None for the act's start. Progress is that of the whole act.

    Attributes:
        start_state: what the play begins from, clean.
        tracker: how far the player has come at the frame the emulator shows.
        counter: the spin dashes up to it.
        finished_at: the frame, if any up to it, since which the game has called the act done.
    """

    def __init__(self, emulator: Emulator, act: Act, state: bytes | None = None) -> None:
        self.emulator = emulator
        start_x = first_x(emulator, act)
        self.start_state = clean_state(state or emulator.game.start_state(act))
        emulator.set_state(self.start_state)
        self.counter = SpinDashCounter()
        self.tracker = ActTracker.begin(act, rule_variables(emulator.peek), start_x)
        self.finished_at: int | None = None
        self._start_tracker = self.tracker.get_state()
        self._keyframes: list[Keyframe] = []
        self._keyframe_bytes = 0

    def step(self, frame: int, mask: int) -> None:
        """The emulator plays frame `frame` with this pad."""
        peek = self.emulator.peek
        self.emulator.step(mask)
        self.tracker.update(rule_variables(peek))
        self.counter.update(frame, mask, flag=peek("spindash_flag"), inertia=peek("inertia"), x=peek("x"))
        if self.finished_at is None and self.tracker.finished:
            self.finished_at = frame
        if frame % KEYFRAME_FRAMES == 0 and (not self._keyframes or self._keyframes[-1].frame < frame):
            self._keep(frame)

    def _keep(self, frame: int) -> None:
        state = zlib.compress(self.emulator.get_state()[:CORE_DATA_BYTES], 1)
        self._keyframes.append(Keyframe(frame, state, self.counter.get_state(), self.tracker.get_state()))
        self._keyframe_bytes += len(state)
        while self._keyframe_bytes > KEYFRAME_BYTES:
            self._keyframe_bytes -= len(self._keyframes.pop(0).state)

    def nearest(self, frame: int) -> int:
        """The frame after which `go_before(frame)` would stand; -1 when it would be at the start."""
        # a savestate holds no picture, so begin at least one frame earlier
        usable = bisect_left(self._keyframes, frame, key=lambda keyframe: keyframe.frame)
        return self._keyframes[usable - 1].frame if usable else -1

    def go_before(self, frame: int) -> int:
        """Stand somewhere before `frame`, as near as the savestates allow; returns the frame to be stepped next.

        Once `frame` is stepped, the emulator shows its picture.
        """
        usable = bisect_left(self._keyframes, frame, key=lambda keyframe: keyframe.frame)
        if usable:
            keyframe = self._keyframes[usable - 1]
            self._restore(zlib.decompress(keyframe.state), keyframe.counter, keyframe.tracker)
            stands_at = keyframe.frame
        else:
            self._restore(self.start_state, SpinDashCounter().get_state(), self._start_tracker)
            stands_at = -1
        if self.finished_at is not None and self.finished_at > stands_at:
            self.finished_at = None
        return stands_at + 1

    def mark(self) -> Mark:
        """Where it stands."""
        state = self.emulator.get_state()
        return Mark(state, self.counter.get_state(), self.tracker.get_state(), self.finished_at)

    def return_to(self, mark: Mark) -> None:
        """Stand there again; the emulator's picture stays another one until the next step."""
        self._restore(mark.state, mark.counter, mark.tracker)
        self.finished_at = mark.finished_at

    def _restore(self, state: bytes, counter: dict[str, Any], tracker: dict[str, Any]) -> None:
        self.emulator.set_state(state.ljust(CORE_STATE_BYTES, b"\0"))
        self.counter.set_state(counter)
        self.tracker.set_state(tracker)

    def facts(self) -> dict[str, Any]:
        """What the play has come to at the frame the emulator shows."""
        return facts_of(self.emulator.peek, self.tracker, self.counter, self.finished_at is not None)

    def forget_after(self, frame: int) -> None:
        """Drop the savestates of later frames: something else will be played there."""
        kept = bisect_left(self._keyframes, frame + 1, key=lambda keyframe: keyframe.frame)
        self._keyframe_bytes -= sum(len(keyframe.state) for keyframe in self._keyframes[kept:])
        del self._keyframes[kept:]
