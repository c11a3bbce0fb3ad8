"""Sixty frames per second, and how many of them came too late."""

import time
from collections.abc import Callable

from game.rules import FRAMES_PER_SECOND

_SPIN_SECONDS = 0.0012
"""The last stretch before a frame is due is waited out awake; sleeping is not that exact."""
_FAR_BEHIND = 15
"""Frames behind after which the clock starts anew instead of being chased (the machine slept, the window was dragged)."""


class Pacer:
    """Call `wait` once per frame.

    Attributes:
        worst: the longest delay, in seconds.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._period = 1.0 / FRAMES_PER_SECOND
        self._due = clock()
        self.worst = 0.0

    def restart(self) -> None:
        """Forget how late it is: what has just taken its time (saving, a dialog) was meant to."""
        self._due = self._clock()

    def wait(self) -> tuple[int, int]:
        """Wait until the next frame is due.

        Returns:
            (dropped, periods): how many of the periods gone by (1, unless the machine stood still) show no new picture.
            A frame more than one period late is dropped: the game goes on, and drawing it would only make the next
            one late too.
        """
        self._due += self._period
        late = self._clock() - self._due
        self.worst = max(self.worst, late)
        if late > _FAR_BEHIND * self._period:
            missed = int(late / self._period)
            self._due = self._clock()
            return missed, missed + 1
        if late > self._period:
            return 1, 1
        if late < -_SPIN_SECONDS:
            self._sleep(-late - _SPIN_SECONDS)
        while self._clock() < self._due:
            pass
        return 0, 1
