"""Ctrl-C and SIGTERM that let the step under way finish."""

import signal
import threading
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a stage as Ctrl-C does."""


class Interrupt:
    """Use as a context around long work: the first signal only sets `asked`, the second stops at once.

    Attributes:
        asked: whether to stop; the work looks at it after each whole step.
    """

    def __init__(self) -> None:
        self.asked = False
        self._kind: type[KeyboardInterrupt] = KeyboardInterrupt

    def __enter__(self) -> "Interrupt":
        self._handlers_before = {}
        if threading.current_thread() is threading.main_thread():  # Python handles signals nowhere else
            for number in SIGNALS:
                self._handlers_before[number] = signal.signal(number, self._handle)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._kind = Terminated if number == signal.SIGTERM else KeyboardInterrupt
        if self.asked:
            raise self._kind
        self.asked = True
        print("stopping at the next whole step (Ctrl-C again: at once)", flush=True)

    def stop_if_asked(self) -> None:
        """Call it after each whole step. KeyboardInterrupt when a signal has come."""
        if self.asked:
            raise self._kind

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
