"""Sixty frames a second, counted honestly."""

import time
from collections.abc import Callable

FRAMES_PER_SECOND = 60.0
_SPIN_SECONDS = 0.0012
"""The last stretch before a frame is due is waited out awake; sleeping is not that exact."""
_FAR_BEHIND = 15
"""Frames behind after which the clock starts anew instead of being chased (the machine slept, the window was dragged)."""


class Pacer:
    """Call `wait` once a frame.

    A frame that comes more than one period late is *dropped*: the game goes on, its picture should not be drawn.

    Attributes:
        frames: periods gone by since the count began.
        dropped: those of them in which no new picture was shown.
        worst: the longest delay seen, in seconds.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._period = 1.0 / FRAMES_PER_SECOND
        self._due = clock()
        self.reset()

    def reset(self) -> None:
        """Count from nothing again (a new take)."""
        self.frames = self.dropped = 0
        self.worst = 0.0

    def restart(self) -> None:
        """Forget how late it is: something that takes its time (saving, a dialog) was meant to."""
        self._due = self._clock()

    def wait(self) -> bool:
        """Wait for the next frame's time; returns whether its picture is worth drawing (False: too late already)."""
        self._due += self._period
        self.frames += 1
        late = self._clock() - self._due
        self.worst = max(self.worst, late)
        if late > _FAR_BEHIND * self._period:
            missed = int(late / self._period)
            self.frames += missed
            self.dropped += missed
            self._due = self._clock()
            return True
        if late > self._period:
            self.dropped += 1
            return False
        if late < -_SPIN_SECONDS:
            self._sleep(-late - _SPIN_SECONDS)
        while self._clock() < self._due:
            pass
        return True

    def summary(self) -> str:
        """One line for people."""
        share = self.dropped / max(self.frames, 1)
        return f"{self.frames} frames, {self.dropped} dropped ({share:.2%}), worst delay {max(self.worst, 0) * 1000:.0f} ms"
