"""What the training runs behind the players say of themselves: learning curves and the spin-dash check."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluate.players import shorten
from experiment.metrics import read_metrics
from experiment.run import Run

Series = tuple[str, tuple[tuple[float, float], ...]]
"""A name and its (step, value) pairs."""


@dataclass(frozen=True)
class ChartPlan:
    """One chart of a training run: its title, the metrics' tags with their names, and whether values are shares."""

    title: str
    tags: tuple[tuple[str, str], ...]
    share: bool = False


@dataclass(frozen=True)
class StagePlan:
    """How a stage's runs are shown."""

    title: str
    step_name: str
    css: str
    charts: tuple[ChartPlan, ...]


PLANS = {
    "supervised": StagePlan(
        "Cloning", "epochs", "v0",
        (
            ChartPlan("Progress when playing", (("eval/progress", "mean progress"),), share=True),
            ChartPlan("Cross-entropy, nats", (("loss/validation", "validation"), ("loss/train", "training, weighted"))),
            ChartPlan("Accuracy", (("episode/change_accuracy", "where the combo changes"),
                                   ("episode/accuracy", "all windows"),
                                   ("episode/repeat_last", "repeating the last combo")), share=True),
        ),
    ),
    "finetune": StagePlan(
        "Fine-tuning", "agent steps", "v1",
        (
            ChartPlan("Progress when playing", (("eval/progress", "evaluation"),
                                                ("episode/progress", "while training")), share=True),
            ChartPlan("Value loss", (("loss/value", "half squared error"),)),
            ChartPlan("Policy, nats", (("loss/kl", "KL from the clone"), ("loss/entropy", "entropy"))),
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Training:
    """A run's metrics, ready to draw: for each chart of the plan that has any points, its named series."""

    name: str
    plan: StagePlan
    charts: tuple[tuple[ChartPlan, tuple[Series, ...]], ...]


def read_training(runs: Sequence[Run]) -> list[Training]:
    """The learning curves of runs whose stage is known and that wrote metrics."""
    trainings = []
    for run in runs:
        plan = PLANS.get(run.path.resolve().parent.name)
        lines = read_metrics(run.path / "metrics.jsonl")
        charts = [(chart, _series(chart, lines)) for chart in plan.charts] if plan else []
        drawn = tuple((chart, series) for chart, series in charts if series)
        if plan and drawn:
            trainings.append(Training(shorten(run.path), plan, drawn))
    return trainings


def _series(chart: ChartPlan, lines: Sequence[dict[str, float]]) -> tuple[Series, ...]:
    found = []
    for tag, name in chart.tags:
        points = tuple((line["step"], line[tag]) for line in lines if math.isfinite(line.get(tag, math.nan)))
        if points:
            found.append((name, points))
    return tuple(found)


def read_spin_dash_check(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The lines of the first spindash.json among the runs: act, expected, dashes, progress, rate, verdict; or none."""
    for run in runs:
        file = run.path / "spindash.json"
        if file.is_file():
            return json.loads(file.read_text())
    return []
