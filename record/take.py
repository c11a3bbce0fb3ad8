"""One take, frame by frame: masks, who pressed them, rewinding, the certificate. No window and no clock in here.

A take always holds one clean movie: rewinding truncates it. Line 0 is idle, as stable-retro's playback assumes. The
certificate is collected while playing; `check_replay` proves afterwards that the movie gives it again.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np

from game.acts import Act
from game.certificate import CERTIFICATE_FRAMES, Certificate, Certifier, ram_hash
from game.emulator import Emulator
from game.movie import Movie, replay
from game.rules import ActTracker, rule_variables
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES, clean_state
from game.spindash import SpinDash, SpinDashCounter
from record.journal import WHO, Journal, NullJournal

KEYFRAME_FRAMES = 10
"""Frames between two savestates kept for rewinding."""
KEYFRAME_BYTES = 256 << 20
"""Memory they may take (about half an hour of play); then the oldest go, and rewinding that far replays from the start."""
SETTLE_FRAMES = 60
"""Frames recorded after the act is finished."""
DRILL_FRAMES = 90
"""Frames a drill's take goes on after its spin dash."""

Goal = Literal["act", "spindash"]


@dataclass(frozen=True)
class Keyframe:
    """The moment after line `frame` was pressed."""

    frame: int
    state: bytes  # compressed, the core's own data only
    counter: dict[str, Any]
    tracker: dict[str, Any]


