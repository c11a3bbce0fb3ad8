"""python -m bench.side NAME: one side of a comparison in a process of its own, measured when asked to.

Sides are processes because a core allows one emulator each, and because one library's threads must not spin beside
another's. A side is a function that prepares everything and returns a `Measure`. Its name is "module.function", or
"module.function:AxB" for function("A", "B"); the modules are environments, learning and stages (ours) and peers (theirs).
"""

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

from bench.common import ROOT, Timed

MARK = "BENCH "
"""Begins the lines that the bench reads; libraries print others."""


def main() -> int:
    """Prepare the side named on the command line; then measure once for every line on standard input."""
    function, _, settings = sys.argv[1].partition(":")
    prepare = pkgutil.resolve_name(f"bench.{function}")
    measure = prepare(*(value for value in settings.split("x") if value))
    print(f"{MARK}ready", flush=True)
    for _ in sys.stdin:
        measured = measure()
        print(f"{MARK}{json.dumps([measured.count, measured.seconds])}", flush=True)
    return 0


TURBO_PYTHON = "TURBO_PYTHON"
"""The environment variable that names a Python 3.14 with env-stableretro-turbo, for the sides of bench.turbo."""


def interpreter(name: str) -> str:
    """The Python that a side runs in."""
    return os.environ[TURBO_PYTHON] if name.startswith("turbo.") else sys.executable


class SideError(RuntimeError):
    """A side could not be prepared or measured; the message is the end of its output."""


class Side:
    """A side's process. Its working directory is the bench's own, so that it can write runs and data there."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name.replace(':', '-')}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [interpreter(name), "-m", "bench.side", name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=folder,
                env=environment(),
            )
        self._answer()

    def measure(self) -> Timed:
        """One round."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        count, seconds = json.loads(self._answer())
        return Timed(count, seconds)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(MARK):
                return line.removeprefix(MARK).strip()
        self.close()
        raise SideError(f"{self.name} ended:\n{self._log.read_text()[-2000:]}")

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)

    def __enter__(self) -> "Side":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def environment() -> dict[str, str]:
    """Of every process the bench starts."""
    return os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "SDL_VIDEODRIVER": "dummy"}


def run_python(code: str) -> str:
    """The last line that Python code prints, run in a process of its own; CalledProcessError when it fails."""
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


if __name__ == "__main__":
    raise SystemExit(main())
