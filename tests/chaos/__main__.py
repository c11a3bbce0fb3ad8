"""python -m tests.chaos [--seed N] [--blows N]: a small training from movies to scores, struck again and again.

Between and inside the stages a process is killed (SIGKILL, SIGTERM, SIGINT), the disk is filled, or a file that a stage left
is damaged. Whatever happens, a stage must end with a status it may end with and never in a traceback; the same commands
must then lead to the same scores and weights as a training that nothing struck. The same seed strikes the same blows.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.resuming import ENVIRONMENT, numbers, weights

ROOT = Path(__file__).resolve().parents[2]
ACTS = ("EmeraldHillZone.Act1", "WingFortressZone")
SMALL = ["--game", "quillrush", "--preset", "smoke"]
STAGES = {
    "dataset": ["convert", "--game", "quillrush", "--name", "smoke-v0", "--workers", "1"],
    "supervised": [*SMALL, "--name", "c", "--epochs", "2", "--play-every", "1", "--precision", "float32"],
    "finetune": ["ppo", *SMALL, "--name", "f", "--precision", "float32"],
    "evaluate": [*SMALL, "--name", "e", "--players", "right", "clone", "finetuned", "--videos", "0"],
}
STATUSES = {0, 1, 2, 130, 143, -signal.SIGKILL}
"""What a stage may end with: done, in part, not at all, stopped, killed."""
LONGEST = 0.9
"""When a blow falls, at most: a share of the time that the untouched stage takes."""


@dataclass
class World:
    """A folder in which all stages run, and what has happened there."""

    folder: Path
    log: list[str] = field(default_factory=list)

    def command(self, stage: str) -> list[str]:
        """A stage's command line."""
        arguments = list(STAGES[stage])
        if stage == "dataset":
            movies = [ROOT / "movies" / "quillrush" / act / f"{act}-search-{n:03d}.bk2" for act in ACTS for n in (0, 1)]
            arguments += ["--movies", *map(str, movies)]
        return [sys.executable, "-m", stage, *arguments]

    def run(self, stage: str, strike: "Blow | None" = None) -> int:
        """Run a stage, struck or not; its exit status. AssertionError when it ends as no stage may."""
        process = subprocess.Popen(
            self.command(stage), cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        if strike is not None:
            strike.fall(process, self.folder)
        output, _ = process.communicate(timeout=900)
        if strike is not None:
            strike.lift(self.folder)
        status = process.returncode
        self.log.append(f"{stage}: {strike or 'untouched'} -> {status}")
        print(self.log[-1], flush=True)
        assert status in STATUSES, f"{stage} ended with {status}:\n{output}"
        assert "Traceback" not in output, output
        return status

    def result(self) -> dict[str, object]:
        """What nothing that happened may change."""
        runs = self.folder / "runs"
        results = json.loads((runs / "evaluate" / "e" / "results.json").read_text())
        return {
            "scores": [player["acts"] for player in results["players"]],
            "weights": [w.tobytes() for w in weights(runs / "finetune" / "f")],
            "clone": numbers(runs / "supervised" / "c"),
            "curves": numbers(runs / "finetune" / "f"),
        }


@dataclass
class Blow:
    """What strikes a stage, and when."""

    kind: str
    after: float
    victim: float
    """Which file is damaged, as a share of all there are."""

    def __str__(self) -> str:
        return f"{self.kind} after {self.after:.1f} s"

    def fall(self, process: subprocess.Popen, folder: Path) -> None:
        """Wait for the moment, and strike."""
        deadline = time.monotonic() + self.after
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        if self.kind == "damage":
            damage(folder, self.victim)
        elif self.kind == "full disk":
            fill(folder)
        elif process.poll() is None:
            process.send_signal(getattr(signal, self.kind))

    def lift(self, folder: Path) -> None:
        """What a user does about it: make room, and delete what the stage's message named as damaged."""
        (folder / "ballast").unlink(missing_ok=True)


def damage(folder: Path, victim: float) -> None:
    """Turn some bytes of one file that can be made again; finished runs' scores are the user's to delete."""
    files = sorted(path for path in (folder / "data").rglob("*.hdf5") if path.is_file())
    if files:
        path = files[int(victim * len(files)) % len(files)]
        content = bytearray(path.read_bytes())
        for place in range(0, len(content), max(len(content) // 7, 1)):
            content[place] ^= 0xFF
        path.write_bytes(content)


def fill(folder: Path) -> None:
    """Take all room on the disk, where the disk is a small one of our own."""
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    if free < 1 << 30:
        with (folder / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - 4096, 1))


def mounted(folder: Path) -> bool:
    """Put a small disk of its own under a folder, where that is allowed."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700m", "tmpfs", str(folder)], check=False)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--blows", type=int, default=20)
    options = parser.parse_args()
    print(
        f"seed {options.seed}: `python -m tests.chaos --seed {options.seed} --blows {options.blows}` strikes the same"
    )
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as base:
        calm = World(Path(base) / "calm")
        struck = World(Path(base) / "struck")
        for world in (calm, struck):
            world.folder.mkdir()
        has_disk = mounted(struck.folder)
        kinds = ["SIGKILL", "SIGKILL", "SIGTERM", "SIGINT", "damage", *(["full disk"] if has_disk else [])]
        try:
            seconds = {}
            for stage in STAGES:
                began = time.monotonic()
                assert calm.run(stage) == 0
                seconds[stage] = time.monotonic() - began
            blows_left = options.blows
            for number, stage in enumerate(STAGES):
                share = blows_left // (len(STAGES) - number)
                for _ in range(share):
                    struck.run(stage, Blow(rng.choice(kinds), rng.uniform(0.0, LONGEST) * seconds[stage], rng.random()))
                blows_left -= share
                tries = 0
                while struck.run(stage) != 0:
                    struck.run("dataset")  # what was damaged is converted again
                    tries += 1
                    assert tries < 4, f"{stage} cannot be ended"
            assert struck.result() == calm.result(), f"seed {options.seed}: other numbers than an untouched training"
        finally:
            if has_disk:
                subprocess.run(["umount", str(struck.folder)], check=False)
    print(f"seed {options.seed}: {options.blows} blows, the same numbers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
