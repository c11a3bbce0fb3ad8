"""The loop around every learner: resume, update, evaluate on schedule, keep the best, stop, Ctrl-C.

A learner knows nothing of runs, files' names, schedules or progress bars; the loop knows nothing of what is learnt. It is
the only user of Run, metrics and progress.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from experiment.interrupt import Interrupt
from experiment.metrics import METRICS, PROGRESS, FileMetrics, read_metrics
from experiment.progress import ProgressBar
from experiment.run import CANDIDATE, Run
from game.rollout import Episode
from policy.checkpoint import read_info


class Learner(Protocol):
    """What the loop asks of a learner. No base class: any object with these methods will do."""

    @property
    def device(self) -> Mapping[str, Any]:
        """What its numbers depend on besides the seed (precision, threads …), as JSON values; {} for nothing."""

    @property
    def steps(self) -> float:
        """How much has been learnt from, in the unit of the schedule; whole between updates. The x axis of everything."""

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One unit of learning: (metrics with tags loss/ and time/, the episodes that ended on the way)."""

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        """Write a checkpoint that policy.players.load opens and from which `restore` goes on to the same numbers."""

    def restore(self, path: Path) -> None:
        """Go back to a checkpoint of this run."""

    def close(self) -> None:
        """Free processes and memory."""


@dataclass(frozen=True)
class Schedule:
    """When to do what, in the learner's steps.

    Attributes:
        total: when training is over.
        evaluate_every: steps between two evaluations (0: only one); the end is always evaluated.
        unchanged_until: steps before which the policy is the one it began with; it is evaluated once, at the start, and
            not again before it moves. -1: what it began with is not worth an evaluation.
        checkpoint_every: steps between two checkpoints without an evaluation (0: none of these).
        patience: evaluations without a new best after which training stops (0: never).
        title, unit: for the progress bar, as "fine-tuning" and "steps".
    """

    total: int
    evaluate_every: int
    unchanged_until: int = 0
    checkpoint_every: int = 0
    patience: int = 0
    title: str = "training"
    unit: str = "steps"


def train(
    learner: Learner,
    schedule: Schedule,
    run: Run,
    evaluate: Callable[[Path], float],
    start_metrics: Mapping[str, float] | None = None,
) -> Path:
    """Train until the steps are used up or nothing improves; goes on from the run's last checkpoint.

    Args:
        run: held by the caller (Run.held).
        evaluate: checkpoint folder -> mean progress, 0 to 1.
        start_metrics: of the checkpoint at step 0, which says what the learner began with.

    Returns:
        The best checkpoint.

    Raises:
        KeyboardInterrupt: asked to stop; the run goes on from here when it is started again.
    """
    return _Training(learner, schedule, run, evaluate).train(start_metrics or {})


