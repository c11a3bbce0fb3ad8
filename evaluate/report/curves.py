"""What the training runs behind the players recorded, ready to draw: learning curves, and what they ran on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluate.report.recorded import Say, read_curves, read_machine
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


LARGEST = 1e12
"""Values beyond are not drawn: a loss that has diverged would leave nothing else to be seen, and axes end somewhere."""


@dataclass(frozen=True)
class Training:
    """A run's metrics, ready to draw.

    Attributes:
        charts: for each chart of the plan that has any points, its named series.
        machine: precision, device and the like, in the run's own words; "" for a run that recorded none.
    """

    name: str
    plan: StagePlan
    charts: tuple[tuple[ChartPlan, tuple[Series, ...]], ...]
    machine: str = ""


def read_training(runs: Sequence[Run], say: Say) -> list[Training]:
    """The learning curves of runs whose stage is known and that wrote metrics; `say` is told what had to be left out."""
    trainings = []
    for run in runs:
        stage = run.path.resolve().parent.name
        if stage not in PLANS:
            continue
        plan = PLANS[stage]
        tags = [tag for chart in plan.charts for tag in chart.names]
        curves = read_curves(run, tags, say)
        charts = []
        for chart in plan.charts:
            series = _series(chart, curves)
            if series:
                charts.append((chart, series))
        if charts:
            machine = ", ".join(f"{name} {value}" for name, value in read_machine(run, say).items())
            trainings.append(Training(portable(run.path), plan, tuple(charts), machine))
    return trainings


def _series(chart: ChartPlan, curves: Mapping[str, Sequence[tuple[float, float]]]) -> tuple[Series, ...]:
    """The chart's metrics that have points at all."""
    found = []
    for tag, name in chart.names.items():
        points = [(step, value) for step, value in curves.get(tag, ()) if _can_be_drawn(step, value)]
        if points:
            found.append((name, tuple(points)))
    return tuple(found)


def _can_be_drawn(step: float, value: float) -> bool:
    return 0 <= step <= LARGEST and math.isfinite(value) and abs(value) <= LARGEST
