"""python -m tests.kills STAGE [--kills N] [--seed S]: a stage is killed and started again, over and over, until it ends.

Half of the blows fall right before the k-th change of the disk that the stage makes (a file opened for writing, renamed,
linked, removed …), the other half at a moment. A stage that was killed is given again, and may be killed again. What it
has done when it ends must equal what an untouched one did, bit for bit; nothing finished may be lost on the way; and no
file half written may stay. The same seed strikes the same blows before changes of the disk.
"""

import argparse
import hashlib
import json
import mmap
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from game.movie import Movie, read_movie, write_movie
from tests.conftest import MOVIES
from tests.resuming import numbers, weights

ACTS = ("EmeraldHillZone.Act1", "WingFortressZone")
CLONING = [
    "--game", "quillrush", "--data", "kills-v0", "--name", "r", "--epochs", "3", "--phases", "1", "--network.hidden", "16",
    "--check-episodes", "1", "--play-every", "1", "--max-frames", "60", "--precision", "float32", "--workers", "1",
]  # fmt: skip
TRAINING = [
    "ppo", "--preset", "smoke", "--init", "none", "--game", "quillrush", "--name", "r", "--network.hidden", "16",
    "--precision", "float32", "--acts", "EmeraldHillZone.Act1", "--num-envs", "2", "--rollout-length", "32",
    "--batch-size", "32", "--max-frames", "160", "--total-steps", "768", "--evaluate-every", "128", "--workers", "1",
]  # fmt: skip
SCORING = [
    "--preset", "smoke", "--game", "quillrush", "--name", "r", "--players", "random", "right-and-jump",
    "--acts", ",".join(ACTS), "--episodes", "3", "--max-frames", "120", "--videos", "1", "--workers", "1",
]  # fmt: skip
CHANGES = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}
"""Events of Python's audit hooks after which the disk is another one."""
LONGEST = 300.0
"""Seconds; a stage that takes longer hangs."""


@dataclass(frozen=True)
class Stage:
    """A stage as it is struck.

    Attributes:
        main: its command line.
        arguments: what it is given.
        result: what it has done when it ends, from the folder it worked in.
        done: how much of it is finished; never less after a kill.
    """

    main: Callable[[list[str]], int]
    arguments: list[str]
    result: Callable[[Path], Any]
    done: Callable[[Path], int]


def stage_of(name: str) -> Stage:
    """A stage by name; imports what it needs, once for all the processes that are forked."""
    if name == "dataset":
        from dataset.cli import main as convert

        arguments = ["convert", "--game", "quillrush", "--name", "kills-v0", "--movies", "movies", "--workers", "1"]
        return Stage(convert, arguments, converted, lambda folder: len(list(folder.glob("data/*/data/movies/*.hdf5"))))
    if name == "supervised":
        from supervised.cli import main as clone

        return Stage(clone, CLONING, lambda folder: trained(folder / "runs/supervised/r"), last_step)
    if name == "finetune":
        import finetune.ppo.learner  # noqa: F401
        from finetune.cli import main as fine_tune

        return Stage(fine_tune, TRAINING, lambda folder: trained(folder / "runs/finetune/r"), last_step)
    from evaluate.cli import main as evaluate

    return Stage(evaluate, SCORING, scored, lambda folder: len(lines(folder / "runs/evaluate/r/episodes.jsonl")))


def converted(folder: Path) -> Any:
    """What all converted movies hold, and the metadata.

    Not the files' bytes: ISA-L deflates the same frames to other bytes now and then, by what lay in its memory.
    """
    data = folder / "data/kills-v0/data"
    contents = {path.name: content_of(path) for path in sorted(data.glob("movies/*.hdf5"))}
    return contents, (data / "metadata.json").read_text()


def content_of(path: Path) -> dict[str, Any]:
    """Every array of a converted movie, and its attributes."""
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        found |= {name: str(value) for name, value in file["episode"].attrs.items()}

        def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Dataset):
                found[name] = hashlib.sha256(item[:].tobytes()).hexdigest()

        file["episode"].visititems(visit)
    return found


def trained(run: Path) -> Any:
    """A training's curves, weights and verdicts."""
    verdicts = [
        json.loads(path.read_text()) for path in sorted(run.glob("*.json")) if path.stem in ("report", "spindash")
    ]
    links = [(run / name).readlink().name for name in ("best", "last")]
    return numbers(run), [array.tobytes() for array in weights(run)], links, verdicts


def scored(folder: Path) -> Any:
    """An evaluation's scores and the movies of its episodes."""
    run = folder / "runs/evaluate/r"
    return json.loads((run / "results.json").read_text())["players"], hashes(sorted(run.rglob("*.bk2")))


