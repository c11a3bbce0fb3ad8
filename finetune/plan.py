"""What a run would take on this machine: measured for half a minute, nothing kept."""

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from experiment.run import Run, RunError, portable
from finetune.ppo.config import Config, fitted
from finetune.ppo.learner import Learner, choose_clone
from game.acts import select_acts
from game.games import choose_game
from game.workers import core_count
from policy.checkpoint import Checkpoint
from policy.device import describe

SECONDS = 20.0
"""Of measuring, after one update that compiles."""
LENGTHS = (200_000, 1_000_000, 2_000_000, 10_000_000)


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes:
        steps_per_second: agent steps, end to end; acting_per_second: in rollouts alone.
        own_bytes, worker_bytes: peak resident memory of this process and of each of `workers` emulator processes (0: unknown).
        checkpoint_bytes: on disk.
    """

    steps_per_second: float
    acting_per_second: float
    own_bytes: int
    worker_bytes: int
    workers: int
    checkpoint_bytes: int


def plan(config: Config) -> Measured:
    """Measure updates of this configuration and print what the whole run would take."""
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    config = fitted(replace(config, game=game.name, force=True))
    clone, origin = _clone(config)
    print(f"measuring {origin} for about half a minute on {describe(config.precision)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Learner(config, clone, Run.scratch(Path(folder))))
    print("\n".join(report(config, measured)))
    return measured


def _clone(config: Config) -> tuple[Checkpoint | None, str]:
    """The checkpoint training would begin from; without one, from scratch."""
    try:
        clone = choose_clone(config)
    except RunError:
        return None, "training from scratch (there is no clone yet)"
    return clone, f"training from {portable(clone.path)}" if clone else "training from scratch"


def measure(learner: Learner) -> Measured:
    """Some updates of a learner, which is closed afterwards."""
    c = learner.config
    try:
        learner.improve()
        acting, updates, began = 0.0, 0, time.monotonic()
        while not updates or time.monotonic() - began < SECONDS:
            learner.update_number += 1
            updates += 1
            acting += learner.improve()["time/acting"]
        seconds, steps = time.monotonic() - began, updates * c.steps_per_update
        checkpoint = learner._save({})
        size = sum(file.stat().st_size for file in checkpoint.iterdir())
        workers = len(learner.pool.process_ids)
        own, worker = resident_bytes(os.getpid()), max(map(resident_bytes, learner.pool.process_ids))
    finally:
        learner.close()
    return Measured(steps / seconds, steps / acting, own, worker, workers, size)


def resident_bytes(pid: int) -> int:
    """The most memory a process has held so far; 0 where the system (not Linux) does not tell."""
    file = Path(f"/proc/{pid}/status")
    lines = file.read_text().splitlines() if file.is_file() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def report(config: Config, m: Measured) -> list[str]:
    """The plan as lines of text."""
    frames = m.steps_per_second * config.frame_skip
    learning = 1.0 - m.steps_per_second / m.acting_per_second
    evaluations = -(-config.updates // config.evaluate_every)
    episodes = config.evaluate_episodes * len(select_acts(config.acts, config.contest_split))
    longest = episodes * config.max_frames / config.frame_skip / m.acting_per_second
    training = config.total_steps / m.steps_per_second
    disk = evaluations * m.checkpoint_bytes
    memory = m.own_bytes + m.workers * m.worker_bytes
    free = shutil.disk_usage(Path.cwd()).free
    others = ", ".join(f"{n:,}: {duration(n / m.steps_per_second)}" for n in LENGTHS if n != config.total_steps)
    lines = {
        "speed": f"{m.steps_per_second:,.0f} agent steps/s = {frames:,.0f} frames/s, "
        f"{learning:.0%} of the time in gradient steps",
        "this run": f"{config.total_steps:,} steps: {duration(training)} of training",
        "": f"and {evaluations} evaluations of {episodes} episodes, at most {duration(longest)} each: "
        f"at most {duration(training + evaluations * longest)} in all",
        "others": f"{others} of training",
        "memory": f"{memory / 1e9:.1f} GB: {m.own_bytes / 1e9:.1f} here, "
        f"{m.worker_bytes / 1e9:.2f} in each of {m.workers} emulator processes",
        "disk": f"{disk / 1e9:.2f} GB: {evaluations} checkpoints of {m.checkpoint_bytes / 1e6:.0f} MB; "
        f"{free / 1e9:.0f} GB free",
        "processor": f"{core_count()} cores; with more cores come more emulator processes (docs/performance.md)",
    }
    return [f"  {name:11}{text}" for name, text in lines.items()]


def duration(seconds: float) -> str:
    """Hours and minutes, or seconds where it is short."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
