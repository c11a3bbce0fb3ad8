"""Progress of long work: a bar on a terminal, a line every few seconds in a log."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from common.words import counted

LOG_SECONDS = 10.0
"""Between two lines where there is no terminal."""

FOLLOW_SECONDS = 0.5
"""Between two looks at how much is done."""


class ProgressBar:
    """Use as a context; `advance` it, with a few words on how things stand.

    Args:
        description: what is being done, as "converting movies".
        total: units of work in all.
        unit: what is counted, in a plural that ends in s, as "movies".
        done: units done by an earlier process; they do not count towards the rate.
    """

    def __init__(self, description: str, total: float, unit: str, done: float = 0) -> None:
        self._description = description
        self._total = total
        self._unit = unit
        self._done = done
        self._done_before = done
        self.status = ""
        """A few words on how things stand, shown beside the count."""
        self._began = time.monotonic()
        self._last_line = self._began
        self._bar: Progress | None = None

    def __enter__(self) -> "ProgressBar":
        if not sys.stdout.isatty():
            print(f"{self._description}: {self._what_is_to_do()}", flush=True)
            return self
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[rate]} {task.fields[status]}"),
            console=Console(),
        )
        self._bar.start()
        self._task = self._bar.add_task(
            self._description, total=self._total, completed=int(self._done), rate="", status=""
        )
        return self

    def _what_is_to_do(self) -> str:
        left = counted(self._total - self._done, self._unit)
        return f"{left} to do, {self._done:g} done already" if self._done else f"{left} to do"

    def advance(self, amount: float = 1, status: str = "") -> None:
        """Count `amount` more units as done; `status` stands beside them."""
        self.status = status
        self._show(self._done + amount)

    @contextmanager
    def following(self, done: Callable[[], float]) -> Iterator[None]:
        """For as long as the block lasts, show how much `done` says is done, also in the middle of a long unit."""
        over = threading.Event()

        def follow() -> None:
            while not over.wait(FOLLOW_SECONDS):
                self._show(done())

        follower = threading.Thread(target=follow, daemon=True, name="progress")
        follower.start()
        try:
            yield
        finally:
            over.set()
            follower.join()
            self._show(done())

    def _show(self, done: float) -> None:
        self._done = done
        if self._bar:
            self._bar.update(self._task, completed=done, rate=self._rate_text(), status=self.status)
            return
        now = time.monotonic()
        if now - self._last_line >= LOG_SECONDS:
            self._last_line = now
            print(f"{self._description}: {self._log_text()} {self.status}".rstrip(), flush=True)

    def _rate(self) -> float:
        """Units per second of this process; 0 while nothing is done."""
        elapsed = time.monotonic() - self._began
        if elapsed <= 0:
            return 0.0
        return (self._done - self._done_before) / elapsed

    def _rate_text(self) -> str:
        rate = self._rate()
        if rate <= 0:
            return ""
        return f"{rate:.3g} {self._unit}/s"

    def _log_text(self) -> str:
        done = f"{self._done:.6g}/{counted(self._total, self._unit)}"
        rate = self._rate()
        if rate <= 0:  # nothing to reckon the time left from
            return done
        seconds_left = (self._total - self._done) / rate
        return f"{done}, {rate:.3g}/s, {seconds_left:.0f} s left"

    def say(self, text: str) -> None:
        """Print a line that stays above the bar."""
        if self._bar:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            print(text, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()
        elif kind is None:
            elapsed = time.monotonic() - self._began
            print(f"{self._description}: {counted(self._done, self._unit)} done in {elapsed:.0f} s", flush=True)
