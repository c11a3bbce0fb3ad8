"""Progress of long work: a bar on a terminal, a line every few seconds in a log."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LOG_SECONDS = 10.0
"""Between two lines where there is no terminal."""


class Tracker:
    """Use as a context; `advance` it, with a few words on how things stand."""

    def __init__(self, description: str, total: float, unit: str, done: float = 0) -> None:
        self._description, self._total, self._unit = description, total, unit
        self._done = self._first = done
        self._began = self._said = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> "Tracker":
        if sys.stdout.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            rest = (TimeRemainingColumn(), TextColumn("{task.fields[rate]} {task.fields[status]}"))
            self._bar = Progress(*columns, *rest, console=Console())
            self._bar.start()
            self._task = self._bar.add_task(
                self._description, total=self._total, completed=int(self._done), rate="", status=""
            )
        else:
            print(f"{self._description}: {self._total:g} {self._unit} to do, {self._done:g} done already", flush=True)
        return self

    def advance(self, amount: float = 1, status: str = "") -> None:
        """So much more is done."""
        self._done += amount
        now = time.monotonic()
        rate = (self._done - self._first) / max(now - self._began, 1e-9)
        if self._bar:
            self._bar.update(self._task, completed=self._done, rate=f"{rate:.3g} {self._unit}/s", status=status)
        elif now - self._said >= LOG_SECONDS:
            self._said = now
            left = (self._total - self._done) / rate if rate else float("inf")
            share = f"{self._done:g}/{self._total:g} {self._unit}, {rate:.3g}/s, {left:.0f} s left"
            print(f"{self._description}: {share} {status}".rstrip(), flush=True)

    def say(self, text: str) -> None:
        """A line that stays."""
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
            print(f"{self._description}: {self._done:g} {self._unit} done in {elapsed:.0f} s", flush=True)