class _Training:
    def __init__(self, learner: Learner, schedule: Schedule, run: Run, evaluate: Callable[[Path], float]) -> None:
        self._learner = learner
        self._schedule = schedule
        self._run = run
        self._evaluate = evaluate
        last = run.linked("last")
        if last is not None:
            learner.restore(last)
            print(f"going on from {schedule.unit} {learner.steps:g} of {run.path}")
        for difference in run.note_machine(learner.device):
            print(f"note: {difference}; the numbers will not be those of an unbroken run")
        # lines after the checkpoint are dropped: the run goes through those steps again and writes the same
        self._metrics = FileMetrics(run.path, int(learner.steps) if last else -1)
        self._evaluations = [line[PROGRESS] for line in read_metrics(run.path / METRICS) if PROGRESS in line]
        self._is_new = last is None

    def train(self, start_metrics: Mapping[str, float]) -> Path:
        learner = self._learner
        schedule = self._schedule
        try:
            with (
                Interrupt() as interrupt,
                ProgressBar(schedule.title, schedule.total, schedule.unit, learner.steps) as bar,
                bar.following(lambda: learner.steps),
            ):
                # a run that was stopped before its first checkpoint is a new one
                if self._is_new and schedule.unchanged_until >= 0:
                    self._evaluate_start(bar, start_metrics)
                    interrupt.stop_if_asked()
                while learner.steps < schedule.total and not self._is_stale():
                    self._update(bar, interrupt)
                    interrupt.stop_if_asked()
        finally:
            self._metrics.close()
        return self._run.best

    def _evaluate_start(self, bar: ProgressBar, start_metrics: Mapping[str, float]) -> None:
        """How well the learner plays before it has learnt anything: what every later checkpoint has to beat."""
        values = dict(start_metrics)
        values[PROGRESS] = self._play(values)
        self._metrics.write(0, values)
        self._keep(values)
        bar.say(f"{self._schedule.unit} 0: mean progress {values[PROGRESS]:.1%}, before any learning")

    def _update(self, bar: ProgressBar, interrupt: Interrupt) -> None:
        """One update, and what is due after it."""
        learner = self._learner
        before = learner.steps
        began = time.monotonic()
        values, episodes = learner.update()
        _check_finite(values, learner.steps)
        values["time/steps_per_second"] = (learner.steps - before) / (time.monotonic() - began)
        values |= episode_metrics(episodes)
        # played before anything is kept, so that a checkpoint is never without its figure
        evaluated = self._is_evaluation_due(before)
        if evaluated:
            values[PROGRESS] = self._play(values)
        # before the link `last`: a kill in between only makes these steps be repeated
        self._metrics.write(int(learner.steps), values)
        if evaluated or interrupt.asked or self._is_due(self._schedule.checkpoint_every, before):
            self._keep(values)
        bar.status = f"return {values['episode/return']:.1f}" if "episode/return" in values else ""
        if evaluated or self._is_due(self._schedule.checkpoint_every, before):
            bar.say(f"{self._schedule.unit} {learner.steps:g}: {self._describe(values)}")

    def _describe(self, values: Mapping[str, float]) -> str:
        """How things stand, and whether what was learnt so far is better than what was there at the start."""
        if PROGRESS not in values:
            return ", ".join(f"{tag} {value:.3f}" for tag, value in values.items() if tag.startswith("loss/"))
        text = f"mean progress {values[PROGRESS]:.1%}"
        if self._schedule.unchanged_until >= 0 and len(self._evaluations) > 1:
            text += f" (at the start {self._evaluations[0]:.1%}, best {max(self._evaluations):.1%})"
        return text

    def _is_evaluation_due(self, before: float) -> bool:
        if self._learner.steps >= self._schedule.total:
            return True
        has_moved = self._learner.steps > self._schedule.unchanged_until
        return has_moved and self._is_due(self._schedule.evaluate_every, before)

    def _is_due(self, every: int, before: float) -> bool:
        """Whether a multiple of `every` was reached by this update."""
        return every > 0 and int(before) // every < int(self._learner.steps) // every

    def _play(self, values: Mapping[str, float]) -> float:
        """The mean progress of the learner as it is now."""
        candidate = self._run.checkpoints / CANDIDATE
        self._learner.save(candidate, values)
        try:
            return self._evaluate(candidate)
        finally:
            shutil.rmtree(candidate, ignore_errors=True)

    def _keep(self, values: Mapping[str, float]) -> None:
        """Save a checkpoint; it is the last, and the best when it was evaluated and went furthest so far."""
        checkpoint = self._run.checkpoints / f"{int(self._learner.steps):09d}"
        self._learner.save(checkpoint, values)
        if PROGRESS in values:
            # strictly better only: of equals, the earlier one needed less training
            best_before = max(self._evaluations, default=-1.0)
            self._evaluations.append(values[PROGRESS])
            if values[PROGRESS] > best_before:
                self._run.link("best", checkpoint)
        # after `best`, so that whoever goes on from `last` knows the best so far
        self._run.link("last", checkpoint)

    def _is_stale(self) -> bool:
        """Whether so many evaluations as patience allows have brought no new best."""
        if not self._schedule.patience or not self._evaluations:
            return False
        # argmax takes the first of equals, as _keep does
        since_best = len(self._evaluations) - 1 - int(np.argmax(self._evaluations))
        return since_best >= self._schedule.patience


def _check_finite(values: Mapping[str, float], step: float) -> None:
    """RuntimeError when a loss is no number: nothing learnt after that would be worth keeping."""
    for tag, value in values.items():
        if not np.isfinite(value):
            raise RuntimeError(
                f"training has diverged: {tag} is {value} at step {step:g}. "
                "The last checkpoint is whole; a lower --learning-rate may help."
            )


def progress_of(checkpoint: Path) -> float:
    """The mean progress a checkpoint was evaluated at."""
    return read_info(checkpoint).metrics[PROGRESS]


def episode_metrics(episodes: Iterable[Episode]) -> dict[str, float]:
    """Means over the episodes that ended in an update; nothing when none did.

    `episode/return` is the sum of what the learner was paid, `episode/score` the contest's score of the same episodes: of
    those from the act's start, as the others were paid for a part of the act. How many ended, and died, is of all.
    """
    found = list(episodes)
    if not found:
        return {}
    metrics = {"episode/count": float(len(found)), "episode/died": _mean(found, "died")}
    whole = [episode for episode in found if episode.began_at == 0.0]
    if whole:
        metrics |= {
            "episode/return": _mean(whole, "episode_return"),
            "episode/score": _mean(whole, "score"),
            "episode/progress": _mean(whole, "progress"),
            "episode/frames": _mean(whole, "frames"),
            "episode/spin_dashes": _mean(whole, "spin_dashes"),
            "episode/passed": _mean(whole, "passed_end_x"),
        }
    return metrics


def _mean(episodes: Iterable[Episode], attribute: str) -> float:
    return float(np.mean([getattr(episode, attribute) for episode in episodes]))
