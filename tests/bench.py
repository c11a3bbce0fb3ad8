"""python -m tests.bench: converting against the bare core, in pairs on the same movies with all cores busy.

Not a test: it times. Prints frames a second of both and the ratio of each round, and saves runs/bench.json.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import stable_retro

from dataset.convert import Task, convert_movie
from game.emulator import Emulator
from game.games import find_game
from game.movie import read_movie, replay
from game.observation import ObservationSpec
from game.workers import core_count, run_tasks
from tests.conftest import MOVIES

ROUNDS = 5
MOVIES_A_ROUND = 12


def bare_replay(path: Path) -> int:
    """Replay one movie and look at nothing: what the core itself costs."""
    with Emulator(find_game("quillrush")) as emulator:
        return sum(1 for _ in replay(emulator, read_movie(path)))


def convert_to(folder: Path, path: Path) -> int:
    """Convert one movie; returns its frames."""
    convert_movie(Task(path, folder / f"{path.stem}.hdf5", "quillrush", ObservationSpec()))
    return read_movie(path).frames


def rate(function: Callable[[Path], int], movies: list[Path]) -> float:
    """Frames a second with one worker a core, from the first result on (starting processes is not counted)."""
    frames, began = 0, 0.0
    for outcome in run_tasks(function, movies):
        if outcome.error:
            raise RuntimeError(outcome.error)
        if not began:
            began = time.perf_counter()
        else:
            frames += outcome.result
    return frames / (time.perf_counter() - began)


def main() -> int:
    """Measure and print."""
    movies = sorted(MOVIES.rglob("*.bk2"))[:: max(len(list(MOVIES.rglob("*.bk2"))) // MOVIES_A_ROUND, 1)][
        :MOVIES_A_ROUND
    ]
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(ROUNDS):
            bare, converting = rate(bare_replay, movies), rate(partial(convert_to, Path(folder)), movies)
            rounds.append({"bare": bare, "converting": converting, "ratio": converting / bare})
            print(
                f"round {number + 1}: bare core {bare:.0f} frames/s, converting {converting:.0f}: {converting / bare:.2f}"
            )
    median = statistics.median(line["ratio"] for line in rounds)
    print(f"median ratio {median:.2f} on {core_count()} cores")
    machine = {"cores": core_count(), "python": platform.python_version(), "stable_retro": stable_retro.__version__}
    target = Path("runs") / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"machine": machine, "rounds": rounds, "median_ratio": median}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