def hashes(files: list[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def last_step(folder: Path) -> int:
    """Of a training's last checkpoint."""
    links = list(folder.glob("runs/*/r/last"))
    return int(links[0].readlink().name) if links else 0


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def prepare(folder: Path, name: str) -> None:
    """Two short movies, one for each of two acts; for cloning, converted."""
    for act in ACTS:
        movie = read_movie(MOVIES / act / f"{act}-search-000.bk2")
        path = folder / "movies" / act / f"{act}-search-000.bk2"
        path.parent.mkdir(parents=True)
        write_movie(path, Movie(movie.game_id, movie.state, movie.masks[:400]))
    if name == "supervised":
        untouched(stage_of("dataset"), folder)


class Process:
    """A stage in a process forked from this one, killed before its `kill_at`-th change of the disk (0: never)."""

    def __init__(self, stage: Stage, folder: Path, kill_at: int = 0) -> None:
        self._changes = mmap.mmap(-1, 4)
        self.log = folder / "output.txt"
        self.log.touch()  # a kill may come before the stage can say anything
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                self._watch(folder, kill_at)
                with self.log.open("w") as output:
                    os.dup2(output.fileno(), 1)
                    os.dup2(output.fileno(), 2)
                status = stage.main(stage.arguments)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)

    @property
    def changes(self) -> int:
        """Changes of the disk so far."""
        return int(struct.unpack("<I", self._changes[:])[0])

    def _watch(self, folder: Path, kill_at: int) -> None:
        os.chdir(folder)

        def see(event: str, arguments: tuple[Any, ...]) -> None:
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if not (writes or event in CHANGES) or not isinstance(arguments[0], str | os.PathLike):
                return
            path = os.fspath(arguments[0])
            if isinstance(path, str) and (not path.startswith("/") or path.startswith(str(folder))):
                self._changes[:] = struct.pack("<I", self.changes + 1)
                if self.changes == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(see)

    def wait(self, seconds: float = LONGEST) -> int | None:
        """The exit status, negative for a signal; None while it runs on after so many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        return None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def untouched(stage: Stage, folder: Path) -> tuple[Any, int, float]:
    """(result, changes of the disk, seconds) of a stage that nothing struck."""
    began = time.monotonic()
    process = Process(stage, folder)
    status = process.wait()
    assert status == 0, f"untouched, it ended with {status}:\n{process.log.read_text()}"
    return stage.result(folder), process.changes, time.monotonic() - began


def strike(stage: Stage, folder: Path, rng: random.Random, changes: int, seconds: float) -> tuple[str, int | None]:
    """Start a stage and kill it once: (the blow in words, its exit status)."""
    if rng.random() < 0.5:
        kill_at = rng.randint(1, changes)
        return f"before change {kill_at}", Process(stage, folder, kill_at).wait()
    moment = rng.uniform(0.02, seconds)
    process = Process(stage, folder)
    status = process.wait(moment)
    if status is None:
        process.kill()
        status = -signal.SIGKILL
    return f"after {moment:.2f} s", status


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("stage", choices=("dataset", "supervised", "finetune", "evaluate"))
    parser.add_argument("--kills", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    stage = stage_of(options.stage)
    rng = random.Random(options.seed)
    kills, before_changes, endings = 0, 0, 0
    with tempfile.TemporaryDirectory() as base:
        template = Path(base) / "template"
        prepare(template, options.stage)
        whole = Path(shutil.copytree(template, Path(base) / "whole"))
        expected, changes, seconds = untouched(stage, whole)
        print(f"{options.stage}: untouched: {changes} changes of the disk in {seconds:.1f} s", flush=True)
        while kills < options.kills:
            folder = Path(shutil.copytree(template, Path(base) / f"struck-{endings}"))
            blows: list[str] = []
            done = 0
            status: int | None = -signal.SIGKILL
            while status == -signal.SIGKILL:
                blow, status = strike(stage, folder, rng, changes, seconds)
                blows.append(blow)
                told = f"{blows} -> {status}\n{(folder / 'output.txt').read_text()}"
                assert status in (0, -signal.SIGKILL), told
                assert stage.done(folder) >= done, f"{done} were finished; now {stage.done(folder)}: {told}"
                done = stage.done(folder)
                kills += status != 0
                before_changes += status != 0 and blow.startswith("before")
            assert stage.result(folder) == expected, f"other results: {told}"
            left = [str(path) for path in folder.rglob("*") if path.name.endswith((".part", ".old"))]
            assert not left, f"left behind: {left}: {told}"
            endings += 1
            print(f"{options.stage}: {kills} kills, {endings} times ended the same", flush=True)
    print(f"{options.stage}: {kills} kills ({before_changes} before a change of the disk), {endings} times ended: "
          "the same results to the last bit, nothing finished lost, nothing half written left")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
