"""What a run would take on this machine: measured for half a minute, nothing kept."""

import math
import multiprocessing
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from common.cores import core_count
from experiment.run import RunError, portable
from finetune.config import StageConfig
from finetune.learners import LearnerEntry
from finetune.stage import choose_parent
from game.acts import training_acts
from game.games import choose_game
from game.machine import processor_name
from policy.checkpoint import Checkpoint
from training.loop import Learner

SECONDS = float(os.environ.get("PLAN_SECONDS", "20"))
"""Of measuring, after one update that compiles; the environment variable is for tests."""
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


def plan(entry: LearnerEntry, config: StageConfig) -> Measured:
    """Measure updates of this configuration and print what the whole run would take."""
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    config = replace(config, game=game.name, strict=False)
    parent, origin = parent_or_none(config)
    print(f"measuring {entry.name}, {origin}, for about half a minute on {processor_name()}", flush=True)
    measured = measure(entry.make(config, parent))
    print("\n".join(report(config, measured)))
    return measured


def parent_or_none(config: StageConfig) -> tuple[Checkpoint | None, str]:
    """The checkpoint training would begin from; without one, from scratch."""
    try:
        parent = choose_parent(config)
    except RunError:
        return None, "from scratch (there is no clone yet)"
    if parent is None:
        return None, "from scratch"
    return parent, f"from {portable(parent.path)}"


def measure(learner: Learner) -> Measured:
    """Some updates of any learner, which is closed afterwards."""
    try:
        learner.update()  # compiles
        first = learner.steps
        acting = 0.0
        began = time.monotonic()
        while learner.steps == first or time.monotonic() - began < SECONDS:
            metrics, _ = learner.update()
            acting += metrics["time/acting"]
        seconds = time.monotonic() - began
        steps = learner.steps - first
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint"
            learner.save(checkpoint, {})
            checkpoint_bytes = sum(file.stat().st_size for file in checkpoint.iterdir())
        processes = [process.pid or 0 for process in multiprocessing.active_children()]
        return Measured(
            steps_per_second=steps / seconds,
            acting_per_second=steps / acting,
            own_bytes=resident_bytes(os.getpid()),
            worker_bytes=max(map(resident_bytes, processes), default=0),
            workers=len(processes),
            checkpoint_bytes=checkpoint_bytes,
        )
    finally:
        learner.close()


def resident_bytes(pid: int) -> int:
    """The most memory a process has held so far; 0 where the system (not Linux) does not tell."""
    file = Path(f"/proc/{pid}/status")
    lines = file.read_text().splitlines() if file.is_file() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def report(config: StageConfig, measured: Measured) -> list[str]:
    """The plan as lines of text."""
    return [
        *row("speed", speed(config, measured)),
        *row("this run", *_run_time(config, measured)),
        *row("others", _other_lengths(config, measured)),
        *row("memory", memory(measured)),
        *row("disk", _disk(config, measured)),
        *row(
            "processor",
            f"{core_count()} cores; with more cores come more emulator processes (docs/performance.md)",
        ),
    ]


def row(name: str, *texts: str) -> list[str]:
    """A named line, and further ones below it without a name."""
    names = [name] + [""] * (len(texts) - 1)
    return [f"  {name:11}{text}" for name, text in zip(names, texts, strict=True)]


def speed(config: StageConfig, measured: Measured) -> str:
    """How quick, in words."""
    frames_per_second = measured.steps_per_second * config.frame_skip
    # what is not acting is learning
    learning = 1.0 - measured.steps_per_second / measured.acting_per_second
    return (
        f"{measured.steps_per_second:,.0f} agent steps/s = {frames_per_second:,.0f} frames/s, "
        f"{learning:.0%} of the time in gradient steps"
    )


def _evaluations(config: StageConfig) -> int:
    """How many evaluations a whole run makes; the last one may come after fewer steps."""
    return math.ceil(config.planned_steps / config.evaluate_every)


def _run_time(config: StageConfig, measured: Measured) -> tuple[str, str]:
    """How long training takes, and how long at most with its evaluations."""
    training = config.total_steps / measured.steps_per_second
    evaluations = _evaluations(config)
    episodes = config.evaluate_episodes * len(training_acts(config.acts, config.contest_split))
    longest_steps = episodes * config.max_frames / config.frame_skip  # no episode ends early
    longest = longest_steps / measured.acting_per_second
    return (
        f"{config.total_steps:,} steps: {duration(training)} of training",
        f"and {evaluations} evaluations of {episodes} episodes, at most {duration(longest)} each: "
        f"at most {duration(training + evaluations * longest)} in all",
    )


def _other_lengths(config: StageConfig, measured: Measured) -> str:
    texts = []
    for steps in LENGTHS:
        if steps != config.total_steps:
            texts.append(f"{steps:,}: {duration(steps / measured.steps_per_second)}")
    return f"{', '.join(texts)} of training"


def memory(measured: Measured) -> str:
    """How much is held, in words."""
    total = measured.own_bytes + measured.workers * measured.worker_bytes
    return (
        f"{total / 1e9:.1f} GB: {measured.own_bytes / 1e9:.1f} here, "
        f"{measured.worker_bytes / 1e9:.2f} in each of {measured.workers} emulator processes"
    )


def _disk(config: StageConfig, measured: Measured) -> str:
    evaluations = _evaluations(config)  # each leaves a checkpoint
    total = evaluations * measured.checkpoint_bytes
    free = shutil.disk_usage(Path.cwd()).free
    return (
        f"{total / 1e9:.2f} GB: {evaluations} checkpoints of {measured.checkpoint_bytes / 1e6:.0f} MB; "
        f"{free / 1e9:.0f} GB free"
    )


def duration(seconds: float) -> str:
    """Hours and minutes, or seconds where it is short."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
