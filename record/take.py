"""One take, frame by frame: masks, who pressed them, rewinding, the certificate. No window and no clock in here.

A take always holds one clean movie: rewinding truncates it. Line 0 is idle, as stable-retro's playback assumes. The
certificate is collected while playing; `check_replay` proves afterwards that the movie gives it again.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Literal

import numpy as np

from game.acts import Act
from game.certificate import CERTIFICATE_FRAMES, Certificate, Certifier, ram_hash
from game.emulator import Emulator
from game.movie import Movie, replay
from game.spindash import SpinDash
from record.journal import WHO, Journal, NullJournal
from record.tape import Tape

SETTLE_FRAMES = 60
"""Frames recorded after the act is finished."""
DRILL_FRAMES = 90
"""Frames a drill's take goes on after its spin dash."""

Goal = Literal["act", "spindash"]


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
        self.journal = journal or NullJournal()
        self._tape = Tape(emulator, act, state)
        self._masks: list[int] = []
        self._who = bytearray()
        self._hashes: list[str] = []
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
        return self._tape.counter.dashes

    @property
    def start_state(self) -> bytes:
        """The savestate it begins from."""
        return self._tape.start_state

    @property
    def progress(self) -> float:
        """Where the player stands, 0 to 1 of the whole act."""
        return self._tape.tracker.progress

    @property
    def furthest(self) -> float:
        """The furthest point so far, 0 to 1 of the whole act."""
        return self._tape.tracker.furthest

    def press(self, mask: int, who: str = "human") -> None:
        """One frame with this pad held by `who` ("human" or "policy")."""
        frame = len(self._masks)
        self._masks.append(mask)
        self._who.append(WHO.index(who))
        self.journal.frame(mask, who)
        self._tape.step(frame, mask)
        if frame % CERTIFICATE_FRAMES == 0:
            self._hashes.append(ram_hash(self.emulator.ram()))

    def rewind_to(self, frame: int) -> None:
        """Truncate the take so that `frame` is its last line; the emulator stands there again, its picture drawn."""
        frame = max(frame, 0)
        if frame >= self.frames - 1:
            return
        self.journal.rewind(frame)
        del self._masks[frame + 1 :], self._who[frame + 1 :]
        del self._hashes[frame // CERTIFICATE_FRAMES + 1 :]
        for again in range(self._tape.go_before(frame), frame + 1):
            self._tape.step(again, self._masks[again])
        self._tape.forget_after(frame)

    @property
    def finished(self) -> bool:
        """Whether the game calls the act done."""
        return self._tape.finished_at is not None

    @property
    def died(self) -> bool:
        """Whether a life was lost, or the player left for a special stage."""
        return self._tape.tracker.died

    @property
    def over(self) -> bool:
        """Whether the take has come to its end by itself."""
        if self.died:
            return True
        if self.goal == "spindash" and self.spin_dashes:
            launch = self.spin_dashes[0].frame + self.spin_dashes[0].frames
            return self.frames > launch + DRILL_FRAMES
        if self._tape.finished_at is None:
            return False
        return self._tape.tracker.has_left or self.frames > self._tape.finished_at + SETTLE_FRAMES

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
        facts = {"act": self.act.name, "frames": self.frames} | self._tape.facts()
        return facts | {"segments": self.segments()}


def check_replay(emulator: Emulator, movie: Movie, expected: Certificate) -> Iterator[int]:
    """Replay a movie, yielding each frame. ValueError names the frame from which it is known to differ."""
    certifier = Certifier(movie.frames)
    for frame in replay(emulator, movie):
        certifier.see(frame, emulator)
        yield frame
    differs = expected.divergence(certifier.certificate())
    if differs is not None:
        raise ValueError(f"the replay differs from what was played at frame {differs} of {movie.frames}")
