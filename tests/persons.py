"""python -m tests.persons KIND [--acts A,B] [--takes N] [--folder movies/quillrush]: takes of a scripted person, for tests.

A kind is the search player with a taste of its own. Its takes are written as a person's (player "human"), so that everything
takes them for one; their sidecars say that they are scripted, and of what kind. They are never part of the shipped movies.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from game.acts import find_act
from game.certificate import Sidecar, certify
from game.emulator import Emulator
from game.games import find_game
from game.tasks import run_tasks
from record.library import write_pair
from record.search.planner import Search, SearchFailed, Taste

PERSONS = {
    "hopper": Taste(hops=0.5, hop_frames=(12, 28), holds=(26, 18, 13, 8), early=True, revs=(1, 2, 3, 4)),
    "roller": Taste(hops=0.0, rolls=0.5, holds=(13, 8, 18, 26), revs=(4, 3, 2, 1)),
}
ACTS = "EmeraldHillZone.Act1,ChemicalPlantZone.Act1,CasinoNightZone.Act1,MysticCaveZone.Act1"


@dataclass(frozen=True)
class Task:
    """One take to make."""

    kind: str
    act: str
    number: int
    path: Path


def play(task: Task) -> str:
    """Search a take with the kind's taste and write it; a line about it. RuntimeError when no seed finishes the act."""
    with Emulator(find_game("quillrush")) as emulator:
        for attempt in range(6):
            seed = 7000 + 100 * list(PERSONS).index(task.kind) + 10 * task.number + attempt
            search = Search(emulator, find_act(task.act), seed, 300_000, PERSONS[task.kind])
            try:
                movie = search.play()
            except SearchFailed:
                continue
            certificate = certify(emulator, movie)
            facts = {"act": task.act, "frames": movie.frames, "finished": True, "scripted": task.kind}
            facts["recorded"] = time.strftime("%Y-%m-%dT%H:%M:%S%z")
            write_pair(task.path, movie, Sidecar("human", certificate, facts))
            return f"{task.path}: {movie.frames} frames"
    raise RuntimeError(f"{task.kind} cannot finish {task.act}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.persons", description=__doc__)
    parser.add_argument("kind", choices=PERSONS)
    parser.add_argument("--acts", default=ACTS)
    parser.add_argument("--takes", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("movies/quillrush"))
    options = parser.parse_args()
    tasks = []
    for act in options.acts.split(","):
        for number in range(options.takes):
            path = options.folder / act / f"{act}-human-{number:03d}.bk2"
            if not path.exists():
                tasks.append(Task(options.kind, act, number, path))
    failed = 0
    for outcome in run_tasks(play, tasks, 2):
        print(outcome.error or outcome.result, flush=True)
        failed += bool(outcome.error)
    return failed


if __name__ == "__main__":
    sys.exit(main())
