"""A movie gone through in any direction: forwards, backwards, to any frame. No window in here.

Going back is quick wherever it has been before: savestates are kept on the way. What lies ahead has to be played to be
seen, some two thousand frames per second, so `towards` does it in slices.
"""

import time
from typing import Any

from game.acts import Act
from game.certificate import CERTIFICATE_FRAMES, Certificate, hash_count, ram_hash
from game.emulator import Emulator
from game.movie import Movie
from game.savestate import clean_state
from game.spindash import SpinDash
from record.tape import Mark, Tape


class Playback:
    """Stands at one frame of a movie, the first to begin with; the emulator shows it.

    Attributes:
        movie: what is played.
        at: the frame shown, from 0.
        seen: the last frame that was ever reached.
    """

    def __init__(self, emulator: Emulator, act: Act, movie: Movie) -> None:
        self.emulator = emulator
        self.act = act
        self.movie = movie
        self._masks: list[int] = movie.masks.tolist()
        self._tape = Tape(emulator, act, movie.state)
        self._hashes: list[str] = []
        self._ahead: Mark | None = None
        self._is_picture_away = False
        self.at = -1
        self.seen = -1
        self.step()

    @property
    def last(self) -> int:
        """The movie's last frame."""
        return len(self._masks) - 1

    @property
    def is_at_end(self) -> bool:
        """Whether the last frame is shown."""
        return self.at == self.last

    @property
    def mask(self) -> int:
        """The pad of the frame shown."""
        return self._masks[self.at]

    @property
    def spin_dashes(self) -> list[SpinDash]:
        """Those up to the frame shown."""
        return self._tape.counter.dashes

    @property
    def progress(self) -> float:
        """Where the player stands, 0 to 1 of the whole act."""
        return self._tape.tracker.progress

    @property
    def furthest(self) -> float:
        """The furthest point up to the frame shown, 0 to 1 of the whole act."""
        return self._tape.tracker.furthest

    def step(self) -> None:
        """One frame further, if there is one."""
        if self.is_at_end:
            return
        self.at += 1
        self._is_picture_away = False
        self._tape.step(self.at, self._masks[self.at])
        if self.at > self.seen:
            self.seen = self.at
            self._ahead = None
            if self.at % CERTIFICATE_FRAMES == 0 or self.is_at_end:
                self._hashes.append(ram_hash(self.emulator.ram()))

    def towards(self, frame: int, seconds: float | None = None) -> bool:
        """Go to a frame (the nearest there is), for at most so many seconds; whether it stands there. Call it again if not."""
        frame = min(max(frame, 0), self.last)
        must_redraw = self._is_picture_away and frame == self.at
        if frame < self.at or self._tape.nearest(frame) > self.at or must_redraw:
            self.at = self._tape.go_before(frame) - 1
        until = None if seconds is None else time.perf_counter() + seconds
        while self.at < frame:
            self.step()
            if until is not None and time.perf_counter() > until:
                break
        return self.at == frame

    def look_ahead(self, seconds: float) -> None:
        """For so many seconds, see some of what has not been seen; it stands at the same frame afterwards.

        The emulator's picture is another one then, until the next call of `step` or `towards`.
        """
        if self.seen == self.last:
            return
        here, place = self._tape.mark(), self.at
        if self._ahead is not None:
            self._tape.return_to(self._ahead)
        else:
            self.towards(self.seen)
        self.at = self.seen
        until = time.perf_counter() + seconds
        while not self.is_at_end and time.perf_counter() < until:
            self.step()
        self._ahead = self._tape.mark()
        self._tape.return_to(here)
        self.at = place
        self._is_picture_away = True

    def state(self) -> bytes:
        """A savestate of where it stands: what is played from it comes after the frame shown."""
        return clean_state(self.emulator.get_state())

    def certificate(self) -> Certificate | None:
        """What the movie's replay gives, once it has been seen to its end."""
        if len(self._hashes) < hash_count(len(self._masks)):
            return None
        return Certificate(len(self._masks), tuple(self._hashes))

    def facts(self) -> dict[str, Any]:
        """What it came to up to the frame shown, as of a take."""
        return {"act": self.act.name, "frames": self.at + 1} | self._tape.facts()