class Take:
    """A take of one act.

    Args:
        state: a savestate inside the act to begin with; None for the act's start.
        who: presses the idle first line.
        goal: what ends the take by itself: the act's end, or a spin dash (a drill). A death always does.
    """

    def __init__(
        self,
        emulator: Emulator,
        act: Act,
        state: bytes | None = None,
        journal: Journal | NullJournal | None = None,
        who: str = "human",
        goal: Goal = "act",
    ) -> None:
        self.emulator = emulator
        self.act = act
        self.goal = goal
        self.start_state = clean_state(state or emulator.game.start_state(act))
        self.journal = journal or NullJournal()
        emulator.set_state(self.start_state)
        self._counter = SpinDashCounter()
        self._tracker = ActTracker.begin(act, rule_variables(emulator.peek))
        self._start_tracker = self._tracker.get_state()
        self._masks: list[int] = []
        self._who = bytearray()
        self._hashes: list[str] = []
        self._keyframes: list[Keyframe] = []
        self._keyframe_bytes = 0
        self._finished_at: int | None = None
        self.press(0, who)

    @property
    def frames(self) -> int:
        """Lines of the movie so far."""
        return len(self._masks)

    @property
    def mask(self) -> int:
        """The pad of the last frame."""
        return self._masks[-1]

    @property
    def masks(self) -> np.ndarray:
        """uint16 [frames]."""
        return np.array(self._masks, np.uint16)

    @property
    def spin_dashes(self) -> list[SpinDash]:
        return self._counter.dashes

    def press(self, mask: int, who: str = "human") -> None:
        """One frame with this pad held by `who` ("human" or "policy")."""
        frame = len(self._masks)
        self._masks.append(mask)
        self._who.append(WHO.index(who))
        self.journal.frame(mask, who)
        self._step(frame)
        if frame % CERTIFICATE_FRAMES == 0:
            self._hashes.append(ram_hash(self.emulator.ram()))
        if frame % KEYFRAME_FRAMES == 0:
            self._keep(frame)
        if self._finished_at is None and self._tracker.finished:
            self._finished_at = frame

    def _step(self, frame: int) -> None:
        mask = self._masks[frame]
        peek = self.emulator.peek
        self.emulator.step(mask)
        self._tracker.update(rule_variables(peek))
        self._counter.update(frame, mask, flag=peek("spindash_flag"), inertia=peek("inertia"), x=peek("x"))

    def _keep(self, frame: int) -> None:
        state = zlib.compress(self.emulator.get_state()[:CORE_DATA_BYTES], 1)
        self._keyframes.append(Keyframe(frame, state, self._counter.get_state(), self._tracker.get_state()))
        self._keyframe_bytes += len(state)
        while self._keyframe_bytes > KEYFRAME_BYTES:
            self._keyframe_bytes -= len(self._keyframes.pop(0).state)

    def rewind_to(self, frame: int) -> None:
        """Truncate the take so that `frame` is its last line; the emulator stands there again, its picture drawn."""
        frame = max(frame, 0)
        if frame >= self.frames - 1:
            return
        self.journal.rewind(frame)
        del self._masks[frame + 1 :], self._who[frame + 1 :]
        del self._hashes[frame // CERTIFICATE_FRAMES + 1 :]
        if self._finished_at is not None and self._finished_at > frame:
            self._finished_at = None
        # a savestate holds no picture, so begin at least one frame earlier
        usable = bisect_left(self._keyframes, frame, key=lambda keyframe: keyframe.frame)
        if usable:
            keyframe = self._keyframes[usable - 1]
            self._restore(zlib.decompress(keyframe.state), keyframe.counter, keyframe.tracker)
            first = keyframe.frame + 1
        else:
            self._restore(self.start_state, SpinDashCounter().get_state(), self._start_tracker)
            first = 0
        for again in range(first, frame + 1):
            self._step(again)
        kept = bisect_left(self._keyframes, frame + 1, key=lambda keyframe: keyframe.frame)
        self._keyframe_bytes -= sum(len(keyframe.state) for keyframe in self._keyframes[kept:])
        del self._keyframes[kept:]

    def _restore(self, state: bytes, counter: dict[str, Any], tracker: dict[str, Any]) -> None:
        self.emulator.set_state(state.ljust(CORE_STATE_BYTES, b"\0"))
        self._counter.set_state(counter)
        self._tracker.set_state(tracker)

    @property
    def finished(self) -> bool:
        """Whether the game calls the act done."""
        return self._finished_at is not None

    @property
    def died(self) -> bool:
        """Whether a life was lost, or the player left for a special stage."""
        return self._tracker.died

    @property
    def over(self) -> bool:
        """Whether the take has come to its end by itself."""
        if self.died:
            return True
        if self.goal == "spindash" and self.spin_dashes:
            launch = self.spin_dashes[0].frame + self.spin_dashes[0].frames
            return self.frames > launch + DRILL_FRAMES
        if self._finished_at is None:
            return False
        return self._tracker.has_left or self.frames > self._finished_at + SETTLE_FRAMES

    @property
    def is_empty(self) -> bool:
        """Whether nobody has pressed anything yet."""
        return not any(self._masks)

    def movie(self) -> Movie:
        return Movie(self.emulator.game.retro_id, self.start_state, self.masks)

    def certificate(self) -> Certificate:
        """What a replay must give. Only while the emulator stands at the take's last frame."""
        last = self.frames - 1
        final = () if last % CERTIFICATE_FRAMES == 0 else (ram_hash(self.emulator.ram()),)
        return Certificate(self.frames, (*self._hashes, *final))

    def who_played(self) -> set[str]:
        return {WHO[tag] for tag in self._who}

    def segments(self) -> list[list[Any]]:
        """Who pressed which frames, as runs: [["policy", 812], ["human", 240], …]."""
        return [[WHO[tag], len(list(run))] for tag, run in groupby(self._who)]

    def facts(self) -> dict[str, Any]:
        """What the sidecar says of the take's end, for people."""
        peek = self.emulator.peek
        return {
            "act": self.act.name,
            "frames": self.frames,
            "rings": peek("rings"),
            "score": peek("score"),
            "x": peek("x"),
            "finished": self.finished,
            "died": self.died,
            "spin_dashes": len(self.spin_dashes),
            "spin_dash_revs": [dash.revs for dash in self.spin_dashes],
            "segments": self.segments(),
        }


def check_replay(emulator: Emulator, movie: Movie, expected: Certificate) -> Iterator[int]:
    """Replay a movie, yielding each frame. ValueError names the frame from which it is known to differ."""
    certifier = Certifier(movie.frames)
    for frame in replay(emulator, movie):
        certifier.see(frame, emulator)
        yield frame
    differs = expected.divergence(certifier.certificate())
    if differs is not None:
        raise ValueError(f"the replay differs from what was played at frame {differs} of {movie.frames}")
