"""Ctrl-C that waits for a good moment."""

import signal
import threading
from types import FrameType, TracebackType


class Interrupt:
    """Use as a context around long work: the first Ctrl-C only sets `asked`, the second stops at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> "Interrupt":
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:  # signals can be handled nowhere else
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        print("stopping at the next whole step (Ctrl-C again: at once)", flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._main:
            signal.signal(signal.SIGINT, self._before)
