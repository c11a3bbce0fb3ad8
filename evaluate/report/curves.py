"""What the training runs behind the players recorded: learning curves and the spin-dash check."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiment.metrics import read_metrics
from experiment.run import Run, portable

Series = tuple[str, tuple[tuple[float, float], ...]]
"""A name and its (step, value) pairs."""


@dataclass(frozen=True)
class ChartPlan:
    """One chart of a training run: its title, each metric's tag with its name, and whether values are shares (0 to 1)."""

    title: str
    names: Mapping[str, str]
    share: bool = False


@dataclass(frozen=True)
class StagePlan:
    """How a stage's runs are shown."""

    title: str
    step_name: str
    css: str
    charts: tuple[ChartPlan, ...]


_CLONING = StagePlan(
    title="Cloning",
    step_name="epochs",
    css="v0",
    charts=(
        ChartPlan("Progress when playing", {"eval/progress": "mean progress"}, share=True),
        ChartPlan("Cross-entropy, nats", {"loss/validation": "validation", "loss/train": "training, weighted"}),
        ChartPlan(
            "Accuracy",
            {
                "episode/change_accuracy": "where the combo changes",
                "episode/accuracy": "all windows",
                "episode/repeat_last": "repeating the last combo",
            },
            share=True,
        ),
    ),
)
_FINE_TUNING = StagePlan(
    title="Fine-tuning",
    step_name="agent steps",
    css="v1",
    charts=(
        ChartPlan(
            "Progress when playing",
            {"eval/progress": "evaluation", "episode/progress": "while training"},
            share=True,
        ),
        ChartPlan("Value loss", {"loss/value": "half squared error"}),
        ChartPlan("Policy, nats", {"loss/kl": "KL from the clone", "loss/entropy": "entropy"}),
    ),
)
PLANS = {"supervised": _CLONING, "finetune": _FINE_TUNING}
"""Stage, as the folder below runs/ is called -> what its metrics are drawn as."""


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
        stage = run.path.resolve().parent.name
        if stage not in PLANS:
            continue
        plan = PLANS[stage]
        lines = read_metrics(run.path / "metrics.jsonl")
        charts = []
        for chart in plan.charts:
            series = _series(chart, lines)
            if series:
                charts.append((chart, series))
        if charts:
            name = portable(run.path)
            trainings.append(Training(name, plan, tuple(charts)))
    return trainings


def _series(chart: ChartPlan, lines: Sequence[dict[str, float]]) -> tuple[Series, ...]:
    """The chart's metrics that have points at all."""
    found = []
    for tag, name in chart.names.items():
        points = []
        for line in lines:
            value = line.get(tag, math.nan)
            if math.isfinite(value):  # not every line has every metric, and a loss may have diverged
                points.append((line["step"], value))
        if points:
            found.append((name, tuple(points)))
    return tuple(found)


def read_spin_dash_check(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The lines of the first spindash.json among the runs: act, expected, dashes, progress, rate, verdict; or none."""
    for run in runs:
        file = run.path / "spindash.json"
        if file.is_file():
            return json.loads(file.read_text())
    return []
